"""A result in words, and an edition as JSON and back."""

from __future__ import annotations

import json

import pytest

from checklists import (
    explain,
    freeze,
    in_language,
    load_library,
    name_roles,
    say_statement,
    say_step,
    score,
    thaw,
)
from checklists.explaining import MINUS
from checklists.model import Value
from tests.unit.checklists.make import (
    WORKSHOP,
    answers,
    kmu_check,
    quick_check,
    read,
    small_content,
    values,
)


def line(requirement_id, lang="de", **given):
    catalog = kmu_check()
    result = score(catalog, answers(catalog, **given))
    return next(
        each.text
        for each in explain(result, catalog, lang)
        if each.requirement_id == requirement_id
    )


def short(part_id, lang="de"):
    return kmu_check().question(part_id).short[lang]


def test_lost_points_name_the_answer_and_what_a_yes_would_bring():
    assert line("idm-mfa", but=WORKSHOP) == (
        f"{MINUS}3, weil „Zweiter Faktor bei der Anmeldung“ eine besonders wichtige Anforderung "
        f"ist und die Antwort zu „{short('idm-mfa-mail')}“ „Weiß ich nicht“ lautet. "
        "Mit „Ja“ wären es +3."
    )
    assert line("idm-mfa", "en", but=WORKSHOP) == (
        f"{MINUS}3, because “Second factor at sign-in” is an especially important requirement and "
        f"the answer to “{short('idm-mfa-mail', 'en')}” is “I don’t know”. "
        "With “Yes” it would be +3."
    )


def test_several_answers_that_are_not_yes_are_listed():
    text = line("bak-restore", but={"bak-restore-test": "no", "bak-restore-plan": "partly"})
    assert f"„{short('bak-restore-test')}“: Nein, „{short('bak-restore-plan')}“: Zum Teil" in text


def test_points_won_name_their_reason():
    assert line("net-inventory").startswith("+1, weil bei „")
    assert line("net-inventory").endswith("die Antwort „Ja“ lautet.")
    assert line("idm-admin").startswith("+3, weil „")
    assert line("upd-eol", but={"upd-eol-machine": "no"}).startswith("0, weil bei „")


def test_what_is_open_and_what_does_not_count_is_said():
    catalog = kmu_check()
    assert short("bak-restore-test") in line("bak-restore", but={"bak-restore-test": None})
    both = {"bak-restore-test": None, "bak-restore-plan": None}
    assert line("bak-restore", but=both).startswith("Noch keine Punkte, weil bei „")
    assert catalog.question("g-server").text["de"] in line("net-room", but={"g-server": None})
    hidden = line("net-room", but={"g-server": "no"})
    assert "zählt nicht mit" in hidden
    assert catalog.question("g-server").text["de"] in hidden


def test_what_does_not_apply_gives_its_reason_and_leaves_an_area_without_percent(tmp_path):
    catalog = load_library(small_content(tmp_path)).catalog("klein")
    result = score(catalog, answers(catalog, but={"zwei-haus-tor": "not_applicable"}))
    assert [each.text for each in explain(result, catalog, "de")][1] == (
        "„Das Tor“ zählt nicht mit: Es gibt keines."
    )
    assert catalog.question("zwei-haus-tor").answers[Value.NOT_APPLICABLE].label["en"] == (
        "Does not apply: There is none"
    )
    area = result.areas[1]
    assert (area.points, area.points_max, area.percent) == (0, 0, None)
    assert (result.points, result.statement) == (3, "all_met")


@pytest.mark.parametrize("parts", ["yes", "no", None])
def test_a_quick_check_is_explained_without_points(parts):
    catalog = quick_check()
    result = score(catalog, answers(catalog, parts=parts))
    for each in explain(result, catalog, "de"):
        assert each.points is None
        assert "Punkt" not in each.text


