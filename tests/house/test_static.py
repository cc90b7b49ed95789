"""What is sent beside the pages: packed copies, files of others, weight, colours."""

from __future__ import annotations

import gzip
import math
import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "web" / "static"
STYLE = (STATIC / "lotse.css").read_text(encoding="utf-8")
PAGE = (ROOT / "app" / "web" / "templates" / "web" / "page.html").read_text(encoding="utf-8")
TEXT = {".css", ".js", ".svg", ".txt", ".md"}

PAGE_BYTES = 20_000
"""A question page as sent, unpacked; the start page has a third of that."""
FIRST_PAGE_BYTES = 130_000
SCRIPT_BYTES = 10_000
SCRIPT_LINES = 150


def texts() -> list[Path]:
    return sorted(file for file in STATIC.rglob("*") if file.suffix in TEXT)


def loaded_by_first_page() -> list[str]:
    """The names that the page and its style sheet mention: what a browser really fetches."""
    named = set(re.findall(r'asset\("([^"]+)"\)', PAGE))
    return sorted(named | set(re.findall(r'url\("([^"]+)"\)', STYLE)))


def test_each_packed_copy_holds_what_its_file_holds():
    for file in texts():
        packed = file.with_name(f"{file.name}.gz")
        assert packed.is_file(), f"{packed} is missing: run `python tools/vendor.py gz`"
        assert gzip.decompress(packed.read_bytes()) == file.read_bytes(), (
            f"{packed} is old: run `python tools/vendor.py gz`"
        )


def test_no_packed_copy_has_lost_its_file():
    for packed in STATIC.rglob("*.gz"):
        assert packed.with_suffix("").is_file(), f"delete {packed}: its file is gone"


def test_packed_copies_carry_no_time_so_that_each_run_writes_the_same():
    for packed in STATIC.rglob("*.gz"):
        assert packed.read_bytes()[4:8] == b"\0\0\0\0", f"{packed}: run `make vendor`"


@pytest.mark.parametrize(
    ("note", "base"),
    [
        (STATIC / "kern" / "VENDORED.md", STATIC),
        (ROOT / "tests" / "vendor" / "VENDORED.md", ROOT / "tests" / "vendor"),
    ],
    ids=["kern", "axe"],
)
def test_files_of_others_are_untouched(note, base):
    rows = re.findall(
        r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", note.read_text("utf-8"), re.MULTILINE
    )
    assert rows
    for name, expected in rows:
        found = sha256((base / name).read_bytes()).hexdigest()
        assert found == expected, f"{name} was changed: fetch it anew with `make vendor`"


def test_every_file_of_others_is_written_down():
    note = (STATIC / "kern" / "VENDORED.md").read_text("utf-8")
    for folder in ("kern", "fonts"):
        for file in (STATIC / folder).glob("*/*"):
            name = file.relative_to(STATIC).as_posix()
            assert file.suffix == ".gz" or name in note, f"{name} stands in no VENDORED.md"


def test_fonts_are_given_on_with_their_licence():
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text("utf-8")


def test_everything_the_first_page_names_exists():
    names = loaded_by_first_page()
    assert {"lotse.css", "lotse.js"} <= set(names)
    for name in names:
        assert (STATIC / name).is_file(), f"{name} is named in page.html or lotse.css"


def test_first_page_weighs_less_than_130_kb_as_sent():
    sent = PAGE_BYTES
    for name in loaded_by_first_page():
        packed = STATIC / f"{name}.gz"
        sent += (packed if packed.is_file() else STATIC / name).stat().st_size
    assert sent < FIRST_PAGE_BYTES, f"{sent} bytes: take something out"


def test_print_style_finds_its_fonts_and_signs():
    style = (STATIC / "print.css").read_text("utf-8")
    names = re.findall(r'url\("([^"]+)"\)', style)
    assert len(names) >= 2
    for name in names:
        assert (STATIC / name).is_file(), f"{name} is named in print.css"


def test_the_script_stays_small():
    script = (STATIC / "lotse.js").read_text("utf-8")
    assert len(script.encode()) < SCRIPT_BYTES
    assert len(script.splitlines()) < SCRIPT_LINES


# ─── colours: the contrast that people with weak sight need ───

ON_PAGE_AND_SOFT = ("--text", "--muted", "--accent", "--alarm", "--good", "--warn")
KERN = (STATIC / "kern" / "2.7.2" / "kern.min.css").read_text("utf-8")


def tokens(theme: str) -> dict[str, str]:
    """Read the colours of one theme; dark stands on light."""
    layer = STYLE.partition("@layer tokens {")[2].partition("@layer base {")[0]
    light, dark = layer.split("@media (prefers-color-scheme: dark)")
    declared = dict(re.findall(r"(--[\w-]+):\s*([^;{}]+);", light))
    if theme == "dark":
        declared |= dict(re.findall(r"(--[\w-]+):\s*([^;{}]+);", dark))
    return declared


def luminance(value: str, known: dict[str, str]) -> float:
    """Relative luminance of an OKLCH colour: OKLab to linear sRGB, then WCAG's weights."""
    if reference := re.fullmatch(r"var\((--[\w-]+)\)", value):
        name = reference[1]
        kern = dict(re.findall(rf"({name}):\s*([^;}}]+)", KERN))
        return luminance((kern | known)[name], known)
    match = re.fullmatch(r"oklch\(([\d.]+)(%?) ([\d.]+) ([\d.]+)\)", value)
    assert match, f"cannot read the colour {value}"
    light = float(match[1]) / (100 if match[2] else 1)
    chroma, hue = float(match[3]), math.radians(float(match[4]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(part, 0), 1) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front: str, ground: str, known: dict[str, str]) -> float:
    pair = sorted((luminance(known[front], known), luminance(known[ground], known)))
    return (pair[1] + 0.05) / (pair[0] + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(theme):
    known = tokens(theme)
    pairs = [(front, ground) for front in ON_PAGE_AND_SOFT for ground in ("--page", "--soft")]
    pairs += [(f"--{name}", f"--{name}-soft") for name in ("alarm", "good", "warn")]
    weak = {pair: round(contrast(*pair, known), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 5.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_controls_can_be_seen(theme):
    assert contrast("--line-strong", "--page", tokens(theme)) >= 3
