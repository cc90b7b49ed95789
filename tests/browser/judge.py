"""What a page must stand, whoever looks at it and on what."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
WIDTHS = (320, 360, 768, 1280, 1920)
ZOOMED = 640
"""A window of 1280 pixels at 200 % zoom is that wide, and so it is with letters twice as large:
sizes and breaks are in rem."""
RUN_AXE = """async only => {
  const options = only ? { runOnly: { type: "rule", values: only } } : {};
  const always = { preload: false, resultTypes: ["violations"] };
  const found = await axe.run(document, { ...always, ...options });
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
}"""
SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .filter(part => part.getBoundingClientRect().right > wide + 1)
    .slice(0, 3)
    .map(part => `${part.localName}.${part.className} ${part.textContent.trim().slice(0, 40)}`);
}"""


def accessible(page: Page) -> list[str]:
    """What axe finds in light, and what changes in dark: the contrast."""
    page.evaluate(_axe())
    found: list[str] = page.evaluate(RUN_AXE, None)
    page.emulate_media(color_scheme="dark")
    found += [f"dark {line}" for line in page.evaluate(RUN_AXE, ["color-contrast"])]
    page.emulate_media(color_scheme="light")
    return found


def sideways(page: Page) -> list[str]:
    """What sticks out on the right, from phone to wide screen and at 200 % zoom."""
    before: Any = page.viewport_size
    found = []
    for width in (*WIDTHS, ZOOMED):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {line}" for line in page.evaluate(SIDEWAYS)]
    page.set_viewport_size(before)
    return found


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")
