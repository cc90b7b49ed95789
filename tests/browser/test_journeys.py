"""From the first question to the report, as people go."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.accounts.service import identify
from app.assessments.service.storing import stored_answers
from app.kernel.scope import NOBODY
from checklists import load_library
from tests import make
from tests.browser import acts
from tests.browser.live import Service
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

AREA = re.compile(r"/checks/[0-9a-f-]{36}/bereiche/\w+#[\w-]+$")
RESULT = re.compile(r"/checks/[0-9a-f-]{36}/ergebnis$")
REPORT_MS = 60_000
"""The first report of a worker loads fonts and libraries."""


def test_a_quick_check_is_kept_in_a_new_account(windows: Windows):
    page = windows.open()
    page.goto("/")
    page.get_by_role("link", name="Kurz-Check beginnen").click()
    acts.answer_quick_check(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihre ersten drei Schritte")
    expect(page.locator(".steps > li")).to_have_count(3)
    assert page.context.cookies() == []  # nothing is kept that nobody asked for

    page.get_by_role("button", name="Ergebnis behalten").click()
    expect(page.get_by_text("Ihre Antworten aus dem Kurz-Check übernehmen wir.")).to_be_visible()
    acts.register(page, "kurz@krause.example")
    expect(page).to_have_url(AREA)
    expect(page.locator("#meter")).to_contain_text(re.compile(r"\b10 von \d+ Fragen beantwortet"))
    assert [cookie["name"] for cookie in page.context.cookies()] == ["lotse"]

    page.get_by_role("link", name="Datensicherung").click()
    expect(page.locator("#bak-restore-test-no")).to_be_checked()
    page.get_by_role("link", name="Zugänge und Rechte").click()
    expect(page.locator("#idm-mfa-mail-unknown")).to_be_checked()
    page.get_by_role("link", name="IT-Systeme und Netz").click()
    expect(page.locator("#net-remote-release-partly")).to_be_checked()


def test_the_browsers_back_and_the_other_language_lose_no_answer(windows: Windows):
    page = windows.open()
    page.goto("/kurzcheck")
    for number, answer in ((1, "Nein"), (2, "Zum Teil"), (3, "Ja")):
        expect(page.get_by_text(f"Kurz-Check, Frage {number} von 10")).to_be_visible()
        page.get_by_role("radio", name=answer).first.check()
        page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_text("Kurz-Check, Frage 4 von 10")).to_be_visible()
    for number in (3, 2):
        page.go_back()
        expect(page.get_by_text(f"Kurz-Check, Frage {number} von 10")).to_be_visible()
    page.get_by_role("radio", name="Ja").first.check()
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_text("Kurz-Check, Frage 3 von 10")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main input[type=hidden]")).to_have_count(3)  # the place, two answers
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_text("Kurz-Check, Frage 3 von 10")).to_be_visible()


def test_a_check_from_the_account_to_the_report_and_a_new_run(windows: Windows, service: Service):
    email = "lang@krause.example"
    page = windows.open()
    page.goto("/registrieren")
    acts.register(page, email)

    expect(page.get_by_role("heading", level=1)).to_have_text("Womit möchten Sie beginnen?")
    page.get_by_role("button", name="KMU-Check beginnen").click()
    expect(page).to_have_url(AREA)
    acts.choose(page, "g-mobile", "yes")
    acts.choose(page, "g-private", "no")
    acts.choose(page, "org-lead-owner", "partly")
    page.get_by_role("link", name="Später weitermachen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Da waren Sie stehen geblieben")
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("link", name="Kurz-Check beginnen")).to_be_visible()

    elsewhere = windows.open(width=320)
    acts.sign_in(elsewhere, email)
    elsewhere.get_by_role("link", name="Weitermachen").click()
    expect(elsewhere).to_have_url(re.compile("#org-lead-review$"))
    expect(elsewhere.locator("#org-lead-review")).to_be_in_viewport()
    acts.sign_in(page, email)
    page.get_by_role("link", name="Weitermachen").click()
    acts.choose(page, "org-lead-review", "yes")
    check = UUID(page.url.split("/")[4])

    _choose_between_two_versions(windows, elsewhere)
    assert _stored(service, page, check)["org-lead-review"] == "no"

    _answer_the_rest(page, service, check)
    page.goto(f"/checks/{check}")
    expect(page).to_have_url(RESULT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Was jetzt zuerst kommt")
    _take_the_report(page)
    page.get_by_role("link", name="Zurück zum Ergebnis").click()
    page.get_by_role("button", name="Check abschließen").click()
    expect(page.get_by_text("Dieser Check ist seit")).to_be_visible()

    page.get_by_role("button", name="Neuer Durchgang").click()
    expect(page).to_have_url(RESULT)
    again = UUID(page.url.split("/")[4])
    assert again != check
    assert _stored(service, page, again) == _stored(service, page, check)
    page.goto("/checks")
    expect(page.get_by_role("heading", name="Abgeschlossen")).to_be_visible()


def test_who_forgot_the_password_gets_a_link(windows: Windows, krause: make.Firm, service: Service):
    email = f"olga@{krause.id.hex}.example"
    service.set_password(email, make.PASSWORD)
    page = windows.open()
    with windows.refusing(401):
        acts.sign_in(page, email, "nicht das Passwort")
        expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("E-Mail")).to_have_value(email)
    expect(page).to_have_title(re.compile("^Fehler: Anmelden"))

    page.get_by_role("link", name="Passwort vergessen?").click()
    page.get_by_label("E-Mail").fill(email)
    page.get_by_role("button", name="Link zuschicken").click()
    page.get_by_role("link", name="Zum Postfach dieser Testinstallation").click()
    acts.follow_mail(page, email, "/passwort/")
    link = page.url
    page.get_by_label("Neues Passwort").fill("Werkbank-Regen-Ziegel-4")
    page.get_by_role("button", name="Speichern und anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Womit möchten Sie beginnen?")

    page.get_by_role("button", name="Abmelden").click()
    page.goto("/checks")
    expect(page).to_have_url(re.compile("/anmelden"))
    acts.sign_in(page, email, "Werkbank-Regen-Ziegel-4")
    expect(page.get_by_role("heading", level=1)).to_have_text("Womit möchten Sie beginnen?")
    with windows.refusing(410):
        page.goto(link)
    expect(page.get_by_role("link", name="Neuen Link schicken")).to_be_visible()


def _choose_between_two_versions(windows: Windows, page: Page) -> None:
    """The other device still shows the question open."""
    question = acts.block(page, "org-lead-review")
    with windows.refusing(409):
        page.locator("#org-lead-review-no").check()
        expect(question).to_contain_text("Zwei Antworten zur selben Zeit")
    expect(question).to_contain_text("Von Ihnen, auf einem anderen Gerät")
    expect(question.locator(".state--yes")).to_be_visible()
    expect(question.locator(".state--no")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()
    page.get_by_role("button", name="Meine nehmen").click()
    expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    expect(page.locator("#org-lead-review-no")).to_be_checked()


def _answer_the_rest(page: Page, service: Service, check: UUID) -> None:
    """Post what the forms would post; clicking fifty times shows nothing new."""
    headers = {"Origin": service.url}
    given = _stored(service, page, check)
    asked = [q.id for q in load_library().catalog(make.CATALOG).questions if q.id not in given]
    for question in asked:
        value = "no" if question == "bak-restore-test" else "yes"
        answer = page.context.request.post(
            f"/checks/{check}/fragen/{question}",
            form={"value": value, "note": "", "ask": "", "revision": "0"},
            headers=headers,
            max_redirects=0,
        )
        assert answer.status == 303


def _take_the_report(page: Page) -> None:
    page.get_by_role("button", name="Bericht als PDF").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Ihr Bericht ist fertig", timeout=REPORT_MS
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Bericht herunterladen (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    assert download.value.suggested_filename.endswith(".pdf")


def _stored(service: Service, page: Page, check: UUID) -> dict[str, str]:
    """What the database holds for whoever sits at this window."""
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "lotse")
    with service.kernel.read(NOBODY) as work:
        scope = identify(work, token).scope
    with service.kernel.read(scope) as work:
        return {key: item.answer.value for key, item in stored_answers(work, check).items()}
