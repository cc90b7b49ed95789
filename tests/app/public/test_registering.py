from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts import service as accounts
from app.accounts.tables import PersonRow
from app.assessments.service.storing import stored_answers
from app.kernel.audit import AuditRow
from app.kernel.errors import LinkExpired
from app.kernel.links import LinkRow
from app.kernel.scope import NOBODY, Scope, everything
from app.kernel.vault import Place
from app.main import create_worker
from app.public import service
from app.public.tables import PendingRow
from checklists import load_library
from tests.app.browser import Browser, mails, newest_link, text_of

PASSWORD = "vier Wörter Kaffee Amboss"
EMAIL = "jens@krause.example"
FORM = {
    "firm": "Krause Metallbau",
    "kind": "firm",
    "size": "10-49",
    "branch": "manufacturing",
    "district": "zwickau",
    "name": "Jens Krause",
    "email": EMAIL,
}
QUICK = dict.fromkeys((q.id for q in load_library().catalog("kurzcheck").questions), "no")


@pytest.fixture
def browser(flask, kernel):
    return Browser(flask, kernel)


def pending(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.execute(select(PendingRow.sealed)).scalars().all()


def visitor(browser, kernel):
    cookie = browser.client.get_cookie("__Host-lotse", domain="lotse.example")
    with kernel.read(NOBODY) as work:
        return accounts.identify(work, cookie.value)


def test_a_mail_a_password_and_the_firm_is_there(browser, kernel):
    page = browser.post("/registrieren", **FORM)
    assert "Sehen Sie in Ihr Postfach" in text_of(page)
    shown = re.sub(r'<input type="hidden"[^>]*>', "", text_of(page))
    assert "Krause" not in shown.replace(EMAIL, "")
    path = newest_link(kernel, "/registrieren/")
    assert EMAIL in text_of(browser.get(path))
    answer = browser.post(path, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/checks")
    found = visitor(browser, kernel)
    assert found.scope.roles == {"owner"}
    with kernel.read(found.scope) as work:
        assert accounts.names(work) == ("Krause Metallbau", "Jens Krause")
        place = Place("a table", "a column", "a row", str(found.scope.organisation))
        assert work.vault.open(work.vault.seal("its own key", place), place) == "its own key"
    assert browser.get("/checks").status_code == 200
    assert pending(kernel) == []
    with kernel.read(everything("test")) as work:
        actions = work.session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert actions[0] == "registration-asked"
    assert {"firm-added", "person-added", "person-joined", "signed-in"} <= set(actions)


def test_a_kept_quick_check_becomes_a_check_in_the_same_act(browser, kernel):
    browser.post("/kurzcheck/behalten", **QUICK)
    answer = browser.post("/registrieren", **FORM)
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lotse-kurzcheck=;")
    assert "Max-Age=0" in cookie
    path = newest_link(kernel, "/registrieren/")
    assert "Kurz-Check" in text_of(browser.get(path))
    answer = browser.post(path, password=PASSWORD)
    assert answer.location.startswith("/checks/")
    scope = visitor(browser, kernel).scope
    with kernel.read(scope) as work:
        stored = stored_answers(work, UUID(answer.location.removeprefix("/checks/")))
    assert {key: item.answer.value.value for key, item in stored.items()} == QUICK
    assert {item.by for item in stored.values()} == {scope.actor}


def test_a_known_address_gets_the_same_page_and_another_mail(browser, kernel):
    first = browser.post("/registrieren", **FORM)
    browser.post(newest_link(kernel, "/registrieren/"), password=PASSWORD)
    browser.post("/abmelden")
    again = browser.post("/registrieren", **FORM | {"email": EMAIL.upper()})
    assert again.status_code == first.status_code
    assert text_of(again).replace(EMAIL.upper(), EMAIL) == text_of(first)
    assert set(again.headers.keys()) == set(first.headers.keys())
    newest = mails(kernel)[-1]
    assert "Sie haben schon ein Konto" in newest
    assert f"To: {EMAIL}" in newest
    assert pending(kernel) == []


def test_the_first_mail_repeats_nothing_that_a_stranger_typed(browser, kernel):
    browser.post("/registrieren", **FORM | {"firm": "Gewinnspiel", "name": "Jetzt klicken"})
    assert not any(word in mails(kernel)[-1] for word in ("Gewinnspiel", "klicken"))


def test_what_waits_is_sealed_and_goes_after_a_week(browser, kernel, clock):
    browser.post("/registrieren", **FORM)
    path = newest_link(kernel, "/registrieren/")
    [sealed] = pending(kernel)
    assert b"Krause" not in sealed
    clock.now += timedelta(hours=48)
    assert browser.get(path).status_code == 410
    clock.now += timedelta(days=5, seconds=-1)
    create_worker(kernel).sweep()
    assert len(pending(kernel)) == 1
    clock.now += timedelta(seconds=1)
    create_worker(kernel).sweep()
    create_worker(kernel).sweep()
    assert pending(kernel) == []


def test_answers_wait_longer_than_the_link(browser, kernel, clock):
    browser.post("/kurzcheck/behalten", **QUICK)
    browser.post("/registrieren", **FORM)
    newest_link(kernel, "/registrieren/")
    clock.now += timedelta(days=3)
    browser.post("/registrieren", **FORM)
    answer = browser.post(newest_link(kernel, "/registrieren/"), password=PASSWORD)
    assert answer.location.startswith("/checks/")


def test_a_link_works_once_and_ends_the_others(browser, kernel):
    browser.post("/registrieren", **FORM)
    first = newest_link(kernel, "/registrieren/")
    browser.post("/registrieren", **FORM)
    second = newest_link(kernel, "/registrieren/")
    assert browser.get(first).status_code == 200
    assert browser.post(second, password=PASSWORD).status_code == 303
    for path in (first, second):
        assert browser.get(path).status_code == 410
        assert browser.post(path, password=PASSWORD).status_code == 410
    assert browser.get("/registrieren/nonsense").status_code == 410
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count()).select_from(LinkRow)) == 1  # the first


