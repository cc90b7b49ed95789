"""What can be wrong with an answer.

ChecklistError
├── UnknownCatalog
├── UnknownEdition
├── UnknownQuestion
├── BadValue
├── NotApplicableNotOffered
├── PartlyNotOffered
├── UnknownMissing
├── TooLong
└── Malformed

What is wrong with content is no exception but a `checklists.model.Problem`: there all mistakes
are reported at once.
"""

from __future__ import annotations

from typing import ClassVar

SHOWN = 80
"""Characters of foreign text that a message repeats."""


def _shown(given: object) -> str:
    """Return foreign text in a form that any terminal and any log can bear."""
    text = ascii(given) if not isinstance(given, str) else ascii(given)[1:-1]
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


class ChecklistError(Exception):
    """Base of this room's errors; `facts` fill the placeholders of a code's sentence."""

    code: ClassVar[str]

    @property
    def facts(self) -> dict[str, object]:
        return {}


class UnknownCatalog(ChecklistError):
    """No catalog has this id, or the answers belong to another one."""

    code = "unknown-catalog"

    def __init__(self, catalog_id: object) -> None:
        super().__init__(f"no catalog {_shown(catalog_id)}")
        self.catalog_id = _shown(catalog_id)


class UnknownEdition(ChecklistError):
    """The catalog has no such edition, or the answers belong to another one."""

    code = "unknown-edition"

    def __init__(self, catalog_id: str, edition: object) -> None:
        super().__init__(f"{catalog_id} has no edition {_shown(edition)}")
        self.catalog_id, self.edition = catalog_id, _shown(edition)


class UnknownQuestion(ChecklistError):
    """The edition asks no such question."""

    code = "unknown-question"

    def __init__(self, question_id: object) -> None:
        super().__init__(f"no question {_shown(question_id)}")
        self.question_id = _shown(question_id)


class BadValue(ChecklistError):
    """Not one of the five answers."""

    code = "bad-value"

    def __init__(self, question_id: str, value: object) -> None:
        super().__init__(f"{question_id}: {_shown(value)} is not an answer")
        self.question_id, self.value = question_id, _shown(value)


class NotApplicableNotOffered(ChecklistError):
    """Everybody has to answer this one."""

    code = "na-not-offered"

    def __init__(self, question_id: str) -> None:
        super().__init__(f"{question_id}: not_applicable is not offered")
        self.question_id = question_id


class PartlyNotOffered(ChecklistError):
    """Half makes no sense here."""

    code = "partly-not-offered"

    def __init__(self, question_id: str) -> None:
        super().__init__(f"{question_id}: partly is not offered")
        self.question_id = question_id


class UnknownMissing(ChecklistError):
    """Not a point that this question lists as missing."""

    code = "unknown-missing"

    def __init__(self, question_id: str, point: object) -> None:
        super().__init__(f"{question_id}: nothing is called {_shown(point)}")
        self.question_id, self.point = question_id, _shown(point)


class TooLong(ChecklistError):
    """A text over its limit.

    Attributes:
        limit: the most characters allowed.
    """

    code = "too-long"

    def __init__(self, place: str, limit: int) -> None:
        super().__init__(f"{place}: more than {limit} characters")
        self.place, self.limit = place, limit

    @property
    def facts(self) -> dict[str, object]:
        return {"n": self.limit}


class Malformed(ChecklistError):
    """Not the shape of answers: wrong types, doubled keys, control characters, NaN."""

    code = "malformed"

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place, self.what = place, what
