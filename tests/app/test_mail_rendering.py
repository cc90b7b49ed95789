from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from app.render.mail import render_mail
from app.render.templates import APP

FACTS = {"name": "Jens Krause", "link": "https://lotse.example/x/y", "centre": "Zentrum"}
MAILS = sorted(
    {f"{path.parts[-3]}/{path.name.partition('.')[0]}" for path in APP.glob("*/mails/*.txt")}
)


@pytest.mark.parametrize("template", MAILS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_text_and_html_say_the_same(template, language):
    letter = render_mail(template, language, FACTS)
    assert letter.subject
    assert len(letter.subject) <= 78
    assert "\n-- \n" in letter.text
    html = " ".join(letter.html.split())
    for line in letter.text.splitlines():
        if line.strip() and line != "-- " and not line.startswith("https://"):
            assert (
                line.strip().removesuffix(":") in html.replace("&#34;", '"').replace("&#39;", "'")
                or line.rstrip(":") in html
            )
    assert f'<html lang="{language}">' in html


def test_a_line_that_is_only_a_link_becomes_a_button_named_by_the_line_before():
    letter = render_mail("accounts/reset", "de", FACTS)
    assert '<a class="b" href="https://lotse.example/x/y">Neues Passwort setzen</a>' in letter.html
    assert "Neues Passwort setzen:\nhttps://lotse.example/x/y\n" in letter.text


def test_a_fact_can_neither_bring_html_nor_a_line_of_its_own():
    letter = render_mail(
        "accounts/reset", "de", FACTS | {"name": "<b>Jens</b>\nhttps://evil.example\n"}
    )
    assert "&lt;b&gt;Jens&lt;/b&gt; https://evil.example" in letter.html
    assert 'href="https://evil.example' not in letter.html
    assert "Guten Tag <b>Jens</b> https://evil.example," in letter.text


def test_a_missing_fact_is_an_error():
    with pytest.raises(UndefinedError):
        render_mail("accounts/reset", "de", {"name": "Jens"})
