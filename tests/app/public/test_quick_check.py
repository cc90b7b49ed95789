from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.errors import SealedDamaged
from app.kernel.scope import NOBODY
from app.kernel.vault import CENTRE, Place
from app.public import service
from app.public.tables import PendingRow
from checklists import load_library
from checklists.errors import BadValue, UnknownQuestion
from tests.app.browser import Browser, text_of
from tests.conftest import NOON

QUESTIONS = [question.id for question in load_library().catalog("kurzcheck").questions]


@pytest.fixture
def browser(flask, kernel):
    return Browser(flask, kernel)


def all_answered(value="no", **other):
    return dict.fromkeys(QUESTIONS, value) | {k.replace("_", "-"): v for k, v in other.items()}


def turn(here, values, *, back=False):
    return service.turn(service.Given(here, back, values), NOON)


def test_ten_questions_one_after_the_other():
    page: service.QuickQuestion | service.QuickResult = service.begin()
    values: dict[str, str] = {}
    seen: list[str] = []
    while isinstance(page, service.QuickQuestion):
        seen.append(page.id)
        assert (page.number, page.count, page.done) == (len(seen), 10, len(seen) - 1)
        assert dict(page.kept) == values
        values[page.id] = "no"
        page = turn(page.id, values)
    assert seen == QUESTIONS
    assert dict(page.kept) == values


def test_exactly_three_steps_and_no_number():
    page = turn(QUESTIONS[-1], all_answered())
    assert len(page.steps) == 3
    assert all(step.words.title and step.words.text for step in page.steps)
    assert {step.answered for step in page.steps} == {"Nein"}
    assert "1. März 2027" in page.notice.replace("\N{NO-BREAK SPACE}", " ")


def test_all_yes_still_gives_three_steps():
    page = turn(QUESTIONS[-1], all_answered("yes"))
    assert page.statement == "Gute Grundlage. Der KMU-Check fragt genauer nach."
    assert [step.answered for step in page.steps] == ["", "", ""]


def test_partly_does_not_ask_what_is_missing():
    page = turn(QUESTIONS[2], dict.fromkeys(QUESTIONS[:3], "partly"))
    assert page.id == QUESTIONS[3]


def test_back_keeps_what_was_answered():
    values = dict.fromkeys(QUESTIONS[:4], "yes")
    page = turn(QUESTIONS[4], values, back=True)
    assert (page.id, page.chosen) == (QUESTIONS[3], "yes")
    assert turn(QUESTIONS[0], {}, back=True).id == QUESTIONS[0]
    assert turn("ende", all_answered(), back=True).id == QUESTIONS[-1]


def test_without_an_answer_the_same_question_comes_again():
    page = turn(QUESTIONS[4], dict.fromkeys(QUESTIONS[:4], "yes"))
    assert page.id == QUESTIONS[4]
    assert page.problem == "Bitte wählen Sie eine Antwort."


def test_a_question_left_out_on_the_way_is_asked_before_the_result():
    values = all_answered()
    del values[QUESTIONS[6]]
    assert turn(QUESTIONS[-1], values).id == QUESTIONS[6]


def test_what_no_page_of_ours_sends_is_refused():
    with pytest.raises(UnknownQuestion):
        turn("bak-nonsense", {})
    with pytest.raises(UnknownQuestion):
        turn(QUESTIONS[0], {"bak-nonsense": "yes"})
    with pytest.raises(BadValue):
        turn(QUESTIONS[0], {QUESTIONS[0]: "maybe"})


def test_the_pages_lead_from_the_first_question_to_the_result(browser):
    page = browser.get("/kurzcheck")
    values: dict[str, str] = {}
    for number, question in enumerate(QUESTIONS, 1):
        text = page.get_data(as_text=True)
        assert f"Kurz-Check, Frage {number} von 10" in text
        content = text.partition("<main")[2].partition("</main>")[0]
        assert re.findall(r'name="here" value="([^"]+)"', content) == [question]
        assert ("Zurück" in text) == (number > 1)
        values[question] = "no"
        page = browser.post("/kurzcheck", here=question, **values)
        assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "Ihre ersten drei Schritte" in text
    assert "Set-Cookie" not in page.headers


def test_only_the_last_page_counts_towards_the_limit(browser):
    for _ in range(70):
        assert (
            browser.post("/kurzcheck", here=QUESTIONS[0], **{QUESTIONS[0]: "no"}).status_code == 200
        )
    codes = {
        browser.post("/kurzcheck", here="ende", **all_answered()).status_code for _ in range(61)
    }
    assert codes == {200, 429}


def test_nothing_is_stored_unless_the_guest_asks(browser, kernel):
    browser.post("/kurzcheck", here="ende", **all_answered())
    answer = browser.post("/kurzcheck/behalten", **all_answered())
    assert answer.location == "/registrieren"
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lotse-kurzcheck=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Max-Age=2592000" in cookie
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax"))
    assert "net-remote" not in cookie
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count()).select_from(PendingRow)) == 0
    page = browser.get("/registrieren")
    assert "Antworten aus dem Kurz-Check übernehmen" in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"


def test_the_cookie_opens_for_thirty_days_and_only_if_it_is_ours(kernel, clock):
    with kernel.read(NOBODY) as work:
        cookie = service.seal_kept(work, all_answered("partly"))
        assert service.open_kept(work, cookie) == all_answered("partly")
        for forged in ("", None, "nonsense", "ä", cookie[:-4] + "AAAA", "AQAB"):
            assert service.open_kept(work, forged) == {}
        with pytest.raises(SealedDamaged):
            work.vault.open(urlsafe_b64decode(cookie), Place("jobs", "payload", "1", CENTRE))
    clock.now += timedelta(days=30)
    with kernel.read(NOBODY) as work:
        assert service.open_kept(work, cookie) == {}


def test_the_back_of_the_browser_finds_the_answers_of_a_guest(browser, flask, kernel, firm):
    posts = [
        {"here": QUESTIONS[0], QUESTIONS[0]: "no"},
        {"here": QUESTIONS[0]},
        {"here": "ende", **all_answered()},
    ]
    for fields, status in zip(posts, (200, 422, 200), strict=True):
        page = browser.post("/kurzcheck", **fields)
        assert (page.status_code, page.headers["Cache-Control"]) == (status, "private, no-cache")
    nonsense = browser.post("/kurzcheck", here="bak-nonsense")
    assert nonsense.headers["Cache-Control"] == "no-store"
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    assert olga.post("/kurzcheck", **posts[0]).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("back", [{}, {"back": "1"}])
def test_the_other_language_shows_the_same_question_with_all_answers(browser, back):
    given = dict.fromkeys(QUESTIONS[:3], "partly")
    page = text_of(browser.post("/kurzcheck", here=QUESTIONS[2], **given, **back))
    form = re.search(r'<form action="(/kurzcheck\?lang=en)" method="post">(.*?)</form>', page)
    assert form is not None
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    assert sent == {"here": QUESTIONS[2], **given, **back}
    english = text_of(browser.post(form[1], **sent))
    assert '<html lang="en">' in english
    main = english.partition("<main")[2].partition("</main>")[0]
    shown = re.findall(r'name="here" value="([^"]+)"', main)
    assert shown == [QUESTIONS[1] if back else QUESTIONS[3]]
    assert main.count('value="partly"') >= 3
    assert 'action="/kurzcheck?lang=en"' in main
