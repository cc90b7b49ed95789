"""Files of others that lie in this repository: fetch them, cut them to size, pack them.

    python tools/vendor.py       everything (needs npm)
    python tools/vendor.py gz    only the packed copies beside our own static files

A new version: change the constants below, run, look at the pages, commit what changed.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "app" / "web" / "static"
TEST_VENDOR = ROOT / "tests" / "vendor"
PACKED = frozenset({".css", ".js", ".svg", ".txt", ".md"})
"""Text shrinks; woff2 is packed already."""

LETTERS = (
    "U+0020-007E,U+00A0-017F,U+0192,U+0218-021B,U+02C6,U+02DA,U+02DC,U+1E9E,U+2007,U+2009-200B,"
    "U+2010-2015,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2032,U+2033,"
    "U+2039,U+203A,U+2044,U+20AC,U+2116,U+2122,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265"
)
"""Latin with Extended-A, the signs of our sentences, arrows: every name in the languages of the EU
that are written in Latin letters."""
FEATURES = "kern,liga,lnum,tnum,ccmp,locl,mark,mkmk,frac"


@dataclass(frozen=True, slots=True)
class Package:
    """One archive of others.

    Attributes:
        sha256: of the archive; a different one is refused.
        fetched_on: day on which somebody looked at it and took it.
    """

    name: str
    version: str
    sha256: str
    fetched_on: str

    @property
    def spec(self) -> str:
        """The package as npm wants it named."""
        return f"{self.name}@{self.version}"


KERN = Package(
    "@kern-ux/native",
    "2.7.2",
    "b82c23c35a198e60ee4c53c5d14911432437f03802441b7473e8d7003795adb0",
    "2026-11-25",
)
AXE = Package(
    "axe-core",
    "4.14.1",
    "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
    "2026-11-25",
)


def main() -> int:
    """Do what the command line asks."""
    if sys.argv[1:] == ["gz"]:
        pack()
        return 0
    if sys.argv[1:]:
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        take_kern(fetch(KERN, Path(folder) / "kern"))
        take_axe(fetch(AXE, Path(folder) / "axe"))
    pack()
    return 0


def fetch(package: Package, folder: Path) -> Path:
    """Get an archive, make sure it is the one we know, unpack it.

    Raises:
        SystemExit: its hash is not the one written here.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing: install Node.js, then run this again")
    folder.mkdir()
    command = [npm, "pack", package.spec, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    found = sha256(archive)
    if found != package.sha256:
        raise SystemExit(f"{package.spec} has sha256 {found}, expected {package.sha256}")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder / "package"


def take_kern(source: Path) -> None:
    """Copy styles and licence untouched, cut the two fonts to the letters we need."""
    kern = STATIC / "kern" / KERN.version
    fonts = STATIC / "fonts" / f"kern-{KERN.version}"
    for old in (*STATIC.glob("kern/*/"), *STATIC.glob("fonts/*/")):
        shutil.rmtree(old)
    kern.mkdir(parents=True)
    fonts.mkdir(parents=True)
    taken = [
        copy(source / "dist" / "kern.min.css", kern / "kern.min.css"),
        copy(source / "LICENSE.md", kern / "LICENSE.md"),
    ]
    for weight in ("Regular", "SemiBold"):
        font = source / "dist" / "fonts" / "fira-sans" / f"FiraSans-{weight}.woff2"
        cut = fonts / font.name
        subprocess.run(
            [
                *(sys.executable, "-m", "fontTools.subset", str(font)),
                f"--output-file={cut}",
                "--flavor=woff2",
                f"--unicodes={LETTERS}",
                f"--layout-features={FEATURES}",
                "--name-IDs=0,1,2,3,4,5,6,7,13,14,16,17",
            ],
            check=True,
            stderr=subprocess.DEVNULL,  # remarks about the font's tables, the same each time
        )
        taken.append(cut)
    note(STATIC / "kern" / "VENDORED.md", KERN, STATIC, taken, KERN_WORDS)


def take_axe(source: Path) -> None:
    """Copy the checker of accessibility that the tests in a browser use."""
    TEST_VENDOR.mkdir(parents=True, exist_ok=True)
    taken = [
        copy(source / "axe.min.js", TEST_VENDOR / "axe.min.js"),
        copy(source / "LICENSE", TEST_VENDOR / "axe.LICENSE.txt"),
        copy(source / "LICENSE-3RD-PARTY.txt", TEST_VENDOR / "axe.LICENSE-3RD-PARTY.txt"),
    ]
    note(TEST_VENDOR / "VENDORED.md", AXE, TEST_VENDOR, taken, AXE_WORDS)


KERN_WORDS = """\
Styles: taken as they are, licence EUPL-1.2 (`LICENSE.md`). Our own layer is `lotse.css`; nothing is
changed in here. Not taken: grid, utilities, the header script, the Noto fonts.

Fonts: Fira Sans Regular and SemiBold from the same archive, cut to Latin, Latin Extended-A and the
signs of our sentences. Licence SIL Open Font License 1.1 (`fonts/OFL.txt`; the archive has no text
of it). The same files serve the PDFs.

The version stands in the paths of both folders, so in `page.html`, `lotse.css` and `print.css`
too."""
AXE_WORDS = "Checks accessibility in the browser tests; never sent to visitors. Licence MPL-2.0."


def note(path: Path, package: Package, base: Path, taken: list[Path], words: str) -> None:
    """Write down what was taken, so that anybody can compare."""
    rows = "\n".join(f"| `{file.relative_to(base)}` | `{sha256(file)}` |" for file in taken)
    path.write_text(
        f"""\
# {package.name} {package.version}

Taken on {package.fetched_on} from the npm package `{package.spec}`, sha256 of the archive
`{package.sha256}`.

{words}

| file | sha256 |
|---|---|
{rows}

A new version: change version, hash and day in `tools/vendor.py`, run `make vendor`, run the tests,
look at the pages in light and dark, commit what changed.
""",
        encoding="utf-8",
    )


def pack() -> None:
    """Write a packed copy beside each static text, the same bytes on each run."""
    for old in STATIC.rglob("*.gz"):
        old.unlink()
    for file in sorted(STATIC.rglob("*")):
        if file.suffix in PACKED and file.is_file():
            file.with_name(f"{file.name}.gz").write_bytes(packed(file.read_bytes()))


def packed(content: bytes) -> bytes:
    """Gzip without name and time."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def copy(source: Path, target: Path) -> Path:
    """Copy the bytes, not the rights and times of the archive."""
    target.write_bytes(source.read_bytes())
    return target


def sha256(file: Path) -> str:
    """Hash of a file in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
