"""Content on disk becomes the library, once per process.

Every file is read with all its mistakes (`read_content`); what is wrong beyond the form of one
file is found by `checklists.checking`. Loading itself trusts content that has been validated:
shapes are checked by tests and by `lotse checklists validate`, not at each start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from checklists.freezing import FORMAT, thaw
from checklists.model import Catalog, Library, Problem, Value, edition_number
from checklists.ranking import KEEP
from checklists.reading import Tree, read_yaml

CONTENT = Path(__file__).parent / "content"

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edition:
    """The files of one edition."""

    folder: str
    catalog: Tree
    requirements: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All files as read.

    Attributes:
        locks: `ids.lock` and `editions.lock`, those that exist.
    """

    words: Tree
    topics: Tree
    sources: Tree
    measures: tuple[Tree, ...]
    editions: tuple[Edition, ...]
    locks: dict[str, Tree]


@cache
def load_library(path: Path | None = None) -> Library:
    """Return all catalogs of a content folder, by default those of the product.

    Raises:
        ValueError: a file cannot be read; the message lists every place.
    """
    content, problems = read_content(path or CONTENT)
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    return build_library(content)


def validate(path: Path | None = None) -> list[Problem]:
    """Return every mistake of all files at once, in the order of files and lines."""
    # jsonschema takes 100 ms to import, and only who validates needs it.
    from checklists.checking import check_content  # noqa: PLC0415  (heavy)

    content, problems = read_content(path or CONTENT)
    return sorted({*problems, *check_content(content)})


def read_content(path: Path) -> tuple[Content, list[Problem]]:
    """Read all files of a content folder with their mistakes of form."""
    problems: list[Problem] = []

    def read(file: Path) -> Tree:
        name = file.relative_to(path).as_posix()
        try:
            tree, found = read_yaml(file.read_text(encoding="utf-8"), name)
        except FileNotFoundError:
            tree, found = (
                Tree(name, None, {}),
                [Problem(name, 1, "content-yaml", "the file is missing")],
            )
        except UnicodeDecodeError:
            tree, found = Tree(name, None, {}), [Problem(name, 1, "content-yaml", "not UTF-8")]
        problems.extend(found)
        return tree

    content = Content(
        words=read(path / "words.yaml"),
        topics=read(path / "topics.yaml"),
        sources=read(path / "sources.yaml"),
        measures=tuple(read(file) for file in sorted(path.glob("measures/*.yaml"))),
        editions=tuple(
            Edition(
                folder.relative_to(path).as_posix(),
                read(folder / "catalog.yaml"),
                tuple(read(file) for file in sorted(folder.glob("[0-9]*.yaml"))),
            )
            for folder in sorted(file.parent for file in path.glob("*/*/catalog.yaml"))
        ),
        locks={name: read(path / name) for name in LOCKS if (path / name).exists()},
    )
    return content, problems


LOCKS = ("ids.lock", "editions.lock")


def build_library(content: Content) -> Library:
    """Return the library of content that has no mistakes.

    Raises:
        CycleError: measures need each other in a circle; ranking would never end.
    """
    needs = {raw["id"]: raw.get("needs") or [] for tree in content.measures for raw in tree.value}
    TopologicalSorter(needs).prepare()
    library: dict[str, list[Catalog]] = {}
    for frozen in resolve(content):
        library.setdefault(frozen["id"], []).append(thaw(frozen))
    return Library(
        {
            catalog_id: tuple(sorted(editions, key=lambda item: edition_number(item.edition)))
            for catalog_id, editions in library.items()
        }
    )


def resolve(content: Content) -> list[Raw]:
    """Return every edition complete, in the form of `freeze`: parts taken over, labels set."""
    words: Raw = content.words.value
    found = {
        f"{edition.catalog.value['id']}@{edition.catalog.value['edition']}": edition
        for edition in content.editions
    }
    taken = {
        f"{name}#{part['id']}": (requirement, part)
        for name, edition in found.items()
        for requirement in requirements_of(edition)
        for part in requirement["parts"]
        if "use" not in part
    }
    return [_resolve_edition(edition, content, words, taken) for edition in found.values()]


def requirements_of(edition: Edition) -> Iterator[Raw]:
    """Return the requirements of all files of an edition, in order."""
    for tree in edition.requirements:
        yield from tree.value


