"""A catalog as JSON and back.

A snapshot keeps the whole edition with its texts, so that a report made in ten years is drawn by
the same code from what was true on its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from checklists.model import (
    Area,
    Catalog,
    Choice,
    Counted,
    Gate,
    Measure,
    Missing,
    Part,
    Requirement,
    Role,
    Source,
    Topic,
    Value,
    Words,
)

FORMAT = 1
"""Grows when frozen catalogs change their shape; `thaw` then learns each older one."""

Frozen = Mapping[str, Any]


def freeze(catalog: Catalog) -> dict[str, Any]:
    """Return the edition as JSON values, complete: texts, words, measures, topics, sources."""
    frozen: dict[str, Any] = _plain(catalog)
    return {"format": FORMAT, **frozen}


def thaw(frozen: Frozen) -> Catalog:
    """Return the edition that was frozen.

    Raises:
        ValueError: frozen by a newer program.
    """
    if frozen["format"] != FORMAT:
        raise ValueError(f"frozen catalog of format {frozen['format']}")
    return Catalog(
        id=frozen["id"],
        edition=frozen["edition"],
        revision=frozen["revision"],
        published=frozen["published"],
        scheme=frozen["scheme"],
        rules=frozen["rules"],
        minutes=frozen["minutes"],
        audience=frozen["audience"],
        title=frozen["title"],
        summary=frozen["summary"],
        notice=frozen["notice"],
        areas=tuple(Area(**area) for area in frozen["areas"]),
        gates=tuple(_gate(gate) for gate in frozen["gates"]),
        requirements=tuple(_requirement(item) for item in frozen["requirements"]),
        measures=tuple(
            Measure(**{**measure, "needs": tuple(measure["needs"])})
            for measure in frozen["measures"]
        ),
        topics=tuple(Topic(**topic) for topic in frozen["topics"]),
        sources=tuple(Source(**source) for source in frozen["sources"]),
        words=thaw_words(frozen["words"]),
    )


def thaw_words(frozen: Frozen) -> Words:
    """Return the words of a frozen edition, or those of `words.yaml`."""
    return Words(
        **{
            **frozen,
            "roles": {key: Role(**role) for key, role in frozen["roles"].items()},
            "statements": {key: Counted(**text) for key, text in frozen["statements"].items()},
            "numbers": {lang: tuple(words) for lang, words in frozen["numbers"].items()},
        }
    )


def _requirement(frozen: Frozen) -> Requirement:
    return Requirement(**{**frozen, "parts": tuple(_part(part) for part in frozen["parts"])})


def _part(frozen: Frozen) -> Part:
    return Part(
        **{
            **frozen,
            "knows": tuple(frozen["knows"]),
            "answers": _choices(frozen["answers"]),
            "missing": tuple(Missing(**point) for point in frozen["missing"]),
            "sources": _lists(frozen["sources"]),
            "scan": _lists(frozen["scan"]),
        }
    )


def _gate(frozen: Frozen) -> Gate:
    return Gate(
        **{
            **frozen,
            "knows": tuple(frozen["knows"]),
            "answers": _choices(frozen["answers"]),
            "scan": _lists(frozen["scan"]),
        }
    )


def _choices(frozen: Frozen) -> dict[Value, Choice]:
    """Return the answers in the order of `Value`, whatever a store did to the order of keys."""
    return {value: Choice(**frozen[value]) for value in Value if value in frozen}


def _lists(frozen: Frozen) -> dict[str, tuple[str, ...]]:
    return {key: tuple(items) for key, items in frozen.items()}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.init}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
