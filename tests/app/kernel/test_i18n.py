"""German is written in the code, English in one file; dates are those of the centre."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from app.kernel import i18n
from app.kernel.i18n import (
    NBSP,
    _,
    local_clock,
    local_day,
    local_time,
    mark,
    ngettext,
    npgettext,
    pgettext,
    say,
    speak,
    spelled,
    spoken,
)

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Guten Tag %(name)s"
msgstr "Hello %(name)s"

msgid "ein Schritt"
msgid_plural "%(n)s Schritte"
msgstr[0] "one step"
msgstr[1] "%(n)s steps"

msgctxt "verb"
msgid "Stand"
msgstr "stood"

msgctxt "of an hour"
msgid "Minute"
msgid_plural "Minuten"
msgstr[0] "minute"
msgstr[1] "minutes"
"""


@pytest.fixture(autouse=True)
def english(tmp_path, monkeypatch):
    """A small file of translations of our own."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "messages.po").write_text(PO, encoding="utf-8")
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    i18n._load.cache_clear()
    yield
    i18n._load.cache_clear()


def test_german_is_what_is_written():
    assert spoken() == "de"
    assert _("Guten Tag %(name)s", name="Olga") == "Guten Tag Olga"
    assert ngettext("ein Schritt", "%(n)s Schritte", 1) == "ein Schritt"


def test_english_comes_from_the_file():
    with speak("en"):
        assert _("Guten Tag %(name)s", name="Olga") == "Hello Olga"
        assert ngettext("ein Schritt", "%(n)s Schritte", 1) == "one step"
        assert ngettext("ein Schritt", "%(n)s Schritte", 2) == "%(n)s steps"
        assert pgettext("verb", "Stand") == "stood"
        assert npgettext("of an hour", "Minute", "Minuten", 3) == "minutes"
        assert _("Das fehlt noch.") == "Das fehlt noch."
    assert spoken() == "de"


def test_a_percent_sign_without_facts_stays():
    assert _("100 % sind %(n)s") == "100 % sind %(n)s"


def test_facts_are_never_read_as_sentences():
    assert _("Guten Tag %(name)s", name="%(secret)s") == "Guten Tag %(secret)s"


def test_a_language_ends_with_its_block_also_after_an_error():
    with pytest.raises(ZeroDivisionError), speak("en"):
        _unused = 1 / 0
    assert spoken() == "de"


def test_each_thread_speaks_for_itself():
    with speak("en"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(spoken).result() == "de"


def test_marking_changes_nothing():
    assert mark("Guten Tag") == "Guten Tag"


def test_content_carries_its_languages():
    text = {"de": "Sicherung", "en": "Backup"}
    assert say(text) == "Sicherung"
    with speak("en"):
        assert say(text) == "Backup"
        assert say({"de": "nur deutsch"}) == "nur deutsch"


@pytest.mark.parametrize(
    ("at", "german", "english"),
    [
        (datetime(2026, 11, 22, 18, 4, tzinfo=UTC), "22. November 2026, 19:04 Uhr", "19:04"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2. Juli 2026, 00:30 Uhr", "00:30"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29. März 2026, 03:00 Uhr", "03:00"),
    ],
)
def test_times_are_those_of_the_centre(at, german, english):
    assert local_time(at).replace(NBSP, " ") == german
    with speak("en"):
        assert local_time(at).endswith(f", {english}")
        assert local_clock(at) == english


def test_a_day_is_not_torn_from_its_month():
    assert local_day(date(2026, 11, 22)) == f"22.{NBSP}November 2026"
    with speak("en"):
        assert local_day(date(2026, 11, 22)) == f"22{NBSP}November 2026"


@pytest.mark.parametrize(
    ("number", "german", "english"),
    [(0, "null", "zero"), (1, "eins", "one"), (12, "zwölf", "twelve"), (13, "13", "13")],
)
def test_small_numbers_are_words(number, german, english):
    assert spelled(number) == german
    with speak("en"):
        assert spelled(number) == english
        assert spelled(number, begins=True) == english.capitalize()
