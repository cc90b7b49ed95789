"""The main path works by its buttons alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser import acts, made_up
from tests.browser.live import Service
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser


def test_a_check_is_answered_without_script(windows: Windows, krause: make.Firm):
    page = windows.open_as(krause, java_script_enabled=False)
    page.goto("/checks")
    page.get_by_role("button", name="KMU-Check beginnen").click()
    expect(page).to_have_url(re.compile("#g-mobile$"))
    gate = acts.block(page, "g-mobile")
    gate.get_by_role("radio", name="Nein").check()
    gate.get_by_role("button", name="Speichern").click()
    expect(page).to_have_url(re.compile("#g-private$"))
    expect(page.get_by_text("Nicht gefragt, weil Sie")).to_have_count(1)
    gate = acts.block(page, "g-private")
    gate.get_by_role("radio", name="Ja").check()
    gate.get_by_role("button", name="Speichern").click()

    expect(page).to_have_url(re.compile("#org-lead-owner$"))
    question = acts.block(page, "org-lead-owner")
    question.get_by_role("radio", name="Zum Teil").check()
    question.get_by_role("checkbox").first.check()
    question.get_by_text("Notiz schreiben").click()
    question.get_by_label("Notiz für Ihre Firma").fill("Zeile eins\nZeile zwei")
    question.get_by_role("button", name="Speichern").click()
    expect(page).to_have_url(re.compile("#org-lead-review$"))
    expect(page.locator("#org-lead-owner-partly")).to_be_checked()
    expect(question.get_by_role("checkbox").first).to_be_checked()
    expect(question.get_by_label("Notiz für Ihre Firma")).to_have_value("Zeile eins\nZeile zwei")
    expect(page.locator("#meter")).to_contain_text("3 von")
    expect(page.locator("#meter")).to_contain_text("Gespeichert um")


def test_a_mistake_is_said_on_top_and_at_its_place_without_script(
    windows: Windows, krause: make.Firm, service: Service
):
    check = made_up.half(service.kernel, krause)
    page = windows.open_as(krause, java_script_enabled=False)
    page.goto(f"/checks/{check}/bereiche/bak")
    question = acts.block(page, "bak-restore-plan")
    question.get_by_text("Notiz schreiben").click()
    question.get_by_label("Notiz für Ihre Firma").fill("Der Ordner liegt im Tresor.")
    with windows.refusing(422):
        question.get_by_role("button", name="Speichern").click()
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Fehler: Datensicherung"))
    expect(question.locator(".wrong")).to_have_text("Bitte wählen Sie eine Antwort.")
    expect(question.get_by_label("Notiz für Ihre Firma")).to_have_value(
        "Der Ordner liegt im Tresor."
    )
    page.get_by_role("alert").get_by_role("link").click()
    expect(page).to_have_url(re.compile("#bak-restore-plan-yes$"))
    expect(page.locator("#bak-restore-plan-yes")).to_be_in_viewport()


def test_two_answers_to_one_question_are_settled_without_script(
    windows: Windows, krause: make.Firm, service: Service
):
    check = made_up.half(service.kernel, krause)
    page = windows.open_as(krause, java_script_enabled=False)
    page.goto(f"/checks/{check}/bereiche/bak")
    made_up.answered(service.kernel, krause, check, "bak-restore-plan", "no")
    page.locator("#bak-restore-plan-yes").check()
    with windows.refusing(409):
        acts.block(page, "bak-restore-plan").get_by_role("button", name="Speichern").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jemand hat das gerade geändert")
    expect(page.get_by_role("heading", name="Von Max")).to_be_visible()
    page.get_by_role("button", name="Diese behalten").click()
    expect(page.locator("#bak-restore-plan-no")).to_be_checked()
