"""What can be wrong with content beyond the form of one file.

Shapes come from the JSON Schemas, everything that crosses files is Python. Both run over all
files even where one of them is broken, so that an author sees every mistake at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from checklists.loading import Content, Edition, Raw
from checklists.locks import check_locks
from checklists.model import Problem, edition_number
from checklists.ranking import KEEP
from checklists.reading import Path, Tree

SCHEMA = FilePath(__file__).parent / "schema"

QUESTION_WORDS = 20
SENTENCE_WORDS = 22
HELP_WORDS = 60
SHORT_WORDS = 8

_SENTENCE_END = re.compile(r"(?<=[.!?])[“\"'’)]*\s+")
_EDITION = re.compile(r"20[0-9]{2}\.[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class _Item:
    """A mapping with its place."""

    tree: Tree
    path: Path
    raw: Raw

    def problem(self, code: str, message: str, *below: str | int) -> Problem:
        return self.tree.problem((*self.path, *below), code, message)

    def items(self, *below: str) -> Iterator[_Item]:
        """Return the mappings in a list below this one."""
        value: Any = self.raw
        for key in below:
            value = value.get(key) if isinstance(value, dict) else None
        yield from _mappings(self.tree, (*self.path, *below), value)


def check_content(content: Content) -> Iterator[Problem]:
    """Return what is wrong with files that could be read."""
    yield from _check_shapes(content)
    yield from _check_texts(content)
    broken = any(tree.value is None for tree in _trees(content))
    for problem in _Library(content).check():
        # What stands in a file that cannot be read is not missing.
        if not (broken and problem.code in {"content-unknown-ref", "content-unreachable"}):
            yield problem
    yield from check_locks(content)


def _trees(content: Content) -> Iterator[Tree]:
    yield from (content.words, content.topics, content.sources, *content.measures)
    for edition in content.editions:
        yield from (edition.catalog, *edition.requirements)


def _mappings(tree: Tree, path: Path, value: object) -> Iterator[_Item]:
    if isinstance(value, list):
        for position, raw in enumerate(value):
            if isinstance(raw, dict):
                yield _Item(tree, (*path, position), raw)


# Shapes


@cache
def schema(name: str) -> Raw:
    """Return one of the schemas of this room, such as `result`."""
    found: Raw = json.loads((SCHEMA / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    """Return a validator that knows the schema of texts, to which the others refer."""
    text: Resource[Any] = Resource.from_contents(schema("text"))
    registry: Registry[Any] = Registry().with_resource("text.schema.json", text)
    return Draft202012Validator(schema(name), registry=registry)


def _check_shapes(content: Content) -> Iterator[Problem]:
    trees = [
        ("words", content.words),
        ("topics", content.topics),
        ("sources", content.sources),
        *(("measures", tree) for tree in content.measures),
        *(("catalog", edition.catalog) for edition in content.editions),
        *(("requirements", tree) for edition in content.editions for tree in edition.requirements),
    ]
    for name, tree in trees:
        if tree.value is not None:
            for error in validator(name).iter_errors(tree.value):
                yield from _shape_problems(tree, error)


def _shape_problems(tree: Tree, error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        for key in error.instance:
            if key not in known:
                yield tree.problem((*path, key), "schema", f"{key} may not stand here")
        return
    of_text = isinstance(error.schema, dict) and error.schema.get("$comment") == "text"
    if of_text and (error.validator == "pattern" or "'id'" not in error.message):
        yield tree.problem(path, "missing-text", _short(error.message))
    else:
        yield tree.problem(path, "schema", _short(error.message))


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"


# Length of texts


def _check_texts(content: Content) -> Iterator[Problem]:
    for tree in _trees(content):
        for path, text in _strings(tree.value, ()):
            if len(path) > 1 and re.fullmatch("[a-z]{2}", str(path[-1])):
                yield from _check_length(tree, path, text)


def _strings(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _strings(item, (*path, position))


def _check_length(tree: Tree, path: Path, text: str) -> Iterator[Problem]:
    limits = {"text": QUESTION_WORDS, "help": HELP_WORDS, "short": SHORT_WORDS}
    limit = limits.get(str(path[-2]))
    if limit is not None and count_words(text) > limit:
        yield tree.problem(
            path, "long-sentence", f"{path[-2]} has {count_words(text)} words, at most {limit}"
        )
        if path[-2] == "text":
            return
    for sentence in _SENTENCE_END.split(text):
        if count_words(sentence) > SENTENCE_WORDS:
            yield tree.problem(
                path,
                "long-sentence",
                f"{count_words(sentence)} words, at most {SENTENCE_WORDS}: {sentence[:60]}",
            )


def count_words(text: str) -> int:
    """Return the words of a text; what holds no letter and no digit is none."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


# References


