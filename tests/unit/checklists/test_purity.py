"""The room knows no web, no database, no clock and no network, and starts fast."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import checklists

SOURCES = sorted(Path(checklists.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_no_file_reads_the_clock_the_environment_or_the_network(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"datetime\.now|\.today\(|\btime\.|os\.environ|getenv|socket|urllib", text)
    assert not re.search(r"^(from|import) (app|flask|sqlalchemy)\b", text, re.MULTILINE)


def test_scoring_loads_neither_web_nor_database_nor_schemas():
    program = (
        "import sys, checklists\n"
        "catalog = checklists.load_library().catalog('kmu-check')\n"
        "checklists.score(catalog, {})\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert not loaded & {"flask", "sqlalchemy", "jinja2", "jsonschema", "app", "asyncio"}


def test_the_library_is_loaded_once_per_process():
    assert checklists.load_library() is checklists.load_library()