@pytest.mark.parametrize(
    ("given", "german", "english"),
    [
        (
            {"but": WORKSHOP},
            "Drei besonders wichtige Punkte sind offen. Beginnen Sie dort.",
            "Three especially important points are open. Start there.",
        ),
        (
            {"but": {"bak-restore-test": "no"}},
            "Ein besonders wichtiger Punkt ist offen. Beginnen Sie dort.",
            "One especially important point is open. Start there.",
        ),
        (
            {"but": {"mal-mail-macros": "no", "mal-media-usb": "partly"}},
            "Das Wichtigste steht. Zwei Punkte sind noch offen.",
            "The most important things are in place. Two points are still open.",
        ),
        (
            {"but": {"bak-restore-test": None}},
            "Noch eine Frage offen. Ein Ergebnis gibt es, wenn sie beantwortet ist.",
            "One question is still open. There is a result once it is answered.",
        ),
        (
            {"parts": None, "gates": None},
            "Noch 54 Fragen offen. Ein Ergebnis gibt es, wenn alle beantwortet sind.",
            "54 questions are still open. There is a result once all are answered.",
        ),
        (
            {},
            (
                "Nach Ihren Angaben sind alle Punkte dieses Checks erfüllt. "
                "Prüfen Sie in einem Jahr erneut."
            ),
            "By your own account every point of this check is met. Check again in a year.",
        ),
    ],
)
def test_the_statement_counts_in_words(given, german, english):
    catalog = kmu_check()
    given_answers = answers(catalog, **given)
    result = score(catalog, given_answers)
    assert say_statement(result, catalog, given_answers, "de") == german
    assert say_statement(result, catalog, given_answers, "en") == english


def test_the_statement_of_a_quick_check_promises_nothing():
    catalog = quick_check()
    fine = answers(catalog)
    assert say_statement(score(catalog, fine), catalog, fine, "de") == (
        "Gute Grundlage. Der KMU-Check fragt genauer nach."
    )
    gap = answers(catalog, but={"idm-mfa-mail": "no"})
    assert "diese drei" not in say_statement(score(catalog, gap), catalog, gap, "de")


def test_a_step_nobody_knows_about_is_to_ask_and_whom():
    catalog = kmu_check()
    given_answers = answers(catalog, but=WORKSHOP)
    ask, restore, _ = (
        say_step(step, catalog, given_answers, "de")
        for step in score(catalog, given_answers).next[:3]
    )
    assert ask.title == (
        "Fragen Sie Ihren IT-Dienstleister: E-Mail und Internet-Dienste mit zweitem Faktor?"
    )
    assert catalog.question("idm-mfa-mail").text["de"] in ask.text
    assert (ask.when, ask.top) == ("heute", True)
    assert restore.title == catalog.measure("m-backup-restore-test").title["de"]
    assert restore.text == catalog.measure("m-backup-restore-test").first_step["de"]
    assert len(restore.because) == 3


def test_whom_to_ask_is_what_the_person_wrote():
    catalog = kmu_check()
    given_answers = read(
        catalog, values(catalog) | {"idm-mfa-mail": {"value": "unknown", "ask": "Herrn Wolf"}}
    )
    [step] = score(catalog, given_answers).next
    assert say_step(step, catalog, given_answers, "de").title.startswith("Herrn Wolf fragen: ")


def test_a_step_at_a_running_machine_carries_the_safety_text():
    catalog = kmu_check()
    given_answers = answers(catalog, but={"upd-eol-machine": "no", "mal-mail-macros": "no"})
    macros, isolate = (
        say_step(step, catalog, given_answers, "de") for step in score(catalog, given_answers).next
    )
    assert macros.safety == ""
    assert isolate.safety.startswith("Ändern Sie nichts an einer laufenden Anlage")


def test_who_knows_reads_as_a_sentence():
    words = kmu_check().words
    assert name_roles(words, ["management"], "de") == "die Geschäftsführung"
    assert name_roles(words, ["it_provider", "it_lead"], "de") == (
        "Ihr IT-Dienstleister oder wer bei Ihnen die IT macht"
    )
    assert name_roles(words, ["production", "machine_maker", "it_provider"], "en") == (
        "your production manager, the maker of the machine or your IT provider"
    )


def test_a_missing_third_language_falls_back_to_english_then_german():
    assert in_language({"de": "ja", "en": "yes"}, "pl") == "yes"
    assert in_language({"de": "ja"}, "pl") == "ja"


@pytest.mark.parametrize("catalog", [kmu_check(), quick_check()], ids=lambda each: each.id)
def test_a_frozen_edition_gives_the_same_result_and_the_same_words(catalog):
    stored = json.dumps(freeze(catalog), sort_keys=True)
    thawed = thaw(json.loads(stored))
    assert json.dumps(freeze(thawed), sort_keys=True) == stored
    for parts in ("yes", "no", "unknown", None):
        given_answers = answers(catalog, parts=parts)
        before, after = score(catalog, given_answers), score(thawed, given_answers)
        assert before == after
        assert explain(before, catalog, "de") == explain(after, thawed, "de")
    for part in thawed.parts:
        assert part.values == catalog.question(part.id).values


def test_an_edition_frozen_by_a_newer_program_is_refused():
    with pytest.raises(ValueError, match="format 2"):
        thaw({**freeze(kmu_check()), "format": 2})