def test_of_two_links_to_one_address_at_once_one_makes_the_account(browser, kernel):
    tokens = []
    for _ in range(2):
        browser.post("/registrieren", **FORM)
        tokens.append(newest_link(kernel, "/registrieren/").rpartition("/")[2])

    def confirm(token, before_the_end=lambda: None):
        scope = Scope(kernel.new_id(), kernel.new_id(), frozenset({"owner"}))
        with kernel.write(scope) as work:
            service.confirm(work, token, "a hash")
            before_the_end()

    with ThreadPoolExecutor() as threads:
        second = []

        def begin_second():
            second.append(threads.submit(confirm, tokens[1]))
            wait(second, timeout=0.5)

        confirm(tokens[0], begin_second)
        with pytest.raises(LinkExpired):
            second[0].result()
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count()).select_from(PersonRow)) == 1


def test_looking_at_a_link_changes_nothing(browser, kernel):
    browser.post("/registrieren", **FORM)
    path = newest_link(kernel, "/registrieren/")
    for _ in range(3):
        assert browser.get(path).status_code == 200
    assert len(pending(kernel)) == 1


@pytest.mark.parametrize("password", ["", "kurz", "Krause Metallbau 77", "jens@krause.example"])
def test_a_password_that_others_guess_makes_no_account(browser, kernel, password):
    browser.post("/registrieren", **FORM)
    path = newest_link(kernel, "/registrieren/")
    answer = browser.post(path, password=password)
    assert answer.status_code == 422
    assert "<title>Fehler:" in text_of(answer)
    assert len(pending(kernel)) == 1


def test_every_missing_field_is_named_and_what_was_typed_stays(browser, kernel):
    answer = browser.post("/registrieren", firm="Krause Metallbau", email="jens@krause, x@y.de")
    text = text_of(answer)
    assert answer.status_code == 422
    for field in ("kind", "size", "branch", "district", "name", "email"):
        assert f'href="#{field}"' in text
    assert 'value="Krause Metallbau"' in text
    assert mails(kernel) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firm", "x" * 121),
        ("firm", "Krause\nMetallbau"),
        ("name", "x" * 101),
        ("name", "Jens \u202eesuarK"),
        ("size", "13"),
        ("district", "bayern"),
        ("email", "jens@localhost"),
        ("email", "a@b.de\nBcc: c@d.de"),
    ],
)
def test_what_cannot_be_is_refused(browser, kernel, field, value):
    assert browser.post("/registrieren", **FORM | {field: value}).status_code == 422
    assert mails(kernel) == []


def test_whoever_fills_the_trap_gets_the_page_and_no_mail(browser, kernel):
    assert browser.post("/registrieren", **FORM, homepage="http://spam.example").status_code == 200
    assert mails(kernel) == []
    assert pending(kernel) == []


def test_the_fourth_mail_to_one_address_within_an_hour_waits(browser):
    codes = [browser.post("/registrieren", **FORM).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_whoever_is_signed_in_needs_no_second_account(browser, kernel, firm):
    browser.client.set_cookie(
        "__Host-lotse", firm.cookie(firm.member), domain="lotse.example", secure=True
    )
    assert browser.get("/registrieren").location == "/checks"
    assert "Zu Ihren Checks" in text_of(browser.get("/"))


def hidden_in(form):
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def test_whoever_gets_no_mail_tries_again_with_what_was_typed(browser, kernel):
    page = text_of(browser.post("/registrieren", **FORM))
    content = page.partition("<main")[2].partition("</main>")[0]
    assert hidden_in(content) == FORM
    sent = len(mails(kernel))
    form = browser.post("/registrieren", **hidden_in(content), again="1")
    assert form.status_code == 200
    text = text_of(form)
    assert "Fehler:" not in text
    assert all(f'value="{FORM[name]}"' in text for name in ("firm", "name", "email"))
    for name in ("kind", "size"):
        assert re.search(rf'value="{FORM[name]}"[^>]* checked', text)
    for name in ("branch", "district"):
        assert f'value="{FORM[name]}" selected' in text
    assert len(mails(kernel)) == sent


def test_the_other_language_keeps_what_was_typed_and_registers_nobody(browser, kernel):
    typed = {"firm": "Krause Metallbau", "name": "Jens"}
    page = text_of(browser.post("/registrieren", **typed)).partition("<footer")[2]
    assert 'action="/registrieren?lang=en"' in page
    assert hidden_in(page) == typed
    english = browser.post("/registrieren?lang=en", **typed)
    assert english.status_code == 422
    assert 'value="Krause Metallbau"' in text_of(english)
    assert pending(kernel) == []
    done = text_of(browser.post("/registrieren", **FORM)).partition("<footer")[2]
    assert 'href="/?lang=en"' in done
    assert hidden_in(done) == {}
