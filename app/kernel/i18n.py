"""Languages: the German sentence is the message id, English stands in `messages.po`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALE = Path(__file__).parents[1] / "locale"
LANGUAGES = ("de", "en")
BERLIN = ZoneInfo("Europe/Berlin")
NBSP = "\N{NO-BREAK SPACE}"

_language: ContextVar[str] = ContextVar("language", default="de")


@cache
def _load(language: str) -> NullTranslations:
    """Read the `.po` at first use: no build step that somebody can forget."""
    if language == "de":
        return NullTranslations()
    compiled = BytesIO()
    with (LOCALE / language / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Use `language` for everything inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def spoken() -> str:
    """The language of pages, mails and messages made now: `de` or `en`."""
    return _language.get()


def gettext(sentence: str) -> str:
    """For Jinja, which fills in the facts itself."""
    return str(_load(spoken()).gettext(sentence))


def ngettext(one: str, many: str, count: int) -> str:
    """For Jinja, which fills in the facts itself."""
    return str(_load(spoken()).ngettext(one, many, count))


def pgettext(context: str, sentence: str) -> str:
    """A word with two meanings, told apart by `context`."""
    return str(_load(spoken()).pgettext(context, sentence))


def npgettext(context: str, one: str, many: str, count: int) -> str:
    """A count of a word with two meanings."""
    return str(_load(spoken()).npgettext(context, one, many, count))


def _(sentence: str, /, **facts: object) -> str:
    return gettext(sentence) % facts if facts else gettext(sentence)


def mark(sentence: str) -> str:
    """Mark a sentence for translation where it is written, translate it where it is shown."""
    return sentence


def say(text: Mapping[str, str]) -> str:
    """Choose from content that carries its languages with it."""
    return text.get(spoken(), text["de"])


NUMBERS = {
    "de": (
        *("null", "eins", "zwei", "drei", "vier", "fünf", "sechs"),
        *("sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    ),
    "en": (
        *("zero", "one", "two", "three", "four", "five", "six"),
        *("seven", "eight", "nine", "ten", "eleven", "twelve"),
    ),
}


def spelled(number: int, *, begins: bool = False) -> str:
    """Numbers to twelve as words; `begins` where the sentence begins with it."""
    words = NUMBERS.get(spoken(), NUMBERS["de"])
    if not 0 <= number < len(words):
        return str(number)
    return words[number].capitalize() if begins else words[number]


def begins(text: str) -> str:
    """A text as a sentence begins with it: content names people in the middle of one."""
    return text[:1].upper() + text[1:]


def day_of(at: datetime) -> date:
    """The day on which something was done, in the zone of the centre: not the day in UTC."""
    return at.astimezone(BERLIN).date()


def local_day(at: datetime | date) -> str:
    """A day as people write it: `22. November 2026`, `22 November 2026`."""
    day = day_of(at) if isinstance(at, datetime) else at
    pattern = "d. MMMM yyyy" if spoken() == "de" else "d MMMM yyyy"
    return format_date(day, pattern, locale=spoken()).replace(" ", NBSP, 1)


def local_clock(at: datetime) -> str:
    """A time of day: `19:04`."""
    return format_time(at, "HH:mm", tzinfo=BERLIN, locale=spoken())


def local_time(at: datetime) -> str:
    """Day and time, in the zone of the centre."""
    day, clock = local_day(at), local_clock(at)
    return f"{day}, {clock}{NBSP}Uhr" if spoken() == "de" else f"{day}, {clock}"
