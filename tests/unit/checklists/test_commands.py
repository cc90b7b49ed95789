"""`lotse checklists` and `lotse score`: formats to the letter, codes and exits."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from app.assessments.content_cli import checklists, score
from checklists import read_answers, score as score_answers
from checklists.errors import Malformed, UnknownCatalog, UnknownEdition
from tests.unit.checklists.make import WORKSHOP, kmu_check, replace, small_content, values


def run(command, *arguments, stdin=None):
    return CliRunner().invoke(command, arguments, input=stdin)


def document(**given):
    return {"answers": values(kmu_check(), **given)}


def test_list_gives_one_row_per_catalog():
    rows = json.loads(run(checklists, "list", "--json").stdout)
    assert [list(row) for row in rows] == [
        ["id", "edition", "editions", "title", "questions", "minutes", "scheme"]
    ] * 2
    by_id = {row["id"]: row for row in rows}
    assert by_id["kmu-check"] == {
        "id": "kmu-check",
        "edition": "2026.1",
        "editions": ["2026.1"],
        "title": {"de": "KMU-Check", "en": "SME check"},
        "questions": 54,
        "minutes": 50,
        "scheme": "points",
    }
    assert (by_id["kurzcheck"]["questions"], by_id["kurzcheck"]["scheme"]) == (10, "first_steps")


def test_list_reads_well_without_json():
    assert "KMU-Check, Ausgabe 2026.1: 54 Fragen, etwa 50 Minuten" in run(checklists, "list").stdout


def test_show_gives_the_whole_structure_in_its_order():
    shown = json.loads(run(checklists, "show", "kmu-check", "--json").stdout)
    assert list(shown) == [
        *("id", "edition", "scheme", "rules", "minutes", "title"),
        *("areas", "gates", "requirements", "measures"),
    ]
    assert list(shown["areas"][0]) == ["id", "title"]
    assert list(shown["gates"][0]) == ["id", "before", "text"]
    assert list(shown["requirements"][0]) == [
        *("id", "area", "topic", "top", "weight", "gate", "title", "parts"),
    ]
    assert list(shown["requirements"][0]["parts"][0]) == [
        *("id", "gate", "text", "partly", "na", "missing", "knows"),
        *("measure", "sources", "scan"),
    ]
    assert list(shown["measures"][0]) == [
        *("id", "topic", "effect", "effort", "needs", "title", "first_step", "done_when"),
    ]
    restore = next(item for item in shown["requirements"] if item["id"] == "bak-restore")
    assert (restore["top"], restore["weight"], restore["gate"]) == (True, 1, None)
    remote = next(item for item in shown["requirements"] if item["id"] == "net-remote")
    assert remote["gate"] == "g-remote"


def test_show_reads_well_without_json():
    shown = run(checklists, "show", "kmu-check", "--edition", "2026.1").stdout
    assert kmu_check().question("bak-restore-test").text["de"] in shown
    assert "(besonders wichtig)" in shown


def test_show_refuses_what_is_not_there():
    assert isinstance(run(checklists, "show", "none").exception, UnknownCatalog)
    wrong = run(checklists, "show", "kmu-check", "--edition", "2020.1")
    assert isinstance(wrong.exception, UnknownEdition)


def test_validate_ends_with_0_or_names_each_mistake_and_ends_with_1(tmp_path):
    folder = small_content(tmp_path)
    fine = run(checklists, "validate", str(folder))
    assert (fine.exit_code, fine.stdout) == (0, "")
    line = replace(folder, "measures/all.yaml", "effect: 2", "effect: 4")
    broken = run(checklists, "validate", str(folder))
    assert broken.exit_code == 1
    assert broken.stdout.startswith(f"measures/all.yaml:{line} content-schema ")
    as_json = run(checklists, "validate", str(folder), "--json")
    [problem] = json.loads(as_json.stdout)
    assert as_json.exit_code == 1
    assert list(problem) == ["file", "line", "code", "message"]
    assert (problem["file"], problem["line"]) == ("measures/all.yaml", line)


def test_score_prints_the_result_as_one_line_of_json():
    given = document(but=WORKSHOP)
    ran = run(score, "kmu-check", "--answers", "-", "--json", stdin=json.dumps(given))
    expected = score_answers(kmu_check(), read_answers(kmu_check(), given)).as_json()
    assert (ran.exit_code, json.loads(ran.stdout)) == (0, expected)
    assert ran.stdout.count("\n") == 1


def test_score_reads_a_file_and_tells_the_result_in_german(tmp_path):
    file = tmp_path / "answers.json"
    given = document(but=WORKSHOP)
    given["answers"]["bak-restore-test"] = {"value": "no", "on": "2026-11-22"}
    file.write_text(json.dumps(given), encoding="utf-8")
    told = run(score, "kmu-check", "--answers", str(file)).stdout
    assert "Drei besonders wichtige Punkte sind offen. Beginnen Sie dort." in told
    assert "25 von 46 Punkten." in told
    assert "Bis zu 31" in told
    assert "Organisation und Menschen: 3 von 9 (33 %)" in told
    assert (
        "  1. Fragen Sie Ihren IT-Dienstleister: E-Mail und Internet-Dienste mit zweitem Faktor?"
        in told
    )
    assert "Selbsteinschätzung nach eigenen Angaben vom 22.11.2026." in told


def test_score_tells_a_range_while_something_is_open():
    given = document(but=WORKSHOP | {"bak-offline-copy": None})
    told = run(score, "kmu-check", "--answers", "-", stdin=json.dumps(given)).stdout
    assert "Nach jetzigem Stand 19 bis 25 von 46 Punkten." in told
    assert "Datensicherung: noch offen" in told


def test_score_tells_a_quick_check_without_points():
    told = run(score, "kurzcheck", "--answers", "-", stdin='{"answers": {}}').stdout
    assert "Punkte" not in told
    assert "Selbsteinschätzung nach eigenen Angaben vom Tag der Antworten." in told


def test_score_of_lines_answers_each_in_its_place():
    lines = [
        json.dumps(document()),
        "{",
        json.dumps({"answers": {"no-such": "yes"}}),
        "",
        json.dumps({"answers": {}, "edition": "2020.1"}),
        json.dumps(document(parts="no")),
    ]
    ran = run(score, "kmu-check", "--answers", "-", "--jsonl", stdin="\n".join(lines))
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 1
    assert [each.get("points") for each in told] == [47, None, None, None, None, -30]
    assert [each["error"]["code"] for each in told if "error" in each] == [
        *("malformed", "unknown-question", "malformed", "unknown-edition"),
    ]
    assert [each["error"]["line"] for each in told if "error" in each] == [2, 3, 4, 5]
    assert list(told[1]["error"]) == ["code", "message", "line"]


def test_lines_that_are_all_fine_end_with_0_with_or_without_json():
    text = f"{json.dumps(document())}\n{json.dumps(document())}\n"
    plain = run(score, "kmu-check", "--answers", "-", "--jsonl", stdin=text)
    both = run(score, "kmu-check", "--answers", "-", "--jsonl", "--json", stdin=text)
    assert (plain.exit_code, plain.stdout) == (0, both.stdout)
    assert len(plain.stdout.splitlines()) == 2


def test_score_names_the_error_as_json_too():
    ran = run(score, "kmu-check", "--answers", "-", "--json", stdin="{")
    assert isinstance(ran.exception, Malformed)
    assert json.loads(ran.stdout)["error"]["code"] == "malformed"


def test_score_keeps_to_the_edition_that_is_asked_for():
    given = json.dumps({"answers": {}, "edition": "2020.1"})
    ran = run(score, "kmu-check", "--edition", "2026.1", "--answers", "-", stdin=given)
    assert isinstance(ran.exception, UnknownEdition)


def test_score_of_all_yes_has_nothing_to_do_and_nothing_to_clarify():
    told = run(score, "kmu-check", "--answers", "-", stdin=json.dumps(document())).stdout
    assert "47 von 47 Punkten." in told
    assert "Was jetzt zuerst kommt" not in told
    assert "Bis zu" not in told


def test_score_of_lines_takes_what_is_no_object_for_broken():
    ran = run(score, "kmu-check", "--answers", "-", "--jsonl", stdin="[]\n7\n")
    assert [json.loads(line)["error"]["code"] for line in ran.stdout.splitlines()] == [
        *("malformed", "malformed"),
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["none", "--answers", "-"], UnknownCatalog),
        (["kmu-check", "--edition", "2020.1", "--answers", "-"], UnknownEdition),
        (["none", "--answers", "-", "--jsonl"], UnknownCatalog),
    ],
)
def test_score_refuses_what_is_not_there(arguments, error):
    assert isinstance(run(score, *arguments, stdin='{"answers": {}}').exception, error)


@pytest.mark.parametrize(
    "arguments", [[], ["kmu-check"], ["kmu-check", "--answers", "/no/such/file"]]
)
def test_wrong_usage_ends_with_2(arguments):
    assert run(score, *arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list", "--help"], ["show", "--help"], ["validate", "--help"]]
)
def test_every_help_has_an_example(arguments):
    assert "for example: lotse checklists" in " ".join(run(checklists, *arguments).stdout.split())
    assert "for example: lotse score" in " ".join(run(score, "--help").stdout.split())
