"""What people do in several journeys."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests import make

MAIL_S = 20
"""The worker looks every second; a busy machine takes its time."""
LOOK_EVERY_MS = 250


def answer_quick_check(page: Page) -> None:
    """Answer all ten questions: the fourth is unknown, the eighth no, the tenth partly."""
    special = {4: "Weiß ich nicht", 8: "Nein", 10: "Zum Teil"}
    for number in range(1, 11):
        expect(page.get_by_text(f"Kurz-Check, Frage {number} von 10")).to_be_visible()
        page.get_by_role("radio", name=special.get(number, "Ja")).first.check()
        page.get_by_role("button", name="Weiter" if number < 10 else "Ergebnis ansehen").click()


def fill_registration(page: Page, email: str) -> None:
    page.get_by_label("Name der Firma").fill("Krause Metallbau")
    page.get_by_role("radio", name="10 bis 49").check()
    page.get_by_role("radio").first.check()
    page.get_by_label("Branche").select_option(index=1)
    page.get_by_label("Kreis oder Stadt").select_option(index=1)
    page.get_by_label("Ihr Name").fill("Sabine Berger")
    page.get_by_label("Ihre E-Mail-Adresse").fill(email)
    page.get_by_role("button", name="Link zuschicken").click()


def register(page: Page, email: str) -> None:
    """Make an account, from the empty form to the first page behind it."""
    fill_registration(page, email)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sehen Sie in Ihr Postfach")
    page.get_by_role("link", name="Zum Postfach dieser Testinstallation").click()
    follow_mail(page, email, "/registrieren/")
    page.get_by_label("Passwort", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Konto anlegen").click()


def follow_mail(page: Page, email: str, path: str) -> None:
    """Wait for a mail in the local mailbox, which is open, and follow its link."""
    mail = page.locator("details", has_text=email).filter(has=page.locator(f"a[href*='{path}']"))
    until = time.monotonic() + MAIL_S
    while mail.count() == 0:
        assert time.monotonic() < until, f"no mail for {email}"
        page.wait_for_timeout(LOOK_EVERY_MS)
        page.get_by_role("link", name="Jetzt nachsehen").click()
    if mail.first.get_attribute("open") is None:
        mail.first.locator("summary").click()
    mail.first.locator(f"a[href*='{path}']").click()


def sign_in(page: Page, email: str, password: str = make.PASSWORD) -> None:
    page.goto("/anmelden")
    page.get_by_label("E-Mail").fill(email)
    page.get_by_label("Passwort", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Anmelden").click()


def choose(page: Page, question: str, value: str) -> None:
    """Click an answer and wait until the page says that it is saved."""
    with saving(page, question):
        page.locator(f"#{question}-{value}").check()


@contextmanager
def saving(page: Page, question: str) -> Iterator[None]:
    """Wait until a save of this question has been answered and shown."""
    with page.expect_response(lambda answer: answer.url.endswith(f"/fragen/{question}")) as answer:
        yield
    assert answer.value.status == 200
    expect(page.get_by_role("status")).to_contain_text("Gespeichert um")


def block(page: Page, question: str) -> Locator:
    return page.locator(f".ask[id='{question}']")
