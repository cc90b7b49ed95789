"""House rules that the templates show."""

from __future__ import annotations

import pytest

from tests.house import rules

BAD = {
    "safe": "<p>{{ page.note | safe }}</p>",
    "style": '<p style="color: red">…</p>',
    "script": "<script>alert(1)</script>",
    "event": '<button onclick="go()">…</button>',
    "foreign": '<img src="https://elsewhere.example/x.png" alt="">',
}


def test_templates_are_clean():
    assert not rules.unsafe_templates(rules.template_sources())


@pytest.mark.parametrize("kind", BAD)
def test_an_unclean_template_is_found(kind: str):
    assert rules.unsafe_templates({"app/x/templates/x/page.html": BAD[kind]})


def test_pages_extend_the_shell():
    assert not rules.pages_outside_the_shell(rules.template_sources())


def test_a_page_of_its_own_is_found():
    bad = {"app/x/templates/x/page.html": "<title>{% block title %}{% endblock %}</title>"}
    assert rules.pages_outside_the_shell(bad)


def test_a_field_without_label_is_found():
    assert rules.fields_without_label('<input id="a" name="a">')
    assert not rules.fields_without_label('<label for="a">A</label><input id="a" name="a">')
