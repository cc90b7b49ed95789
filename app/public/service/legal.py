"""Legal pages: texts that carry both languages, filled with the settings of the centre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.kernel.i18n import say
from app.kernel.settings import Centre, Settings
from checklists.reading import read_yaml

LEGAL = Path(__file__).parents[1] / "data/legal.yaml"
SECURITY_TXT_VALID = timedelta(days=180)
"""RFC 9116 2.5.5 asks for less than a year."""

LegalText = Literal["imprint", "privacy", "accessibility"]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a legal page in one language, with the centre's facts filled in.

    Attributes:
        items: lines of a list, shown before the paragraphs.
    """

    title: str
    items: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalPage:
    """A legal page in one language."""

    title: str
    sections: tuple[Section, ...]


def legal_page(name: LegalText, centre: Centre) -> LegalPage:
    """Return a page in the language that is spoken; placeholders are shown as they are."""
    facts = asdict(centre)
    raw = _legal()[name]
    sections = tuple(
        Section(
            say(section["title"]),
            _filled(section.get("list", ()), facts),
            _filled(section.get("text", ()), facts),
        )
        for section in raw["sections"]
    )
    return LegalPage(say(raw["title"]), sections)


def security_txt(settings: Settings, now: datetime) -> str | None:
    """Whom to tell about a vulnerability, as RFC 9116 wants it; None where nobody is named."""
    contact = settings.security_contact
    if not contact:
        return None
    if ":" not in contact:
        contact = f"mailto:{contact}"
    expires = (now + SECURITY_TXT_VALID).strftime("%Y-%m-%dT00:00:00Z")
    return (
        f"Contact: {contact}\n"
        f"Expires: {expires}\n"
        "Preferred-Languages: de, en\n"
        f"Canonical: {settings.base_url}/.well-known/security.txt\n"
    )


@cache
def _legal() -> dict[str, Any]:
    tree, problems = read_yaml(LEGAL.read_text(encoding="utf-8"), LEGAL.name)
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    texts: dict[str, Any] = tree.value
    return texts


def _filled(texts: Any, facts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(say(text).format_map(facts) for text in texts)
