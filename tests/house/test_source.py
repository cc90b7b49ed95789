"""House rules that the sources show."""

from __future__ import annotations

import pytest

from tests.house import rules

BAD_LINES = {
    "commit": "    work.session.commit()",
    "relationship": "    answers = relationship('AnswerRow')",
    "text": "    work.session.execute(text('SELECT 1'))",
    "form": "    form = AnswerForm(request.form)",
    "unsafe": "    return Markup(note)",
    "everything": "    with kernel.read(everything('curious')) as work:",
    "side_write": "    with kernel.side_write(scope) as work:",
    "now": "    now = datetime.now(UTC)",
    "environment": "    url = os.environ['LOTSE_BASE_URL']",
    "silence": "    value = thing()  # noqa: S101",
}


@pytest.mark.parametrize("rule", rules.SEARCHES)
def test_the_sources_keep_the_rule(rule: str):
    assert not rules.found_by_search(rule, rules.python_sources())


@pytest.mark.parametrize("rule", rules.SEARCHES)
def test_a_line_that_breaks_the_rule_is_found(rule: str):
    assert rules.found_by_search(rule, {"app/accounts/service.py": BAD_LINES[rule]})


def test_features_are_entered_through_their_service():
    assert not rules.other_doors(rules.python_sources())


def test_a_feature_that_takes_anothers_tables_is_found():
    bad = {
        "app/accounts/feature.py": "",
        "app/assessments/feature.py": "",
        "app/assessments/service/checks.py": "from app.accounts.tables import PersonRow",
    }
    assert rules.other_doors(bad)


def test_nobody_imports_main():
    importers = [
        path
        for path, text in rules.python_sources().items()
        if any(name.startswith("app.main") for name in rules.imports(text))
    ]
    assert not importers
