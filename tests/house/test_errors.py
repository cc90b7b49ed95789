"""House rule: every code stands in the registry, and nothing else does."""

from __future__ import annotations

from app.kernel.errors import REGISTRY
from app.main import ERRORS, metadata
from tests.house import rules


def test_codes_and_registry_agree():
    metadata()
    raised = {code for base in ERRORS for code in rules.codes_of(base)}
    assert not rules.unregistered(raised, set(REGISTRY))


def test_an_unregistered_code_is_found():
    class New(Exception):
        code = "brand-new"

    assert rules.unregistered(set(rules.codes_of(New)), set(REGISTRY))


def test_a_code_that_nobody_raises_is_found():
    assert rules.unregistered(set(), {"old"})


def test_every_code_says_what_happened_in_german():
    for code, entry in REGISTRY.items():
        assert entry.title.strip(), code
        assert entry.title[-1] in ".:s%", code
