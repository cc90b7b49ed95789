"""Two scorers, written apart from one another, print the same bytes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.unit.checklists.second_scorer import second_score

Json = dict[str, Any]

LOTSE = str(Path(sys.executable).with_name("lotse"))
WORKSHOP: dict[str, Any] = {
    "g-private": "no",
    "org-lead-owner": "no",
    "idm-mfa-mail": "unknown",
    "bak-restore-test": "no",
    "upd-eol-machine": "partly",
    "mal-mail-macros": "no",
    "net-remote-release": "no",
}


@cache
def shown(catalog: str) -> Json:
    done = subprocess.run(
        [LOTSE, "checklists", "show", catalog, "--json"], check=True, capture_output=True, text=True
    )
    show: Json = json.loads(done.stdout)
    return show


def scored_by_the_product(catalog: str, sets: list[Json]) -> list[str]:
    done = subprocess.run(
        [LOTSE, "score", catalog, "--answers", "-", "--jsonl", "--json"],
        check=True,
        capture_output=True,
        input="".join(json.dumps(answers) + "\n" for answers in sets),
        text=True,
    )
    return done.stdout.splitlines()


def as_line(result: Json) -> str:
    return json.dumps(result, separators=(",", ":"))


def gates_and_parts(show: Json) -> tuple[list[str], list[Json]]:
    parts = [part for requirement in show["requirements"] for part in requirement["parts"]]
    return [gate["id"] for gate in show["gates"]], parts


def all_yes(show: Json, *, gates: str = "yes", parts: str = "yes") -> dict[str, Any]:
    gate_ids, part_rows = gates_and_parts(show)
    return dict.fromkeys(gate_ids, gates) | dict.fromkeys((part["id"] for part in part_rows), parts)


# Answers at random. One number per set says how many parts stay empty, one how many are `yes`,
# one how the gates fall: so the sets are full, half or empty, rosy or grim.


def any_answers(rng: random.Random, show: Json) -> Json:
    gates, parts = gates_and_parts(show)
    empty = rng.choice((0.0, 0.0, 0.0, 0.02, 0.5, 1.0))
    rosy = rng.choice((0.0, 0.3, 0.7, 0.95, 1.0))
    other = rng.choice((("partly",), ("unknown",), ("no",), ("no", "partly", "unknown"), ("na",)))
    gate_words = rng.choice((("yes",), ("no",), ("yes", "no", "unknown"), ("yes", "no", None)))
    answers: Json = {}
    for gate in gates:
        word = rng.choice(gate_words)
        if word is not None:
            answers[gate] = word
    for part in parts:
        if rng.random() >= empty:
            answers[part["id"]] = any_answer(rng, part, rosy, other)
    names = list(answers)
    rng.shuffle(names)  # the order in which a person answers counts for nothing
    return {"answers": {name: answers[name] for name in names}}


def any_answer(rng: random.Random, part: Json, rosy: float, other: tuple[str, ...]) -> Any:
    offered = ["no", "unknown", *["partly"] * part["partly"], *["not_applicable"] * part["na"]]
    wanted = rng.choice(other)
    if wanted == "na":
        word = "not_applicable" if part["na"] else rng.choice(offered)
    else:
        word = wanted if wanted in offered else "no"
    if rng.random() < rosy:
        word = "yes"
    elif rng.random() < 0.2:
        word = rng.choice(offered)
    if rng.random() < 0.8:
        return word
    said: Json = {"value": word, "note": "siehe Ordner"}
    if word == "partly":
        said["missing"] = [name for name in part["missing"] if rng.random() < 0.5]
    return said


@pytest.mark.parametrize(("catalog", "size"), [("kmu-check", 10_000), ("kurzcheck", 2_000)])
def test_both_scorers_print_the_same_bytes(catalog, size):
    show = shown(catalog)
    rng = random.Random(27076)  # noqa: S311 - the same sets in every run
    sets = [any_answers(rng, show) for _ in range(size)]

    lines = scored_by_the_product(catalog, sets)

    assert len(lines) == size
    statements = set()
    for answers, line in zip(sets, lines, strict=True):
        second = second_score(show, answers)
        statements.add(second["statement"])
        assert line == as_line(second), json.dumps(answers)
    top = {"top_gaps"} if show["scheme"] == "points" else set()
    assert statements == {"incomplete", "gaps", "all_met"} | top


# The second scorer against what was worked out by hand.


@pytest.mark.parametrize(
    ("gates", "parts", "changes", "expected"),
    [
        ("yes", "yes", {}, (47, 47, -30, [47, 47], "all_met")),
        ("yes", "no", {}, (-30, 47, -30, [-30, -30], "top_gaps")),
        ("no", "yes", {}, (42, 42, -30, [42, 42], "all_met")),
        ("yes", "yes", WORKSHOP, (25, 46, -30, [25, 25], "top_gaps")),
        (
            "yes",
            "yes",
            WORKSHOP | {"bak-offline-copy": None},
            (None, 46, -30, [19, 25], "incomplete"),
        ),
    ],
    ids=["all yes", "all no", "gates no", "workshop", "one unanswered"],
)
def test_the_second_scorer_gives_the_examples_of_the_page(gates, parts, changes, expected):
    show = shown("kmu-check")
    answers = all_yes(show, gates=gates, parts=parts) | changes
    answers = {name: answer for name, answer in answers.items() if answer is not None}

    result = second_score(show, {"answers": answers})

    names = ("points", "points_max", "points_min", "range", "statement")
    assert tuple(result[name] for name in names) == expected


def test_the_second_scorer_gives_the_workshop_of_section_3():
    show = shown("kmu-check")

    result = second_score(show, {"answers": all_yes(show) | WORKSHOP})

    assert result["if_clarified"] == 31
    assert list(result["counts"].values()) == [20, 5, 0, 1, 0, 1]
    assert result["top_open"] == ["org-lead", "idm-mfa", "bak-restore"]
    assert result["areas"][1] == {"id": "idm", "points": 5, "points_max": 11, "percent": 45}
    assert result["requirements"][11] == {
        "id": "idm-mfa",
        "area": "idm",
        "top": True,
        "state": "unknown",
        "points": -3,
        "points_max": 3,
        "parts": {"idm-mfa-mail": "unknown", "idm-mfa-remote": "yes"},
    }
    assert result["next"][0] == {
        "measure": "m-mfa-mail",
        "parts": ["idm-mfa-mail"],
        "when": "today",
        "because": ["TOP", "ASK_FIRST"],
    }
    assert result["explain"][11] == {
        "id": "idm-mfa",
        "rule": "P3",
        "because": ["idm-mfa-mail=unknown"],
        "points": -3,
    }


def test_the_second_scorer_ranks_as_section_5_does():
    show = shown("kmu-check")
    answers = all_yes(show) | {
        "net-inventory-list": "no",
        "bak-regular-daily": "partly",
        "bak-offline-copy": "no",
        "bak-restore-test": "no",
        "upd-eol-machine": "no",
        "idm-mfa-mail": "unknown",
        "mal-mail-macros": "no",
    }

    steps = second_score(show, {"answers": answers})["next"]

    assert [step["measure"] for step in steps] == [
        "m-mfa-mail",
        "m-backup-regular",
        "m-backup-restore-test",
        "m-backup-offline",
        "m-macros-block",
        "m-asset-list",
        "m-eol-isolate",
    ]


def test_the_second_scorer_ends_a_good_quick_check_with_the_keep_steps():
    show = shown("kurzcheck")

    result = second_score(show, {"answers": all_yes(show)})

    assert result["statement"] == "all_met"
    assert [step["measure"] for step in result["next"]] == [
        "m-keep-restore",
        "m-keep-training",
        "m-keep-accounts",
    ]
