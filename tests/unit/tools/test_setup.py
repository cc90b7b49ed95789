from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup


def missing(purpose, environ=None, *, ubuntu=False, there=(), browser=None, postgresql=True):
    """Ask about a machine on which only `there` is found."""
    return setup.missing_packages(
        purpose,
        environ or {},
        ubuntu=ubuntu,
        loads=lambda library: library in there,
        which=lambda program: f"/usr/bin/{program}" if program in there else None,
        has_module=lambda module: module in there,
        has_postgresql=lambda: postgresql,
        find_chromium=lambda _environ: browser,
    )


PANGO = tuple(setup.PANGO)
READY_TO_RUN = ("ensurepip", *PANGO)
READY_BUT_BROWSER = (*READY_TO_RUN, "pdftotext", "qpdf")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with blanks and umlauts, as people have them."""
    root = tmp_path / "Prüfung für die Firma"
    (root / "requirements").mkdir(parents=True)
    (root / "tools").mkdir()
    (root / ".venv").mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "tools/setup.py").write_text("print()\n")
    for name in ("build", "run", "test"):
        (root / f"requirements/{name}.lock").write_text(f"{name}\n")
    return root


def test_a_bare_machine_needs_venv_and_pango_to_run():
    assert missing("run", postgresql=False) == ["python3-venv", *setup.PANGO.values()]


def test_a_machine_that_has_all_needs_nothing():
    assert missing("run", there=READY_TO_RUN) == []
    assert missing("test", there=READY_BUT_BROWSER, browser="/usr/bin/chromium") == []


def test_only_the_library_that_is_absent_is_named():
    there = [part for part in READY_TO_RUN if part != "libharfbuzz-subset.so.0"]
    assert missing("run", there=there) == ["libharfbuzz-subset0"]


def test_tests_need_a_database_server_pdf_tools_and_a_browser_besides():
    needed = missing("test", there=READY_TO_RUN, postgresql=False)
    assert needed == ["postgresql", "poppler-utils", "qpdf", "chromium"]


def test_on_ubuntu_chromium_is_never_asked_from_apt():
    assert missing("test", ubuntu=True, there=READY_BUT_BROWSER) == []


def test_who_switches_the_journeys_off_needs_no_browser():
    off = {"LOTSE_BROWSER_TESTS": "off"}
    assert missing("test", off, there=READY_BUT_BROWSER) == []


def test_a_browser_named_by_hand_comes_first():
    assert setup.find_chromium({"LOTSE_CHROMIUM": "/opt/chrome"}) == "/opt/chrome"


@pytest.mark.parametrize(
    ("text", "ubuntu"),
    [
        ('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', True),
        ("ID=debian\n", False),
        ("ID=mint\nID_LIKE=ubuntu\n", False),
    ],
)
def test_ubuntu_is_told_by_its_id(tmp_path, text, ubuntu):
    (tmp_path / "os-release").write_text(text)
    assert setup.is_ubuntu(tmp_path / "os-release") is ubuntu


def test_without_root_there_is_exactly_one_line_to_copy(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    with pytest.raises(setup.CannotSetUp) as problem:
        setup.install_packages(["postgresql", "qpdf"])
    line = "sudo apt-get install -y --no-install-recommends postgresql qpdf"
    assert str(problem.value) == line


def test_a_machine_without_apt_is_told_the_names(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(setup.CannotSetUp, match="Debian calls: qpdf"):
        setup.install_packages(["qpdf"])


def test_no_server_starts_while_apt_works_and_the_guard_is_gone_after(tmp_path):
    guard = tmp_path / "policy-rc.d"
    with pytest.raises(KeyboardInterrupt), setup.no_service_starts(guard):
        assert subprocess.run([guard], check=False).returncode == 101
        raise KeyboardInterrupt
    assert not guard.exists()


def test_a_guard_that_the_operator_set_stays(tmp_path):
    guard = tmp_path / "policy-rc.d"
    guard.write_text("#!/bin/sh\nexit 0\n")
    with setup.no_service_starts(guard):
        assert guard.read_text().endswith("exit 0\n")
    assert guard.exists()


def test_the_stamp_goes_stale_with_a_lock_a_setting_and_a_move(checkout):
    before = setup.stamp(checkout, "run")
    before.touch()
    assert setup.is_ready(checkout, "run")
    (checkout / "requirements/run.lock").write_text("flask==4\n")
    assert not setup.is_ready(checkout, "run")
    (checkout / "requirements/run.lock").write_text("run\n")
    assert setup.is_ready(checkout, "run")
    moved = checkout.rename(checkout.with_name("anderswo"))
    assert not setup.is_ready(moved, "run")


def test_what_is_ready_for_tests_is_ready_to_run_and_not_the_other_way(checkout):
    setup.stamp(checkout, "test").touch()
    assert setup.is_ready(checkout, "run")
    setup.stamp(checkout, "test").unlink()
    setup.stamp(checkout, "run").touch()
    assert not setup.is_ready(checkout, "test")


def test_a_venv_of_another_place_or_python_is_made_anew(checkout):
    venv = checkout / ".venv"
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(sys.executable)
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"

    def describe(version: str, place: Path) -> None:
        facts = f"version = {version}.4\ncommand = /usr/bin/python3 -m venv --clear {place}\n"
        (venv / "pyvenv.cfg").write_text(facts)

    describe(minor, venv)
    assert setup.venv_fits(venv)
    describe(minor, checkout / "old/.venv")
    assert not setup.venv_fits(venv)
    describe("3.10", venv)
    assert not setup.venv_fits(venv)
    describe(minor, venv)
    (venv / "bin/python").unlink()
    assert not setup.venv_fits(venv)
    assert not setup.venv_fits(checkout / "none")


def test_a_stale_stamp_is_gone_before_anything_is_installed(checkout, monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(setup, "run", commands.append)
    (checkout / ".venv/.ready-test-0123").touch()
    setup.install_libraries(checkout, "run")
    assert not list(checkout.glob(".venv/.ready-*"))
    made, *installed = commands
    assert made[1:3] == ["-m", "venv"]
    assert [command[-1] for command in installed] == [
        f"{checkout}/requirements/build.lock",
        f"{checkout}/requirements/run.lock",
        str(checkout),
    ]
    assert all("--require-hashes" in command for command in installed[:2])


def test_a_failing_step_ends_with_its_command_and_leaves_no_stamp(checkout, monkeypatch):
    monkeypatch.setattr(setup, "missing_packages", lambda *_, **__: [])
    broken = checkout / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    with pytest.raises(setup.CannotSetUp, match=r"failed: .*broken -m venv"):
        setup.set_up(checkout, "run", {})
    assert not setup.is_ready(checkout, "run")


@pytest.mark.parametrize("arguments", [[], ["deploy"], ["run", "test"]])
def test_other_words_get_the_usage_and_exit_code_2(arguments, capsys):
    assert setup.main(arguments) == 2
    assert capsys.readouterr().err == "usage: python3 tools/setup.py run|test\n"


def test_an_old_python_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert setup.main(["run"]) == 2
    assert capsys.readouterr().err == "lotse needs Python 3.11 or newer\n"
