"""House rule: the contracts between rooms hold, and each catches its forbidden import."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import rules

PLANTED = {
    "Rooms know nothing of the application": ("checklists/scoring.py", "import sqlalchemy"),
    "Behind the views there is no HTTP": ("app/assessments/service/checks.py", "import flask"),
    "Layers: main > features > web > render > kernel": (
        "app/kernel/limits.py",
        "import app.web.forms",
    ),
    "Cores are pure": ("app/assessments/core/progress.py", "import sqlalchemy"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    for package in rules.PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__", "static", "content")
        shutil.copytree(rules.ROOT / package, folder / package, ignore=ignore)
    shutil.copy(rules.ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_each_contract_catches_its_forbidden_import(copy: Path):
    for path, line in PLANTED.values():
        file = copy / path
        file.write_text(file.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    found = lint(copy)
    assert found.returncode == 1, found.stdout + found.stderr
    for contract in PLANTED:
        assert f"{contract} BROKEN" in found.stdout, found.stdout
