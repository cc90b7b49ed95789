"""A subset of YAML becomes plain values, each with its line.

PyYAML's own loading makes `True` of the key `yes`, 2026.1 of `2026.10` and a date of a day, and
takes the last of two equal keys. Here only `true|false`, `null|~|` and whole numbers without
leading zero are more than strings; doubled keys, anchors, aliases and tags are mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    ScalarEvent,
)

from checklists.model import Problem

DEPTH = 20
"""Nesting that no content of ours comes near; looked at before anything recurses."""

Path = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """The C parser (0.2 s for 260 questions, the pure one needs 2.6 s) with our few types."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"(?:true|false)$", "tf"),
    ("null", r"(?:null|~|)$", ["n", "~", ""]),
    ("int", r"(?:0|[1-9][0-9]{0,8})$", "0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True, slots=True)
class Tree:
    """One file.

    Attributes:
        file: path below the content folder.
        value: what it holds; None if it cannot be read.
        lines: path to the line of its key or list item.
    """

    file: str
    value: Any
    lines: dict[Path, int]

    def line(self, *path: str | int) -> int:
        """Return the line of a path, or of what is nearest above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, code: str, message: str) -> Problem:
        return Problem(self.file, self.line(*path), f"content-{code}", message)


def read_yaml(text: str, file: str) -> tuple[Tree, list[Problem]]:
    """Read one file with all its mistakes of form."""
    try:
        problems = _forbidden(text, file)
        if problems:
            return Tree(file, None, {}), problems
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return Tree(file, None, {}), [
            Problem(file, line, "content-yaml", str(error.problem or error.context))
        ]
    except yaml.YAMLError as error:  # characters that YAML does not know
        return Tree(file, None, {}), [Problem(file, 1, "content-yaml", str(error).splitlines()[0])]
    if node is None:
        return Tree(file, None, {}), [Problem(file, 1, "content-yaml", "the file is empty")]
    lines: dict[Path, int] = {(): node.start_mark.line + 1}
    value = _build(node, (), lines, problems, file)
    return Tree(file, value, lines), problems


def _forbidden(text: str, file: str) -> list[Problem]:
    problems = []
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        problems += [Problem(file, line, "content-alias", what) for what in _clever(event)]
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                problems.append(Problem(file, line, "content-yaml", "a second document"))
        elif isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                problems.append(Problem(file, line, "content-yaml", "nested too deep"))
                break
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
    return problems


def _clever(event: Event) -> Iterator[str]:
    """Name what no content of ours needs and what could grow without bounds or make objects."""
    if isinstance(event, AliasEvent):
        yield f"alias *{event.anchor}"
    elif isinstance(event, ScalarEvent | CollectionStartEvent):
        if event.anchor is not None:
            yield f"anchor &{event.anchor}"
        if event.tag is not None:
            yield f"tag {event.tag}"


def _build(
    node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[Problem], file: str
) -> Any:
    if isinstance(node, yaml.MappingNode):
        whole: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                problems.append(Problem(file, line, "content-yaml", "a key that is no word"))
                continue
            if key.value in whole:
                problems.append(
                    Problem(file, line, "content-duplicate-key", f"{key.value} stands here twice")
                )
                continue
            lines[*path, key.value] = line
            whole[key.value] = _build(value, (*path, key.value), lines, problems, file)
        return whole
    if isinstance(node, yaml.SequenceNode):
        items = []
        for position, item in enumerate(node.value):
            lines[*path, position] = item.start_mark.line + 1
            items.append(_build(item, (*path, position), lines, problems, file))
        return items
    match node.tag.rsplit(":", 1)[-1]:
        case "bool":
            return node.value == "true"
        case "null":
            return None
        case "int":
            return int(node.value)
        case _:
            return node.value
