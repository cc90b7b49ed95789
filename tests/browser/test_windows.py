"""The watchers see what they are there for."""

from __future__ import annotations

import pytest

from tests.browser import judge
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("bad", "noticed"),
    [
        ("<script>console.error('kaputt')</script>", "console: kaputt"),
        ("<script>throw new Error('kaputt')</script>", "script: kaputt"),
        ("<script>fetch('https://fremd.example/').catch(() => 0)</script>", "foreign request"),
    ],
)
def test_an_error_and_a_foreign_request_are_noticed(windows: Windows, bad: str, noticed: str):
    page = windows.open()
    page.route("**", lambda route: route.abort())  # nobody is really asked
    with windows.refusing(0):
        page.set_content(f"<p>Seite</p>{bad}")
        page.wait_for_timeout(100)
    seen = [problem[: len(noticed)] for problem in windows.problems]
    windows.problems.clear()
    assert noticed in seen


def test_a_bad_page_does_not_stand(windows: Windows):
    page = windows.open()
    page.set_content("<p style='width: 2000px'>breit</p><input>")
    assert any(line.startswith("label:") for line in judge.accessible(page))
    assert any(line.startswith("1280 px: p.") for line in judge.sideways(page))
