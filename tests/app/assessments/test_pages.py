"""Pages of checks as a browser without script sees them."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest

from checklists.model import Value
from tests import make
from tests.app.browser import Browser
from tests.house.rules import fields_without_label


@pytest.fixture
def max_(flask, kernel, firm) -> Browser:
    return Browser(flask, kernel, firm.cookie(firm.member))


@pytest.fixture
def check(kernel, firm):
    with kernel.write(firm.member) as work:
        return make.assessment(work)


def revision(html: str, question: str) -> int:
    found = re.search(rf'id="{question}-revision" value="(\d+)"', html)
    assert found, question
    return int(found[1])


def test_a_check_is_begun_and_resumed(max_: Browser):
    page = max_.get("/checks").text
    new_id = re.search(r'name="id" value="([0-9a-f-]{36})"', page)
    assert new_id
    answer = max_.post("/checks", id=new_id[1], catalog="kmu-check")
    assert (answer.status_code, answer.location) == (303, f"/checks/{new_id[1]}")
    assert max_.get(answer.location).location == f"/checks/{new_id[1]}/bereiche/org#g-mobile"


def test_an_answer_leads_to_the_next_question(max_: Browser, check):
    answer = max_.post(f"/checks/{check}/fragen/g-mobile", value="no", revision="0")
    assert (answer.status_code, answer.location) == (
        303,
        f"/checks/{check}/bereiche/org#g-private",
    )


def test_a_script_gets_question_meter_and_what_comes_next(max_: Browser, check):
    sent = {"value": "no", "revision": "0"}
    answer = max_.save(f"/checks/{check}/fragen/org-lead-owner", **sent)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert revision(answer.text, "org-lead-owner") == 1
    assert 'id="meter"' in answer.text
    assert 'id="areas"' in answer.text


def test_a_gates_save_gives_a_script_the_whole_content(max_: Browser, check):
    sent = {"value": "no", "revision": "0"}
    answer = max_.save(f"/checks/{check}/fragen/g-mobile", **sent)
    assert answer.text.strip().startswith('<main id="inhalt">')
    assert "Nicht gefragt" in answer.text


@pytest.mark.parametrize("script", [False, True])
def test_nothing_chosen_says_so_and_keeps_what_was_typed(max_: Browser, check, script: bool):
    sent = {"note": "Herr Wolf weiß es", "revision": "0"}
    send = max_.save if script else max_.post
    answer = send(f"/checks/{check}/fragen/{make.QUESTION}", **sent)
    assert answer.status_code == 422
    assert "Bitte wählen Sie eine Antwort." in answer.text
    assert "Herr Wolf weiß es" in answer.text
    if not script:
        assert "<title>Fehler:" in answer.text
        assert f'href="#{make.QUESTION}-yes"' in answer.text


def test_a_note_too_long_says_so_at_the_note(max_: Browser, check):
    sent = {"value": "no", "note": "x" * 4001, "revision": "0"}
    answer = max_.post(f"/checks/{check}/fragen/{make.QUESTION}", **sent)
    assert answer.status_code == 422
    assert f'href="#{make.QUESTION}-note"' in answer.text


def test_a_wrong_answer_to_a_question_that_is_hidden_by_now_is_no_bug(max_: Browser, check):
    max_.post(f"/checks/{check}/fragen/g-server", value="no", revision="0")
    answer = max_.save(f"/checks/{check}/fragen/net-room-room", note="x" * 5000)
    assert answer.status_code == 422


@pytest.mark.parametrize("script", [False, True])
def test_two_people_see_both_answers_and_choose(flask, kernel, firm, max_, check, script: bool):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    path = f"/checks/{check}/fragen/{make.QUESTION}"
    max_.post(path, value="yes", note="von Max", revision="0")
    send = olga.save if script else olga.post
    answer = send(path, value="no", note="von Olga", revision="0")
    assert answer.status_code == 409
    for words in ("Von Max", "von Max", "von Olga", "Diese behalten", "Meine nehmen"):
        assert words in answer.text
    settled = olga.post(path, value="no", note="von Olga", revision="1")
    assert settled.status_code == 303


def test_the_same_person_is_told_of_the_other_device(flask, firm, max_, check):
    path = f"/checks/{check}/fragen/{make.QUESTION}"
    max_.post(path, value="yes", revision="0")
    answer = max_.post(path, value="no", revision="0")
    assert "auf einem anderen Gerät" in answer.text


def test_a_viewer_reads_and_has_no_button_that_acts(flask, kernel, firm, check):
    vera = Browser(flask, kernel, firm.cookie(firm.viewer))
    page = vera.get(f"/checks/{check}/bereiche/org").text
    assert "Leserecht" in page
    assert "Speichern" not in page
    answer = vera.post(f"/checks/{check}/fragen/g-mobile", value="no", revision="0")
    assert answer.status_code == 403


def test_safety_stands_above_questions_about_machines(max_: Browser, check):
    assert (
        "Ändern Sie nichts an einer laufenden Anlage"
        in max_.get(f"/checks/{check}/bereiche/upd").text
    )


def test_an_area_that_does_not_exist_is_not_found(max_: Browser, check):
    assert max_.get(f"/checks/{check}/bereiche/nix").status_code == 404


def test_an_area_has_one_address_for_its_forms_are_relative_to_it(max_: Browser, check):
    area = f"/checks/{check}/bereiche/org"
    form = re.search(r'<form[^>]* action="([^"]+)"[^>]*data-save', max_.get(area).text)
    assert form is not None
    assert urljoin(area, form[1]).startswith(f"/checks/{check}/fragen/")
    assert max_.get(f"{area}/").status_code == 404


def test_the_result_says_first_what_to_do(max_: Browser, kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, g_private=Value.NO, bak_restore_test=Value.NO)
    page = max_.get(f"/checks/{check}/ergebnis").text
    assert page.index("Rücksicherung proben") < page.index("Wo Sie stehen")
    assert "40 von 46 Punkten." in page
    assert "Kein CyberRisikoCheck nach DIN SPEC 27076" in page
    assert "Check abschließen" in page


def test_half_a_check_has_no_number_but_a_range(max_: Browser, kernel, firm, check):
    page = max_.get(f"/checks/{check}/ergebnis").text
    assert "Zwischen \N{MINUS SIGN}30 und 47 von 47 Punkten." in page
    assert "Bericht als PDF" in page


def test_a_finished_check_can_be_begun_anew(max_: Browser, kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work)
    assert max_.post(f"/checks/{check}/abschliessen").status_code == 303
    page = max_.get(f"/checks/{check}/ergebnis").text
    new_id = re.search(r'name="id" value="([0-9a-f-]{36})"', page.partition("Wie es weitergeht")[2])
    assert new_id
    answer = max_.post(f"/checks/{check}/neuer-durchgang", id=new_id[1])
    assert answer.location == f"/checks/{new_id[1]}"


def test_a_check_with_open_questions_is_not_finished(max_: Browser, check):
    answer = max_.post(f"/checks/{check}/abschliessen")
    assert answer.status_code == 409
    assert "Es sind noch Fragen offen." in answer.text


def test_a_report_is_asked_for_and_looked_at(max_: Browser, kernel, firm, check):
    page = max_.get(f"/checks/{check}/ergebnis").text
    report = re.search(
        r'berichte" method="post">\s*<input type="hidden" name="id" value="([^"]+)"', page
    )
    assert report
    answer = max_.post(f"/checks/{check}/berichte", id=report[1], language="de")
    assert answer.location == f"/checks/{check}/berichte/{report[1]}"
    waiting = max_.get(answer.location)
    assert "wird erstellt" in waiting.text
    assert waiting.headers["Refresh"] == "3"
    assert max_.get(f"{answer.location}/bericht.pdf").status_code == 404


@pytest.mark.parametrize("path", ["/checks", "/checks/{}/bereiche/bak", "/checks/{}/ergebnis"])
def test_every_field_has_a_label(max_: Browser, check, path: str):
    assert not fields_without_label(max_.get(path.format(check)).text)


def test_pages_speak_english(flask, firm, check, kernel):
    max_ = Browser(flask, kernel, firm.cookie(firm.member))
    max_.post("/konto/sprache", language="en")
    page = max_.get(f"/checks/{check}/bereiche/bak").text
    assert '<html lang="en">' in page
    assert "Have you restored data" in page or "restored data from the backup" in page