def _resolve_edition(
    edition: Edition, content: Content, words: Raw, taken: dict[str, tuple[Raw, Raw]]
) -> Raw:
    catalog: Raw = edition.catalog.value
    requirements = [_resolve_requirement(raw, words, taken) for raw in requirements_of(edition)]
    parts = [part for requirement in requirements for part in requirement["parts"]]
    by_id = {raw["id"]: raw for tree in content.measures for raw in tree.value}
    keep = KEEP if catalog["scheme"] == "first_steps" else ()
    measures = [
        _resolve_measure(by_id[measure_id])
        for measure_id in dict.fromkeys([*(part["measure"] for part in parts), *keep])
    ]
    topics = {item["topic"] for item in (*requirements, *measures)}
    schemes = {scheme for part in parts for scheme in part["sources"]}
    return {
        "format": FORMAT,
        "id": catalog["id"],
        "edition": catalog["edition"],
        "revision": catalog["revision"],
        "published": catalog["published"],
        "scheme": catalog["scheme"],
        "rules": catalog["rules"],
        "minutes": catalog["minutes"],
        "audience": catalog["audience"],
        "title": catalog["title"],
        "summary": catalog["summary"],
        "notice": catalog["notice"],
        "areas": catalog["areas"],
        "gates": [_resolve_gate(raw, words) for raw in catalog.get("gates") or []],
        "requirements": requirements,
        "measures": measures,
        "topics": [
            {"id": raw["id"], "title": raw["title"], "weight": raw["weight"]}
            for raw in content.topics.value
            if raw["id"] in topics
        ],
        "sources": [
            {"id": scheme, "title": raw["title"], "date": raw["date"], "keys": raw.get("keys", {})}
            for scheme, raw in content.sources.value.items()
            if scheme in schemes
        ],
        "words": words,
    }


def _resolve_requirement(raw: Raw, words: Raw, taken: dict[str, tuple[Raw, Raw]]) -> Raw:
    parts = []
    # A requirement made of parts taken over has the title, topic and rank of the first one's.
    model = raw
    for part in raw["parts"]:
        if "use" in part:
            origin, whole = taken[part["use"]]
            model = {**origin, **model}
            parts.append(_resolve_part({**whole, "gate": None}, raw["id"], words))
        else:
            parts.append(_resolve_part(part, raw["id"], words))
    return {
        "id": raw["id"],
        "area": raw["area"],
        "topic": model["topic"],
        "title": model["title"],
        "top": model.get("top", False),
        "weight": model.get("weight", 1),
        "gate": raw.get("gate"),
        "parts": parts,
    }


def _resolve_part(raw: Raw, requirement_id: str, words: Raw) -> Raw:
    given: Raw = raw["answers"]
    answers = {
        value.value: {
            "label": given[value].get("label") or words["answers"][value],
            "why": given[value].get("why"),
        }
        for value in Value
        if value in given
    }
    na = raw.get("na")
    if na is not None:
        label = words["answers"][Value.NOT_APPLICABLE]
        answers[Value.NOT_APPLICABLE.value] = {
            "label": {
                lang: f"{label.get(lang, label['en'])}: {reason}" for lang, reason in na.items()
            },
            "why": None,
        }
    return {
        "id": raw["id"],
        "requirement_id": requirement_id,
        "gate": raw.get("gate"),
        "short": raw["short"],
        "text": raw["text"],
        "help": raw["help"],
        "see": raw["see"],
        "knows": raw["knows"],
        "answers": answers,
        "missing": [
            {"id": point["id"], "text": {key: text for key, text in point.items() if key != "id"}}
            for point in given.get("partly", {}).get("missing", [])
        ],
        "na": na,
        "safety": raw.get("safety"),
        "measure": raw["measure"],
        "sources": raw["sources"],
        "scan": raw.get("scan") or {},
        "check_by": raw.get("check_by"),
    }


def _resolve_gate(raw: Raw, words: Raw) -> Raw:
    return {
        "id": raw["id"],
        "before": raw["before"],
        "text": raw["text"],
        "see": raw["see"],
        "hides": raw["hides"],
        "knows": raw["knows"],
        "answers": {
            value.value: {"label": words["answers"][value], "why": None}
            for value in (Value.YES, Value.NO, Value.UNKNOWN)
        },
        "scan": raw.get("scan") or {},
    }


def _resolve_measure(raw: Raw) -> Raw:
    return {
        "id": raw["id"],
        "topic": raw["topic"],
        "effect": raw["effect"],
        "effort": raw["effort"],
        "needs": raw.get("needs") or [],
        "kind": raw.get("kind", "task"),
        "safety": raw.get("safety"),
        "title": raw["title"],
        "first_step": raw["first_step"],
        "done_when": raw["done_when"],
    }
