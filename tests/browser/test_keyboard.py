"""Without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser import made_up
from tests.browser.live import Service
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

MOST_STOPS = 120
FOCUS = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const row = it.closest(".rows > li");
  const drawn = [it, row].filter(Boolean).map(part => getComputedStyle(part));
  const box = it.getBoundingClientRect();
  return {
    name: it.id || it.textContent.trim() || it.name,
    outlined: drawn.some(({ outlineStyle, outlineWidth }) =>
      outlineStyle !== "none" && parseFloat(outlineWidth) >= 2),
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
STOPS = """() => {
  const shown = part => part.checkVisibility({ visibilityProperty: true });
  const parts = [...document.querySelectorAll("a[href], button, input, textarea, select, summary")];
  const groups = new Set();
  return parts.filter(part => {
    if (!shown(part) || part.disabled || part.type === "hidden" || part.tabIndex < 0) return false;
    if (part.type !== "radio") return true;
    const group = `${part.form?.action} ${part.name}`;
    return !groups.has(group) && groups.add(group);
  }).length;
}"""


def test_from_sign_in_to_an_answer_and_back_without_a_mouse(
    windows: Windows, krause: make.Firm, service: Service
):
    email = f"olga@{krause.id.hex}.example"
    service.set_password(email, make.PASSWORD)
    page = windows.open()
    page.goto("/anmelden")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt")).to_be_focused()
    expect(page.get_by_role("link", name="Zum Inhalt")).to_be_in_viewport()
    page.keyboard.press("Enter")
    _tab_to(page, "email")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(make.PASSWORD)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/checks$"))
    _tab_to(page, "KMU-Check beginnen")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#g-mobile$"))
    page.keyboard.press("Tab")  # the address points at the question, so it begins here
    assert page.evaluate("document.activeElement.name") == "value"
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    expect(page.locator("#g-mobile-yes")).to_be_checked()
    expect(page.locator("#g-mobile-yes")).to_be_focused()  # though the whole page was renewed

    _tab_to(page, "Notiz schreiben")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Zwei Leute im Außendienst")
    page.keyboard.press("Tab")
    expect(page.locator("#g-mobile-note")).to_have_value("Zwei Leute im Außendienst")
    _wait_until_saved(page)
    _tab_to(page, "Abmelden: Olga")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Kurz-Check beginnen")).to_be_visible()


def test_the_focus_reaches_everything_is_always_seen_and_is_never_trapped(
    windows: Windows, krause: make.Firm, service: Service
):
    check = made_up.half(service.kernel, krause)
    page = windows.open_as(krause)
    for path in ("/checks", f"/checks/{check}/bereiche/bak", f"/checks/{check}/ergebnis"):
        page.goto(path)
        expected = page.evaluate(STOPS)
        seen = _tab_through(page)
        assert len(seen) == expected, f"{path}: {seen}"


def _wait_until_saved(page: Page) -> None:
    expect(page.get_by_role("status")).to_contain_text("Gespeichert um")
    page.wait_for_load_state("networkidle")


def _tab_through(page: Page) -> list[str]:
    """Press Tab until the focus leaves the page; return where it stopped."""
    seen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            return seen
        assert stop["outlined"], f"no visible focus: {stop['name']}"
        assert stop["inSight"], f"focus out of sight: {stop['name']}"
        seen.append(stop["name"])
    pytest.fail(f"the focus does not leave {page.url}: {seen[-5:]}")


def _tab_to(page: Page, name: str) -> None:
    seen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is not None and stop["name"] == name:
            assert stop["outlined"], f"no visible focus: {name}"
            return
        seen.append(stop["name"] if stop else "")
    pytest.fail(f"no way to {name} by Tab: {seen}")
