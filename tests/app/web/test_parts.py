"""The parts that pages are made of say what is true on that page."""

from __future__ import annotations

import pytest

from app.kernel.i18n import speak
from app.render.templates import environment

KEPT = "Alles, was Sie eingegeben haben, ist noch da."


def drawn(call):
    source = f'{{% import "web/ui/parts.html" as ui %}}{{{{ ui.{call} }}}}'
    return environment().from_string(source).render()


@pytest.mark.parametrize(
    ("count", "german", "english"),
    [
        (1, "Eine Stelle braucht", "One entry still needs"),
        (7, "Sieben Stellen brauchen", "Seven entries still need"),
        (12, "Zwölf Stellen brauchen", "Twelve entries still need"),
        (13, "13 Stellen brauchen", "13 entries still need"),
    ],
)
def test_mistakes_are_counted_in_words_to_twelve(count, german, english):
    problems = {f"field-{number}": "Bitte wählen." for number in range(count)}
    assert german in drawn(f"error_summary({problems!r})")
    with speak("en"):
        assert english in drawn(f"error_summary({problems!r})")


def test_a_page_with_a_password_does_not_promise_that_all_is_still_there():
    assert KEPT in drawn('error_summary({"name": "Bitte."})')
    assert KEPT not in drawn('error_summary({"name": "Bitte."}, kept=False)')


def test_who_knows_begins_like_a_sentence():
    assert "Wer weiß es? Die Geschäftsführung." in drawn('see("Da.", "die Geschäftsführung")')
    assert "Wer weiß es?" not in drawn('see("Da.")')