class _Library:
    """All items of all files by their ids, as far as they have any."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.topics = _by_id(_mappings(content.topics, (), content.topics.value))
        self.measures = _by_id(
            item for tree in content.measures for item in _mappings(tree, (), tree.value)
        )
        self.editions = [_EditionItems(edition) for edition in content.editions]
        self.used_measures = set(KEEP)
        self.taken = {
            f"{edition.name}#{part.raw.get('id')}": part
            for edition in self.editions
            for part in edition.parts
            if "use" not in part.raw
        }

    def check(self) -> Iterator[Problem]:
        yield from self._doubled()
        yield from self._measures()
        for edition in self.editions:
            yield from self._edition(edition)
        for item in _first(self.measures):
            if item.raw["id"] not in self.used_measures:
                yield item.problem("unreachable", f"no part names {item.raw['id']}", "id")

    def _doubled(self) -> Iterator[Problem]:
        owner: dict[str, str] = {}
        for found in (self.topics, self.measures):
            for item_id, items in found.items():
                owner.setdefault(item_id, "")
                yield from _twice(item_id, items)
        owner = dict.fromkeys(self.measures, "measures")
        for edition in self.editions:
            for found in (edition.areas, edition.gates, edition.own_questions):
                for item_id, items in found.items():
                    yield from _twice(item_id, items)
            for found in (edition.gates, edition.own_questions):
                for item_id, items in found.items():
                    if owner.setdefault(item_id, edition.catalog_id) != edition.catalog_id:
                        yield items[0].problem(
                            "duplicate-id", f"{item_id} belongs to {owner[item_id]}", "id"
                        )
            for part in edition.parts:
                yield from _doubled_points(part)

    def _measures(self) -> Iterator[Problem]:
        for item in _first(self.measures):
            yield from self._topic(item)
            for position, needed in enumerate(_list(item.raw.get("needs"))):
                if needed not in self.measures:
                    yield item.problem("unknown-ref", f"no measure {needed}", "needs", position)
        yield from self._cycles()

    def _cycles(self) -> Iterator[Problem]:
        needs = {
            item.raw["id"]: [each for each in _list(item.raw.get("needs")) if isinstance(each, str)]
            for item in _first(self.measures)
        }
        reported: set[str] = set()
        for start in needs:
            circle = _circle(start, needs)
            if circle and not reported.intersection(circle):
                reported.update(circle)
                yield self.measures[start][0].problem(
                    "cycle", " needs ".join([*circle, start]), "needs"
                )

    def _edition(self, edition: _EditionItems) -> Iterator[Problem]:
        catalog = edition.catalog
        if edition.folder != f"{edition.catalog_id}/{catalog.raw.get('edition')}":
            yield catalog.problem("schema", f"lies in {edition.folder}", "edition")
        if catalog.raw.get("notice") not in _keys(self.content.words.value, "notices"):
            yield catalog.problem("unknown-ref", "no such notice in words.yaml", "notice")
        for gate in _first(edition.gates):
            yield from self._gate(edition, gate)
        used_areas = set()
        for requirement in edition.requirements:
            used_areas.add(requirement.raw.get("area"))
            yield from self._requirement(edition, requirement)
        for area in _first(edition.areas):
            if area.raw["id"] not in used_areas:
                yield area.problem("unreachable", f"nothing stands in {area.raw['id']}", "id")
        yield from self._retired(edition)
        if catalog.raw.get("scheme") == "first_steps":
            for measure in KEEP:
                if measure not in self.measures:
                    yield catalog.problem("unknown-ref", f"no measure {measure}", "scheme")

    def _gate(self, edition: _EditionItems, gate: _Item) -> Iterator[Problem]:
        gate_id, before = gate.raw["id"], gate.raw.get("before")
        if before not in edition.areas:
            yield gate.problem("unknown-ref", f"no area {before}", "before")
            return
        guarded = [
            requirement
            for requirement in edition.requirements
            if gate_id in (requirement.raw.get("gate"), *_gates_of_parts(requirement))
        ]
        if not guarded:
            yield gate.problem("unreachable", f"{gate_id} decides nothing", "id")
        order = list(edition.areas)
        for requirement in guarded:
            area = requirement.raw.get("area")
            if area in order and order.index(area) < order.index(before):
                yield requirement.problem(
                    "unreachable", f"{gate_id} is asked only later, before {before}", "id"
                )

    def _requirement(self, edition: _EditionItems, item: _Item) -> Iterator[Problem]:
        requirement_id, area = str(item.raw.get("id")), item.raw.get("area")
        if area not in edition.areas:
            yield item.problem("unknown-ref", f"no area {area}", "area")
        elif not requirement_id.startswith(f"{area}-"):
            yield item.problem("schema", f"{requirement_id} does not begin with {area}-", "id")
        if "topic" in item.raw:
            yield from self._topic(item)
        yield from _known_gate(edition, item)
        for part in item.items("parts"):
            if "use" in part.raw:
                yield from self._use(part)
                continue
            if not str(part.raw.get("id")).startswith(f"{requirement_id}-"):
                yield part.problem(
                    "schema", f"{part.raw.get('id')} does not begin with {requirement_id}-", "id"
                )
            yield from _known_gate(edition, part)
            yield from self._part(part)

    def _part(self, part: _Item) -> Iterator[Problem]:
        measure = part.raw.get("measure")
        self.used_measures.add(str(measure))
        if measure not in self.measures:
            yield part.problem("unknown-ref", f"no measure {measure}", "measure")
        sources = part.raw.get("sources")
        for scheme, ids in sources.items() if isinstance(sources, dict) else ():
            known = self.content.sources.value
            if not isinstance(known, dict) or scheme not in known:
                yield part.problem("unknown-ref", f"no scheme {scheme}", "sources", scheme)
                continue
            keys = _keys(known, scheme, "keys")
            for position, source in enumerate(_list(ids)):
                if keys and source not in keys:
                    yield part.problem(
                        "unknown-ref", f"{scheme} has no {source}", "sources", scheme, position
                    )

    def _use(self, part: _Item) -> Iterator[Problem]:
        origin = self.taken.get(str(part.raw["use"]))
        if origin is None:
            yield part.problem("unknown-ref", f"no part {part.raw['use']}", "use")
        else:
            self.used_measures.add(str(origin.raw.get("measure")))

    def _topic(self, item: _Item) -> Iterator[Problem]:
        if item.raw.get("topic") not in self.topics:
            yield item.problem("unknown-ref", f"no topic {item.raw.get('topic')}", "topic")

    def _retired(self, edition: _EditionItems) -> Iterator[Problem]:
        known = {*edition.gates, *edition.own_questions}
        for item in edition.catalog.items("retired"):
            for later in self.editions:
                comes_back = later.catalog_id == edition.catalog_id and later.not_before(edition)
                for back in later.questions.get(str(item.raw.get("id")), []) if comes_back else []:
                    yield back.problem(
                        "reused-id", f"{item.raw['id']} was retired in {edition.name}", "id"
                    )
            successor = item.raw.get("replaced_by")
            if successor is not None and successor not in known:
                yield item.problem("unknown-ref", f"no question {successor}", "replaced_by")


class _EditionItems:
    """The items of one edition."""

    def __init__(self, edition: Edition) -> None:
        raw = edition.catalog.value
        self.folder = edition.folder
        self.catalog = _Item(edition.catalog, (), raw if isinstance(raw, dict) else {})
        self.catalog_id = str(self.catalog.raw.get("id"))
        self.edition = str(self.catalog.raw.get("edition"))
        self.name = f"{self.catalog_id}@{self.edition}"
        self.areas = _by_id(self.catalog.items("areas"))
        self.gates = _by_id(self.catalog.items("gates"))
        self.requirements = [
            item for tree in edition.requirements for item in _mappings(tree, (), tree.value)
        ]
        self.parts = [part for item in self.requirements for part in item.items("parts")]
        self.own_questions = _by_id([*self.requirements, *self.parts])
        self.questions = {**self.gates, **self.own_questions}

    def not_before(self, other: _EditionItems) -> bool:
        if not (_EDITION.fullmatch(self.edition) and _EDITION.fullmatch(other.edition)):
            return False
        return edition_number(self.edition) >= edition_number(other.edition)


def _by_id(items: Iterable[_Item]) -> dict[str, list[_Item]]:
    found: dict[str, list[_Item]] = {}
    for item in items:
        if isinstance(item.raw.get("id"), str):
            found.setdefault(item.raw["id"], []).append(item)
    return found


def _first(found: dict[str, list[_Item]]) -> Iterator[_Item]:
    return (items[0] for items in found.values())


def _twice(item_id: str, items: list[_Item]) -> Iterator[Problem]:
    first = items[0]
    for again in items[1:]:
        place = f"{first.tree.file}:{first.tree.line(*first.path, 'id')}"
        yield again.problem("duplicate-id", f"{item_id} stands already in {place}", "id")


def _doubled_points(part: _Item) -> Iterator[Problem]:
    for point_id, points in _by_id(part.items("answers", "partly", "missing")).items():
        yield from _twice(point_id, points)


def _known_gate(edition: _EditionItems, item: _Item) -> Iterator[Problem]:
    gate = item.raw.get("gate")
    if gate is not None and gate not in edition.gates:
        yield item.problem("unknown-ref", f"no gate {gate}", "gate")


def _gates_of_parts(requirement: _Item) -> list[object]:
    return [part.raw.get("gate") for part in requirement.items("parts")]


def _circle(start: str, needs: dict[str, list[str]]) -> list[str]:
    """Return the way from a measure back to itself; empty if there is none."""
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop()
        for needed in needs.get(way[-1], []):
            if needed == start:
                return way
            if needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _keys(value: object, *path: str) -> Raw:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
