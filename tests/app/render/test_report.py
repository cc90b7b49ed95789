"""The report: every word of the firm, the same bytes, readable by everyone, for every state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import page
import pikepdf
import pytest

from app.assessments.core.report import report_of
from app.assessments.core.snapshot import canonical_json, stand
from app.assessments.drawing import draw_report, report_html
from app.render.charts import MINUS
from app.render.pdf import only_known_characters
from checklists import read_answers, score
from tests.app.render import states
from tests.app.render.states import CENTRE, FIRM, STATES, drawn, pages, snapshot, squeezed

ROOT = Path(__file__).parents[3]
BOTH = pytest.mark.parametrize("lang", ["de", "en"])
EACH_STATE = pytest.mark.parametrize("state", STATES)


def report(state="full", lang="de", catalog_id="kmu-check", **more):
    raw = snapshot(state, catalog_id, **more)
    return report_of(json.loads(raw), stand=stand(raw), lang=lang)


def entries(made):
    for block in made.blocks:
        yield from block.gates
        for item in block.requirements:
            yield from item.entries


@pytest.mark.parametrize("profile", ["3a", "ua1"])
@BOTH
@EACH_STATE
def test_each_report_is_kept_for_decades_and_read_aloud(state, lang, profile):
    checked = page.validate_pdf_bytes(drawn(state, lang), profile=profile)
    assert not [(failure.rule_id, failure.message) for failure in checked.failures]


@BOTH
def test_the_cover_names_who_runs_the_service(lang):
    assert squeezed(CENTRE) in squeezed(pages(drawn("full", lang))[0])


@BOTH
@EACH_STATE
def test_every_question_answer_note_and_measure_is_in_the_text_layer(state, lang):
    text = squeezed("".join(pages(drawn(state, lang))))
    catalog = states.catalog()
    made = report(state, lang)
    shown = {entry.id: entry for entry in entries(made)}
    assert set(shown) == {question.id for question in catalog.questions}
    for question in catalog.questions:
        entry = shown[question.id]
        for words in (question.text[lang], entry.word, entry.note, *entry.missing, entry.whom):
            assert squeezed(only_known_characters(words)) in text, (question.id, words)
    for step in (*made.first, *made.then):
        measure = catalog.measure(step.words.measure_id)
        for words in (step.words.title, step.words.text, measure.done_when[lang]):
            assert squeezed(words) in text, words
        assert all(squeezed(sentence) in text for sentence in step.words.because)
        assert squeezed(measure.title[lang]) in text
    for block in made.blocks:
        for item in block.requirements:
            assert squeezed(item.line) in text


def test_the_notes_in_these_reports_are_worth_looking_for():
    notes = [entry.note for entry in entries(report("full")) if entry.note]
    assert states.NOTE in notes
    assert sum(len(entry.missing) for entry in entries(report("full"))) >= 2


@BOTH
@EACH_STATE
def test_every_page_says_what_it_is_and_which_state_it_shows(state, lang):
    raw = snapshot(state)
    mark = stand(raw)
    notice = states.catalog().words.notices["self_check"][lang]
    date = {"de": "22. November 2026", "en": "22 November 2026"}[lang]
    sheets = pages(drawn(state, lang))
    for sheet in sheets:
        assert squeezed(notice.replace("{date}", date)) in squeezed(sheet)
        assert mark in sheet
    for number, sheet in enumerate(sheets[1:], start=2):
        assert f"{number}" in sheet
        assert squeezed(FIRM) in squeezed(sheet)


def test_pages_are_numbered():
    sheets = pages(drawn("full", "de"))
    assert f"Seite 2 von {len(sheets)}" in sheets[1]


LONGEST_ASK = (
    "Herrn Doktor Maximilian Oberndorfer-Schlichting vom Systemhaus Freital, Telefon 0351 000000"
)
LONGEST_FIRM = (
    "Vereinigte Werkzeugmaschinen- und Sondermaschinenbaugesellschaft Oberlausitz mbH & Co. KG"
)


def yes(question):
    return "yes"


def no(question):
    return "yes" if question.id.startswith("g-") else "no"


def ask(question):
    return {"value": "unknown", "ask": LONGEST_ASK}


@BOTH
@pytest.mark.parametrize("answer", [yes, no, ask])
def test_the_page_for_the_boss_is_one_page_whatever_was_answered(answer, lang):
    raw = snapshot("full", but=answer, firm=LONGEST_FIRM)
    made = report_of(json.loads(raw), stand=stand(raw), lang=lang)
    sheets = pages(draw_report(raw, lang))
    assert squeezed(made.statement) in squeezed(sheets[1])
    assert squeezed(made.points_note) in squeezed(sheets[1])
    assert all(squeezed(step.words.title) in squeezed(sheets[1]) for step in made.first)
    signed = {"de": "Datum", "en": "Date"}[lang]
    assert signed in sheets[1]
    assert signed not in sheets[2]


def test_the_result_is_attached_to_the_letter():
    catalog = states.catalog()
    answers = read_answers(catalog, {"answers": json.loads(snapshot("full"))["answers"]})
    with pikepdf.open(BytesIO(drawn("full", "de"))) as file:
        attached = file.attachments["ergebnis.json"].get_file().read_bytes()
    assert json.loads(attached) == score(catalog, answers).as_json()
    assert list(json.loads(attached)) == list(score(catalog, answers).as_json())


PROGRAM = """
import sys
from hashlib import sha256
from app.assessments.drawing import draw_report
print(sha256(draw_report(sys.stdin.buffer.read(), "de")).hexdigest())
"""


@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Auckland")])
def test_the_same_snapshot_gives_the_same_bytes_in_another_process(seed, zone):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=snapshot("full"),
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == sha256(drawn("full", "de")).hexdigest()


def test_another_snapshot_gives_another_mark():
    assert stand(snapshot("full")) != stand(snapshot("half"))
    assert len(stand(snapshot("full"))) == 8


def test_a_value_has_one_spelling():
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'.encode()
    assert canonical_json({"a": None, "b": (1, "ä")}) == canonical_json({"b": [1, "ä"], "a": None})


def test_the_workshop_reads_as_its_page_does():
    made = report("full")
    assert made.statement == "Drei besonders wichtige Punkte sind offen. Beginnen Sie dort."
    assert [row.id for row in made.top_open] == ["org-lead", "idm-mfa", "bak-restore"]
    assert (made.result.points, made.result.if_clarified) == (25, 31)
    assert [step.number for step in (*made.first, *made.then)] == [1, 2, 3, 4, 5, 6]
    assert made.first[0].short == states.catalog().question("idm-mfa-mail").text["de"]
    assert [row.whom for row in made.unknown] == ["Frau Sommer, Systemhaus"]
    assert [(row.title, row.percent) for row in made.areas][:2] == [
        ("Organisation und Menschen", 33),
        ("Zugänge und Rechte", 45),
    ]
    assert not made.open


def test_who_answered_is_named_and_whoever_left_is_not():
    made = report("full")
    assert made.answered_by == ("Jens Krause", "Sabine Berger")
    assert {entry.by for entry in entries(made)} == {"Jens Krause", "Sabine Berger", ""}


def test_a_gap_leads_to_its_step_and_a_yes_to_none():
    shown = {entry.id: entry for entry in entries(report("full"))}
    assert shown["bak-restore-test"].step == 2
    assert shown["bak-restore-test"].measure
    assert shown["bak-restore-plan"].step is None


def test_what_a_gate_takes_out_says_so_and_keeps_its_answer():
    shown = {entry.id: entry for entry in entries(report("full"))}
    left_out = shown["org-private-rule"]
    assert left_out.left_out == states.catalog().question("g-private").text["de"]
    assert left_out.value == "yes"
    assert left_out.step is None


def test_a_reason_why_something_does_not_apply_is_shown():
    part = next(part for part in states.catalog().parts if part.na)
    made = report("full", but={part.id: "not_applicable"})
    shown = {entry.id: entry for entry in entries(made)}
    assert shown[part.id].word == f"Trifft nicht zu: {part.na['de']}"


def test_an_empty_check_has_a_range_and_says_what_is_open():
    made = report("empty")
    assert (made.first, made.answered_count, made.answered_by) == ((), 0, ())
    assert len(made.open) == made.question_count
    text = squeezed(report_html(made))
    assert squeezed(f"Zwischen {MINUS}30 und 47 von 47 Punkten.") in text
    assert "radar" not in text


def test_a_half_filled_check_ranks_what_it_knows_and_counts_the_rest():
    made = report("half")
    assert made.result.points is None
    assert made.first
    assert any(row.points is None for row in made.areas)
    assert any(row.points is not None for row in made.areas)
    assert sum(row.open for row in made.areas) == len(made.open)
    assert made.answered_count + len(made.open) == made.question_count


@EACH_STATE
def test_the_quick_check_has_no_points_and_no_areas_to_draw(state):
    made = report(state, catalog_id="kurzcheck")
    assert not made.has_points
    text = report_html(made)
    assert "Punkten" not in text
    assert "radar" not in text
    for profile in ("3a", "ua1"):
        checked = page.validate_pdf_bytes(drawn(state, "de", "kurzcheck"), profile=profile)
        assert not checked.failures


def test_what_people_typed_is_text_and_never_markup():
    made = report("full", but={"g-mobile": {"value": "yes", "note": "<b>fett</b> {{ 7 }}"}})
    assert "&lt;b&gt;fett&lt;/b&gt; {{ 7 }}" in report_html(made)
