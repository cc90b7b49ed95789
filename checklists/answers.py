"""Answers as people and programs hand them in become answers of a catalog.

Whatever comes in ends as a typed value or as an error with a code; nothing is scored before
everything is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from checklists.errors import (
    BadValue,
    Malformed,
    NotApplicableNotOffered,
    PartlyNotOffered,
    TooLong,
    UnknownCatalog,
    UnknownEdition,
    UnknownMissing,
)
from checklists.model import Answer, Catalog, Question, Value

NOTE_LENGTH = 4_000
"""Characters of a note."""

ASK_LENGTH = 100
"""Characters of "who will know"."""

BY_LENGTH = 200
"""Characters of the name of who answered."""

DOCUMENT_LENGTH = 4_000_000
"""Bytes of one document: every question with the longest note, each character escaped."""

_ANSWER_KEYS = frozenset({"value", "missing", "note", "ask", "by", "on"})
_DOCUMENT_KEYS = frozenset({"schema", "catalog", "edition", "answers"})
_BARE: Mapping[str, Answer] = {value.value: Answer(value) for value in Value}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def parse_document(text: str | bytes) -> object:
    """Read JSON as strictly as answers deserve.

    Raises:
        TooLong: more than `DOCUMENT_LENGTH` bytes.
        Malformed: no JSON, not UTF-8, a doubled key, NaN or Infinity, nested too deep.
    """
    if len(text) > DOCUMENT_LENGTH:
        raise TooLong("document", DOCUMENT_LENGTH)
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        document: object = json.loads(
            decoded, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise Malformed("document", "nested too deep") from error
    except ValueError as error:
        raise Malformed("document", "not readable as JSON") from error
    return document


def read_answers(catalog: Catalog, document: object) -> dict[str, Answer]:
    """Read `{"answers": {question: answer}}`; a bare string is short for `{"value": …}`.

    The order of the answers is that of the document. Answers that a gate hides are kept.

    Raises:
        ChecklistError: what the document says is not a set of answers to this catalog.
    """
    if not isinstance(document, Mapping):
        raise Malformed("document", "not an object")
    _check_keys("document", document, _DOCUMENT_KEYS)
    schema = document.get("schema", 1)
    if type(schema) is not int or schema != 1:
        raise Malformed("document", "only schema 1 is known")
    if document.get("catalog", catalog.id) != catalog.id:
        raise UnknownCatalog(document["catalog"])
    if document.get("edition", catalog.edition) != catalog.edition:
        raise UnknownEdition(catalog.id, document["edition"])
    given = document.get("answers")
    if not isinstance(given, Mapping):
        raise Malformed("document", "answers is not an object")
    return {key: check_answer(catalog.question(key), answer) for key, answer in given.items()}


def check_answer(question: Question, given: object) -> Answer:
    """Make an answer of what was given, keeping only what belongs to its value.

    `missing` stays with `partly` alone, `ask` with `unknown` alone.

    Args:
        question: a part or a gate.
        given: a value, or an object with `value` and any of `missing note ask by on`.

    Raises:
        BadValue: not one of the five.
        NotApplicableNotOffered: everybody has to answer this one.
        PartlyNotOffered: half makes no sense here.
        UnknownMissing: not a point of this question.
        TooLong: a text over its limit.
        Malformed: wrong types, unknown keys, control characters.
    """
    if isinstance(given, str):
        return _BARE[_offered(question, given)]
    if not isinstance(given, Mapping):
        raise Malformed(question.id, "neither a value nor an object")
    _check_keys(question.id, given, _ANSWER_KEYS)
    value = given.get("value")
    if not isinstance(value, str):
        raise Malformed(question.id, "value is not a string")
    answer = Value(_offered(question, value))
    missing = _missing(question, given.get("missing", ()))
    note = _text(question.id, given.get("note", ""), NOTE_LENGTH)
    ask = _text(question.id, given.get("ask", ""), ASK_LENGTH)
    by = _text(question.id, given.get("by", ""), BY_LENGTH)
    return Answer(
        answer,
        missing=missing if answer is Value.PARTLY else (),
        note=note,
        ask=ask if answer is Value.UNKNOWN else "",
        by=by,
        on=_day(question.id, given.get("on", "")),
    )


def _offered(question: Question, value: str) -> str:
    if value in question.answers:  # a Value is its string, also as a key
        return value
    if value == Value.NOT_APPLICABLE:
        raise NotApplicableNotOffered(question.id)
    if value == Value.PARTLY:
        raise PartlyNotOffered(question.id)
    raise BadValue(question.id, value)


def _missing(question: Question, given: object) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise Malformed(question.id, "missing is not a list")
    known = [point.id for point in question.missing]
    for point in given:
        if not isinstance(point, str):
            raise Malformed(question.id, "missing holds something else than strings")
        if point not in known:
            raise UnknownMissing(question.id, point)
    return tuple(point for point in known if point in given)


def _text(place: str, given: object, limit: int) -> str:
    if not isinstance(given, str):
        raise Malformed(place, "a text is not a string")
    if len(given) > 2 * limit:  # each line end may still shrink to one character
        raise TooLong(place, limit)
    text = given.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > limit:
        raise TooLong(place, limit)
    if _CONTROL.search(text):
        raise Malformed(place, "a text holds control characters or half a character")
    return text


def _day(place: str, given: object) -> str:
    if not isinstance(given, str):
        raise Malformed(place, "on is not a string")
    if given:
        try:
            same = date.fromisoformat(given).isoformat() == given  # it also reads 20261122
        except ValueError:
            same = False
        if not same:
            raise Malformed(place, "on is not a day such as 2026-11-22")
    return given


def _check_keys(place: str, given: Mapping[object, object], known: frozenset[str]) -> None:
    if not known.issuperset(given):
        raise Malformed(place, f"only {' '.join(sorted(known))} may stand here")


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("doubled key")
    return whole


def _refuse_constant(name: str) -> object:
    raise ValueError(name)
