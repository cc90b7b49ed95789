"""The worked examples, to the number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checklists import rank, score
from checklists.checking import schema, validator
from checklists.model import Value
from checklists.scoring import rounded_percent
from tests.unit.checklists.make import WORKSHOP, answers, kmu_check, quick_check, read

GOLDEN = Path(__file__).parent / "workshop.json"


def test_all_yes():
    result = score(kmu_check(), answers(kmu_check()))
    assert (result.points, result.points_max, result.points_min) == (47, 47, -30)
    assert result.statement == "all_met"
    assert result.next == ()


def test_all_no():
    result = score(kmu_check(), answers(kmu_check(), parts="no"))
    assert (result.points, result.points_max, result.points_min) == (-30, 47, -30)
    assert result.statement == "top_gaps"
    assert [area.percent for area in result.areas] == [0] * 6
    assert len(result.top_open) == 10


def test_no_gate_applies():
    result = score(kmu_check(), answers(kmu_check(), gates="no"))
    assert (result.points, result.points_max, result.points_min) == (42, 42, -30)
    assert result.statement == "all_met"


def test_the_workshop():
    result = score(kmu_check(), answers(kmu_check(), but=WORKSHOP))
    assert (result.points, result.points_max, result.points_min) == (25, 46, -30)
    assert (result.range, result.if_clarified, result.complete) == ((25, 25), 31, True)
    assert result.statement == "top_gaps"
    assert dict(result.counts) == {
        "met": 20,
        "partly": 5,
        "not_met": 0,
        "unknown": 1,
        "open": 0,
        "not_applicable": 1,
    }
    assert result.top_open == ("org-lead", "idm-mfa", "bak-restore")
    assert [(area.id, area.points, area.points_max, area.percent) for area in result.areas] == [
        ("org", 3, 9, 33),
        ("idm", 5, 11, 45),
        ("bak", 3, 9, 33),
        ("upd", 4, 5, 80),
        ("mal", 4, 5, 80),
        ("net", 6, 7, 86),
    ]
    assert [step.measure for step in result.next[:3]] == [
        "m-mfa-mail",
        "m-backup-restore-test",
        "m-lead-statement",
    ]


def test_the_workshop_with_one_question_open():
    but = WORKSHOP | {"bak-offline-copy": None}
    result = score(kmu_check(), answers(kmu_check(), but=but))
    assert (result.points, result.points_max, result.points_min) == (None, 46, -30)
    assert (result.range, result.if_clarified, result.complete) == ((19, 25), None, False)
    assert result.statement == "incomplete"
    backup = next(area for area in result.areas if area.id == "bak")
    assert (backup.points, backup.points_max, backup.percent) == (None, 9, None)


def test_the_workshop_gives_the_same_bytes_on_every_python():
    result = score(kmu_check(), answers(kmu_check(), but=WORKSHOP)).as_json()
    assert json.dumps(result, indent=1) + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_an_open_requirement_with_a_gap_can_no_longer_be_met():
    but = {"bak-restore-test": "no", "bak-restore-plan": None}
    assert score(kmu_check(), answers(kmu_check(), but=but)).range == (41, 41)


def test_nothing_answered():
    result = score(kmu_check(), {})
    assert (result.points, result.range, result.points_max) == (None, (-30, 47), 47)
    assert dict(result.counts) == {
        "met": 0,
        "partly": 0,
        "not_met": 0,
        "unknown": 0,
        "open": 27,
        "not_applicable": 0,
    }
    assert result.next == ()


def test_the_ranking_example():
    but = {
        "net-inventory-list": "no",
        "bak-regular-daily": "partly",
        "bak-offline-copy": "no",
        "bak-restore-test": "no",
        "upd-eol-machine": "no",
        "idm-mfa-mail": "unknown",
        "mal-mail-macros": "no",
    }
    steps = rank(kmu_check(), answers(kmu_check(), but=but))
    assert [(step.measure, step.when, step.because) for step in steps] == [
        ("m-mfa-mail", "today", ("TOP", "ASK_FIRST")),
        ("m-backup-regular", "week", ("TOP", "EFFECT_HIGH", "PARTLY_DONE", "NEEDED_FOR")),
        ("m-backup-restore-test", "today", ("TOP", "EFFECT_HIGH", "QUICK")),
        ("m-backup-offline", "week", ("TOP", "EFFECT_HIGH")),
        ("m-macros-block", "today", ("QUICK",)),
        ("m-asset-list", "week", ()),
        ("m-eol-isolate", "month", ("EFFECT_HIGH",)),
    ]
    assert steps[0].parts == ("idm-mfa-mail",)


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        *((0, 9, 0), (9, 9, 100), (3, 9, 33), (5, 11, 45), (6, 7, 86), (1, 2, 50), (1, 8, 13)),
        *((1, 1000, 1), (999, 1000, 99), (1, 200, 1), (199, 200, 99)),
    ],
)
def test_percentages_round_but_never_to_all_or_nothing(part, whole, percent):
    assert rounded_percent(part, whole) == percent


# Quick check


def test_a_quick_check_of_yes_ends_with_three_steps_that_keep_it_so():
    result = score(quick_check(), answers(quick_check()))
    assert result.statement == "all_met"
    assert [(step.measure, step.parts, step.because) for step in result.next] == [
        ("m-keep-restore", (), ("KEEP",)),
        ("m-keep-training", (), ("KEEP",)),
        ("m-keep-accounts", (), ("KEEP",)),
    ]


def test_a_quick_check_takes_new_topics_first_and_fills_up_by_rank():
    catalog = quick_check()
    backups = {"bak-regular-daily": "no", "bak-offline-copy": "no", "bak-restore-test": "no"}
    alone = score(catalog, answers(catalog, but=backups))
    assert [step.measure for step in alone.next] == [
        "m-backup-regular",
        "m-backup-restore-test",
        "m-backup-offline",
    ]
    with_remote = score(catalog, answers(catalog, but=backups | {"net-remote-release": "partly"}))
    assert [step.measure for step in with_remote.next] == [
        "m-backup-regular",
        "m-remote-release",
        "m-backup-restore-test",
    ]


def test_a_quick_check_fills_up_with_what_keeps_it_so():
    result = score(quick_check(), answers(quick_check(), but={"idm-mfa-mail": "no"}))
    assert result.statement == "gaps"
    assert [step.measure for step in result.next] == [
        "m-mfa-mail",
        "m-keep-restore",
        "m-keep-training",
    ]


def test_a_quick_check_has_no_numbers():
    result = score(quick_check(), {}).as_json()
    assert [result[key] for key in ("points", "points_max", "points_min", "range")] == [None] * 4
    assert (result["if_clarified"], result["areas"]) == (None, [])
    assert result["statement"] == "incomplete"
    assert len(result["next"]) == 3
    assert result["top_open"] == []


def test_the_quick_check_takes_the_parts_of_the_kmu_check_as_they_are():
    catalog, whole = quick_check(), kmu_check()
    assert [item.id for item in catalog.requirements] == [f"kurz-{p.id}" for p in catalog.parts]
    for item in catalog.requirements:
        [part] = item.parts
        origin = whole.question(part.id)
        model = whole.requirement(origin.requirement_id)
        assert (item.area, item.top, item.title, item.topic) == (
            "kurz",
            model.top,
            model.title,
            model.topic,
        )
        assert part.gate is None
        assert (part.text, part.answers, part.measure) == (
            origin.text,
            origin.answers,
            origin.measure,
        )
    kept = read(whole, {part.id: "yes" for part in catalog.parts})
    assert {answer.value for answer in kept.values()} == {Value.YES}


@pytest.mark.parametrize("catalog", [kmu_check(), quick_check()], ids=lambda each: each.id)
@pytest.mark.parametrize("parts", ["yes", "no", "unknown", None])
def test_a_result_fits_its_schema(catalog, parts):
    result = score(catalog, answers(catalog, parts=parts)).as_json()
    assert list(validator("result").iter_errors(result)) == []
    assert list(result) == list(schema("result")["properties"])
