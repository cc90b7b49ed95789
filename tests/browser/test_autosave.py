"""`lotse.js` saves at each click and loses nothing."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from app.assessments.service.storing import StoredAnswer, stored_answers
from tests import make
from tests.browser import acts, made_up
from tests.browser.live import Service
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

SAVES = re.compile("/fragen/")


class Checker:
    """The area "Datensicherung" of a half-done check in a window; its last question is open."""

    def __init__(self, windows: Windows, krause: make.Firm, service: Service) -> None:
        self.firm, self.service, self.windows = krause, service, windows
        self.id: UUID = made_up.half(service.kernel, krause)
        self.page: Page = windows.open_as(krause)
        self.open("bak")

    def open(self, area: str) -> None:
        self.page.goto(f"/checks/{self.id}/bereiche/{area}")

    def stored(self, question: str) -> StoredAnswer:
        with self.service.kernel.read(self.firm.owner) as work:
            return stored_answers(work, self.id)[question]


@pytest.fixture
def check(windows: Windows, krause: make.Firm, service: Service) -> Checker:
    return Checker(windows, krause, service)


def test_a_click_is_saved_and_the_next_requirement_opens_without_a_jump(check: Checker):
    check.open("upd")
    page = check.page
    assert page.get_by_role("button", name="Speichern").filter(visible=True).count() == 0
    acts.choose(page, "upd-timely-clients", "yes")
    last = page.locator("#upd-timely-devices-yes")
    last.scroll_into_view_if_needed()
    before = last.bounding_box()
    acts.choose(page, "upd-timely-devices", "yes")
    assert check.stored("upd-timely-devices").answer.value == "yes"
    expect(page.locator("#upd-eol-office-yes")).to_be_visible()
    assert last.bounding_box() == before
    expect(page.locator("#meter")).to_contain_text("35 von")
    expect(page.locator("#areas")).to_contain_text("2 von 6")


def test_an_answered_row_opens_and_its_sign_follows_the_answer(check: Checker):
    page = check.page
    page.get_by_text("Eine Kopie liegt an einem anderen Ort").click()
    acts.choose(page, "bak-offline-place", "yes")
    expect(page.locator("#row-bak-offline-place-state")).to_have_text("Ja")
    expect(page.locator("#bak-offline-place-yes")).to_be_visible()


def test_what_is_typed_survives_the_save_of_another_question(check: Checker):
    page = check.page
    question = acts.block(page, "bak-restore-plan")
    question.get_by_text("Notiz schreiben").click()
    note = question.get_by_label("Notiz für Ihre Firma")
    note.press_sequentially("Der Ordner steht im ")
    with acts.saving(page, "bak-restore-test"):
        page.locator("#bak-restore-test-yes").dispatch_event("click")  # the focus stays below
    note.press_sequentially("Tresor")
    expect(note).to_have_value("Der Ordner steht im Tresor")
    acts.choose(page, "bak-restore-plan", "yes")
    assert check.stored("bak-restore-plan").answer.note == "Der Ordner steht im Tresor"


def test_two_quick_clicks_end_in_the_last_one(check: Checker):
    page = check.page
    for value in ("yes", "no", "partly", "yes", "unknown"):
        page.locator(f"#bak-restore-plan-{value}").click()
    page.get_by_role("link", name="Später weitermachen").click()
    expect(page).to_have_url(re.compile("/checks$"))
    assert check.stored("bak-restore-plan").answer.value == "unknown"


def test_a_lost_line_is_said_and_the_answer_is_sent_when_it_is_back(check: Checker):
    page = check.page
    with check.windows.refusing(0):
        page.context.set_offline(True)
        page.locator("#bak-restore-plan-yes").check()
        expect(page.get_by_role("status")).to_contain_text("Noch nicht gespeichert")
        page.context.set_offline(False)
        expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    assert check.stored("bak-restore-plan").answer.value == "yes"


def test_a_save_whose_reply_is_lost_is_sent_again_and_no_conflict(check: Checker):
    page, replies = check.page, []

    def lose_the_first_reply(route: Route) -> None:
        reply = route.fetch()
        replies.append(reply.status)
        if len(replies) == 1:
            route.abort()
        else:
            route.fulfill(response=reply)

    page.route(SAVES, lose_the_first_reply)
    with check.windows.refusing(0):
        page.locator("#bak-restore-plan-no").check()
        expect(page.get_by_role("status")).to_contain_text("Noch nicht gespeichert")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    assert replies == [200, 200]
    assert check.stored("bak-restore-plan").revision == 1


def test_an_ended_session_keeps_the_text_and_saves_after_signing_in_again(check: Checker):
    page = check.page
    cookies = page.context.cookies()
    question = acts.block(page, "bak-restore-plan")
    question.get_by_text("Notiz schreiben").click()
    note = question.get_by_label("Notiz für Ihre Firma")
    note.fill("Steht im Ordner.")
    page.context.clear_cookies()
    with check.windows.refusing(401):
        page.locator("#bak-restore-plan-yes").check()
        expect(question.get_by_role("alert")).to_contain_text("Bitte melden Sie sich neu an")
    expect(note).to_have_value("Steht im Ordner.")
    expect(page.get_by_role("status")).to_have_text(
        "Noch nicht gespeichert. Ihr Text bleibt stehen."
    )
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave, it takes
    page.evaluate("dispatchEvent(new Event('focus'))")  # as on coming back from the other window
    expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    assert check.stored("bak-restore-plan").answer.note == "Steht im Ordner."


def test_a_gate_renews_the_page_around_it(check: Checker):
    check.open("net")
    page = check.page
    page.evaluate("window.sameDocument = true")
    acts.choose(page, "g-wifi", "no")
    expect(page.get_by_text("Nicht gefragt, weil Sie")).to_have_count(1)
    acts.choose(page, "g-wifi", "yes")
    expect(page.get_by_text("Nicht gefragt, weil Sie")).to_have_count(0)
    assert page.evaluate("window.sameDocument") is True
    expect(page.locator("#g-wifi-yes")).to_be_visible()


def test_leaving_with_something_unsaved_is_asked_back(check: Checker):
    page = check.page
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    with check.windows.refusing(0):
        page.context.set_offline(True)
        page.locator("#bak-restore-plan-yes").click()
        expect(page.get_by_role("status")).to_contain_text("Noch nicht gespeichert")
        # First the lock, then the line: once online, the script tries again at that moment.
        page.route(SAVES, lambda route: route.abort())
        page.context.set_offline(False)
        page.goto("/checks")
    assert asked == ["beforeunload"]


def test_a_link_waits_until_everything_is_saved(check: Checker):
    page = check.page
    page.locator("#bak-restore-plan-no").click()
    page.get_by_role("link", name="Weiter: Aktualisierung und Änderungen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aktualisierung und Änderungen")
    assert check.stored("bak-restore-plan").answer.value == "no"
