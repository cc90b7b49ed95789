"""House rule: what a command does not need is not loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house import rules

HEAVY = ("flask", "sqlalchemy", "weasyprint", "openpyxl", "apscheduler", "gunicorn", "alembic")


def loaded_by(program: str) -> set[str]:
    code = f"import sys\n{program}\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=rules.ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("heavy", HEAVY)
def test_scoring_loads_nothing_heavy(heavy: str):
    assert heavy not in loaded_by("import app.main, app.assessments.content_cli")


@pytest.mark.parametrize("heavy", ["weasyprint", "openpyxl", "alembic", "apscheduler"])
def test_the_web_process_loads_nothing_that_only_the_worker_needs(heavy: str):
    program = (
        "import app.main, app.assessments.views, app.accounts.views, app.public.views\n"
        "import app.web.pages, app.web.problems, app.web.serving"
    )
    assert heavy not in loaded_by(program)
