"""Make a machine ready: system packages, `.venv`, libraries by their hashes.

    python3 tools/setup.py run      what the service needs
    python3 tools/setup.py test     what work on the code needs besides

Standard library only, since nothing else is there when it runs. A second call finds the stamp
of the first and returns at once.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APT_INSTALL = ["apt-get", "install", "-y", "--no-install-recommends"]
INPUTS = ("pyproject.toml", "requirements/*.lock", "tools/setup.py")
START_GUARD = Path("/usr/sbin/policy-rc.d")
BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
PANGO = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


class CannotSetUp(Exception):
    """One line for the person at the keyboard; ends the program with exit code 2."""


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def find_chromium(environ: Mapping[str, str]) -> str | None:
    """Return the browser that the journeys drive: `LOTSE_CHROMIUM`, else any that is found."""
    named = environ.get("LOTSE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def has_postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def missing_packages(
    purpose: str,
    environ: Mapping[str, str],
    *,
    ubuntu: bool,
    loads: Callable[[str], bool] = loads,
    which: Callable[[str], str | None] = shutil.which,
    has_module: Callable[[str], object] = importlib.util.find_spec,
    has_postgresql: Callable[[], bool] = has_postgresql,
    find_chromium: Callable[[Mapping[str, str]], str | None] = find_chromium,
) -> list[str]:
    """Name the Debian packages that are needed and not there, without asking dpkg.

    Args:
        purpose: "run" or "test".
        environ: `LOTSE_CHROMIUM` and `LOTSE_BROWSER_TESTS` are looked at.
        ubuntu: there the package chromium is only a door to snap, so it is never asked for.
        loads: does the dynamic linker find this library?
        which: the path of a program.
        has_module: something true if Python finds this module.
        has_postgresql: are the programs of a PostgreSQL server here?
        find_chromium: the path of a browser.
    """
    missing = [] if has_module("ensurepip") else ["python3-venv"]
    missing += [package for library, package in PANGO.items() if not loads(library)]
    if purpose == "run":
        return missing
    if not has_postgresql():
        missing.append("postgresql")
    programs = {"pdftotext": "poppler-utils", "qpdf": "qpdf"}
    missing += [package for program, package in programs.items() if not which(program)]
    browser_tests = environ.get("LOTSE_BROWSER_TESTS") != "off"
    if browser_tests and not ubuntu and not find_chromium(environ):
        missing.append("chromium")
    return missing


def is_ubuntu(os_release: Path = Path("/etc/os-release")) -> bool:
    return os_release.is_file() and "\nID=ubuntu\n" in f"\n{os_release.read_text()}\n"


@contextmanager
def no_service_starts(guard: Path = START_GUARD) -> Iterator[None]:
    """Keep apt from starting the servers it installs: the tests start their own."""
    if guard.exists():  # somebody else's decision stays
        yield
        return
    guard.write_text("#!/bin/sh\nexit 101\n")
    guard.chmod(0o755)
    try:
        yield
    finally:
        guard.unlink(missing_ok=True)


def install_packages(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise CannotSetUp(f"please install what Debian calls: {' '.join(packages)}")
    if os.geteuid() != 0:
        raise CannotSetUp(f"sudo {' '.join(APT_INSTALL)} {' '.join(packages)}")
    say(f"installing system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}
    wait = ["-o", "DPkg::Lock::Timeout=300", "-qq"]  # a fresh server updates itself at first
    with no_service_starts():
        run(["apt-get", "update", *wait], environment)
        run([*APT_INSTALL, *wait, *packages], environment)


def venv_fits(venv: Path) -> bool:
    """Tell whether `.venv` was made at this place by this Python, and still starts."""
    try:
        lines = (venv / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    facts = dict(line.split(" = ", 1) for line in lines if " = " in line)
    here = facts.get("command", "").endswith(f" {venv}")
    same = facts.get("version", "").split(".")[:2] == [str(n) for n in sys.version_info[:2]]
    return here and same and (venv / "bin/python").exists()


def install_libraries(root: Path, purpose: str) -> None:
    venv = root / ".venv"
    if not venv_fits(venv):
        say("making .venv")
        run([sys.executable, "-m", "venv", "--clear", str(venv)])
    for old in venv.glob(".ready-*"):  # from here on it is none of these any more
        old.unlink()
    say(f"installing libraries from requirements/{purpose}.lock, a minute or so")
    pip = [f"{venv}/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    requirements = root / "requirements"
    by_hash = ["--require-hashes", "--requirement"]
    run([*pip, *by_hash, f"{requirements}/build.lock"])
    run([*pip, "--no-build-isolation", *by_hash, f"{requirements}/{purpose}.lock"])
    run([*pip, "--no-build-isolation", "--no-deps", "--editable", str(root)])


def stamp(root: Path, purpose: str) -> Path:
    """Return the file that says "ready"; its name changes with what decides about ready."""
    facts = sha256(str(root).encode())  # programs in .venv know where they stand
    for pattern in INPUTS:
        for path in sorted(root.glob(pattern)):
            facts.update(path.read_bytes())
    return root / ".venv" / f".ready-{purpose}-{facts.hexdigest()[:16]}"


def is_ready(root: Path, purpose: str) -> bool:
    """What is ready for tests is ready to run."""
    return any(stamp(root, ready).exists() for ready in {purpose, "test"})


def say(line: str) -> None:
    print(f"setup: {line}", file=sys.stderr, flush=True)


def run(command: list[str], environment: Mapping[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode:
        raise CannotSetUp(f"failed: {' '.join(command)}")


def set_up(root: Path, purpose: str, environ: Mapping[str, str]) -> None:
    """Do what is not done yet.

    Raises:
        CannotSetUp: a person must act; the message is the one line that says how.
    """
    if is_ready(root, purpose):
        return
    missing = missing_packages(purpose, environ, ubuntu=is_ubuntu())
    if missing:
        install_packages(missing)
        still = missing_packages(purpose, environ, ubuntu=is_ubuntu())
        if still:
            raise CannotSetUp(f"installed, and still not found: {' '.join(still)}")
    install_libraries(root, purpose)
    stamp(root, purpose).touch()
    journeys = purpose == "test" and environ.get("LOTSE_BROWSER_TESTS") != "off"
    if journeys and not find_chromium(environ):
        say("no Chromium here: set LOTSE_CHROMIUM to its path, or LOTSE_BROWSER_TESTS=off")


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an old Python is told so
        print("lotse needs Python 3.11 or newer", file=sys.stderr)
        return 2
    if arguments not in (["run"], ["test"]):
        print("usage: python3 tools/setup.py run|test", file=sys.stderr)
        return 2
    try:
        set_up(ROOT, arguments[0], os.environ)
    except CannotSetUp as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
