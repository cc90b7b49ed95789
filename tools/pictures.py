"""Pictures of the pages for `docs/pictures`, drawn from a made-up firm.

    .venv/bin/python -m tools.pictures [NAME …]

Starts an instance of its own in a temporary folder and removes it afterwards. Without names all
pictures are drawn anew. Needs Chromium (`LOTSE_CHROMIUM`, else any that is found) and pdftoppm.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import make
from tests.browser import live, made_up
from tests.browser.windows import LAUNCH, Windows
from tools.setup import find_chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MOST_BYTES = 120_000
"""A picture that weighs more makes the README slow."""
COLOURS = (128, 64, 32)
"""How many a picture may have; fewer when it is too heavy."""
WIDE, NARROW = 1280, 360
PEOPLE = ("Sabine Berger", "Jörg Krause", "Petra Lange")


@dataclass(frozen=True, slots=True)
class Studio:
    """What a picture is taken of: the windows, the firm and its checks."""

    windows: Windows
    service: live.Service
    firm: make.Firm

    def area(self, check: UUID, area: str) -> str:
        return f"/checks/{check}/bereiche/{area}"


def start(studio: Studio) -> Page:
    page = studio.windows.open(width=WIDE)
    page.goto("/")
    return page


def quick_question(studio: Studio) -> Page:
    page = studio.windows.open(width=WIDE)
    page.goto("/kurzcheck")
    for _ in range(3):
        page.get_by_role("radio", name="Ja").first.check()
        page.get_by_role("button", name="Weiter").click()
    page.get_by_role("radio", name="Zum Teil").check()
    return page


def quick_result(studio: Studio) -> Page:
    page = studio.windows.open(width=WIDE)
    page.goto("/kurzcheck")
    for number in range(10):
        words = {3: "Weiß ich nicht", 7: "Nein", 9: "Zum Teil"}.get(number, "Ja")
        page.get_by_role("radio", name=words).first.check()
        page.get_by_role("button", name="Ergebnis ansehen" if number == 9 else "Weiter").click()
    return page


def question(studio: Studio, width: int = WIDE, scheme: str = "light") -> Page:
    check = made_up.half(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=width, color_scheme=scheme)
    page.goto(studio.area(check, "bak"))
    return page


def question_narrow(studio: Studio) -> Page:
    return question(studio, NARROW)


def question_dark(studio: Studio) -> Page:
    return question(studio, scheme="dark")


def mistake(studio: Studio) -> Page:
    check = made_up.half(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=WIDE, java_script_enabled=False)
    page.goto(studio.area(check, "upd"))
    page.get_by_role("button", name="Speichern").first.click()
    return page


def conflict(studio: Studio) -> Page:
    check = made_up.half(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=WIDE)
    page.goto(studio.area(check, "bak"))
    made_up.answered(studio.service.kernel, studio.firm, check, "bak-restore-plan", "no")
    page.locator("#bak-restore-plan-yes").check()
    page.get_by_role("button", name="Meine nehmen").wait_for()
    return page


def result(studio: Studio) -> Page:
    check = made_up.full(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=WIDE)
    page.goto(f"/checks/{check}/ergebnis")
    return page


def open_result(studio: Studio) -> Page:
    check = made_up.almost(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=WIDE)
    page.goto(f"/checks/{check}/ergebnis")
    return page


def checks(studio: Studio) -> Page:
    made_up.finished(studio.service.kernel, studio.firm)
    made_up.half(studio.service.kernel, studio.firm)
    page = studio.windows.open_as(studio.firm, width=WIDE)
    page.goto("/checks")
    return page


PICTURES: dict[str, Callable[[Studio], Page]] = {
    "start": start,
    "kurzcheck-frage": quick_question,
    "kurzcheck-ergebnis": quick_result,
    "frage": question,
    "frage-360": question_narrow,
    "frage-dunkel": question_dark,
    "fehler": mistake,
    "konflikt": conflict,
    "ergebnis": result,
    "ergebnis-offen": open_result,
    "checks": checks,
}
REPORT = "bericht-seite-2"


def main(names: list[str]) -> int:
    unknown = set(names) - {*PICTURES, REPORT}
    chromium = find_chromium(os.environ)
    if unknown or chromium is None:
        print(f"no such picture: {', '.join(sorted(unknown))}" if unknown else "no Chromium here")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        live.running(Path(folder)) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        for name in names or [*PICTURES, REPORT]:
            draw(browser, service, name)
        browser.close()
    return 0


def draw(browser: Browser, service: live.Service, name: str) -> None:
    """Draw one picture with a firm of its own."""
    windows = Windows(browser, service)
    studio = Studio(windows, service, make.firm(service.kernel, people=PEOPLE))
    path = FOLDER / f"{name}.png"
    if name == REPORT:
        draw_report(studio, path)
    else:
        page = PICTURES[name](studio)
        page.mouse.move(0, 0)
        page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
        page.screenshot(path=path, full_page=True, animations="disabled", caret="initial")
    windows.close()
    pack(path)
    print(f"{path.name}: {path.stat().st_size // 1024} kB")


def draw_report(studio: Studio, path: Path) -> None:
    """Let the worker make a report and take the page for the boss out of it."""
    page = result(studio)
    page.get_by_role("button", name="Bericht als PDF").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Bericht herunterladen (PDF)").click(timeout=60_000)
    pdf = download.value.path()
    command = ["pdftoppm", "-f", "2", "-l", "2", "-r", "80", "-png", "-singlefile"]
    subprocess.run([*command, str(pdf), str(path.with_suffix(""))], check=True)


def pack(path: Path) -> None:
    """Make the file small: pages have few colours."""
    with Image.open(path) as picture:
        drawn = picture.convert("RGB")
    for colours in COLOURS:
        with_few_colours(drawn, colours).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return


def with_few_colours(drawn: Image.Image, colours: int) -> Image.Image:
    """Put neighbouring colours together; each group shows its most frequent one to the bit."""
    none = Image.Dither.NONE
    few = drawn.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=none)
    found = cast(
        "list[tuple[int, tuple[int, int, int]]]", drawn.getcolors(drawn.width * drawn.height)
    )
    rare_first = [colour for _count, colour in sorted(found)]
    strip = Image.new("RGB", (len(rare_first), 1))
    strip.putdata(rare_first)
    palette = few.getpalette() or []
    for colour, group in zip(
        rare_first, strip.quantize(palette=few, dither=none).tobytes(), strict=True
    ):
        palette[3 * group : 3 * group + 3] = colour
    few.putpalette(palette)
    return few


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
