"""What was published stays as it was.

`ids.lock` keeps every id ever published with its first and last edition, `editions.lock` two
SHA-256 per edition: of its *shape*, which never changes, and of its *text*, which may be
corrected with a new revision. Both are written by this module, never by hand:

    python -m checklists.locks
    python -m checklists.locks --again kmu-check@2026.1     (only before that edition is released)
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from checklists.loading import CONTENT, Content, Raw, read_content, resolve
from checklists.model import Problem, Value, edition_number
from checklists.reading import Tree


def shape_hash(frozen: Raw) -> str:
    """Return the hash of what results depend on: ids, order, weights, gates, measures."""
    return _sha256(
        {
            "id": frozen["id"],
            "edition": frozen["edition"],
            "scheme": frozen["scheme"],
            "rules": frozen["rules"],
            "areas": [area["id"] for area in frozen["areas"]],
            "gates": [[gate["id"], gate["before"]] for gate in frozen["gates"]],
            "requirements": [
                {
                    **{key: item[key] for key in ("id", "area", "topic", "top", "weight", "gate")},
                    "parts": [
                        {
                            **{key: part[key] for key in ("id", "gate", "measure")},
                            "answers": [value.value for value in Value if value in part["answers"]],
                            "missing": [point["id"] for point in part["missing"]],
                        }
                        for part in item["parts"]
                    ],
                }
                for item in frozen["requirements"]
            ],
            "measures": [
                {key: measure[key] for key in ("id", "topic", "effect", "effort", "needs")}
                for measure in frozen["measures"]
            ],
        }
    )


def text_hash(frozen: Raw) -> str:
    """Return the hash of what people read in this edition; fixed words are not part of it."""
    own = ("audience", "title", "summary", "areas", "minutes", "published", "notice")
    return _sha256(
        {
            **{key: frozen[key] for key in own},
            "gates": [_without(gate, "scan", "answers") for gate in frozen["gates"]],
            "requirements": [
                {
                    **item,
                    "parts": [_without(part, "scan", "check_by") for part in item["parts"]],
                }
                for item in frozen["requirements"]
            ],
            "measures": frozen["measures"],
        }
    )


def check_locks(content: Content) -> Iterator[Problem]:
    """Return what differs from what was published."""
    try:
        editions = {f"{frozen['id']}@{frozen['edition']}": frozen for frozen in resolve(content)}
    except (KeyError, TypeError, AttributeError, IndexError):
        return  # content that does not hold together has told so already
    yield from _check_editions(content, editions)
    yield from _check_ids(content, editions)


def write_locks(path: Path = CONTENT, again: frozenset[str] = frozenset()) -> list[Problem]:
    """Write both locks, unless something published would change.

    Args:
        path: the content folder.
        again: editions that nobody has used yet and that are published anew.
    """
    content, problems = read_content(path)
    if problems:
        return problems
    problems = [
        problem
        for problem in check_locks(content)
        if not (again and problem.code == "content-reused-id")
        and not problem.message.startswith(tuple(again))
        and "has no lock" not in problem.message
        and "is a new revision" not in problem.message
    ]
    if problems:
        return problems
    editions = {f"{frozen['id']}@{frozen['edition']}": frozen for frozen in resolve(content)}
    lines = [
        f"{name}: {{revision: {frozen['revision']}, shape: {shape_hash(frozen)}, "
        f"text: {text_hash(frozen)}}}"
        for name, frozen in editions.items()
    ]
    _write(path / "editions.lock", lines)
    # Ids of an edition that is published anew were never in anybody's hands.
    kept = {} if again else _locked(content, "ids.lock")
    ids = _ids(editions, kept)
    _write(
        path / "ids.lock",
        [
            f"{key}: {{kind: {of['kind']}, catalog: {of['catalog']}, first: {of['first']}, "
            f"last: {of['last']}}}"
            for key, of in ids.items()
        ],
    )
    return []


def _check_editions(content: Content, editions: Mapping[str, Raw]) -> Iterator[Problem]:
    tree = content.locks.get("editions.lock")
    if tree is None:
        return
    locked = _locked(content, "editions.lock")
    files = {
        f"{edition.catalog.value['id']}@{edition.catalog.value['edition']}": edition.catalog
        for edition in content.editions
    }
    for name, lock in locked.items():
        frozen = editions.get(name)
        if frozen is None:
            yield tree.problem((name,), "frozen", f"{name} was published and is gone")
        elif lock["shape"] != shape_hash(frozen):
            yield _frozen(files[name], f"{name} is published: its shape may not change")
        elif frozen["revision"] != lock["revision"]:
            yield _frozen(files[name], f"{name} is a new revision: write the locks")
        elif lock["text"] != text_hash(frozen):
            yield _frozen(files[name], f"{name} is published: a new text needs a new revision")
    for name in editions.keys() - locked.keys():
        yield _frozen(files[name], f"{name} has no lock: write the locks")


def _frozen(tree: Tree, message: str) -> Problem:
    return tree.problem(("revision",), "frozen", message)


def _check_ids(content: Content, editions: Mapping[str, Raw]) -> Iterator[Problem]:
    tree = content.locks.get("ids.lock")
    if tree is None:
        return
    locked = _locked(content, "ids.lock")
    for key, of in _ids(editions, {}).items():
        lock = locked.get(key)
        if lock is None:
            continue
        if (lock["kind"], lock["catalog"]) != (of["kind"], of["catalog"]):
            yield tree.problem(
                (key,), "reused-id", f"{key} was a {lock['kind']} of {lock['catalog']}"
            )
            continue
        between = [
            name
            for name in editions
            if name.startswith(f"{of['catalog']}@")
            and edition_number(lock["last"]) < edition_number(name.partition("@")[2])
        ]
        if between and edition_number(of["last"]) > edition_number(lock["last"]):
            after = min(between, key=lambda name: edition_number(name.partition("@")[2]))
            if key not in _ids({after: editions[after]}, {}):
                yield tree.problem((key,), "reused-id", f"{key} was dropped in {after}")


def _ids(editions: Mapping[str, Raw], known: Mapping[str, Raw]) -> dict[str, Raw]:
    """Return every id with its kind, catalog, first and last edition, those known first."""
    ids = {key: dict(of) for key, of in known.items()}
    ordered = sorted(
        editions.values(), key=lambda each: (each["id"], edition_number(each["edition"]))
    )
    own = {
        part["id"]: item["id"]
        for frozen in ordered
        for item in frozen["requirements"]
        for part in item["parts"]
        if part["id"].startswith(item["id"])
    }
    for frozen in ordered:
        found = [("gate", gate["id"]) for gate in frozen["gates"]]
        for item in frozen["requirements"]:
            found.append(("requirement", item["id"]))
            # A part taken over belongs to the requirement it came from.
            found += [
                ("part", part["id"]) for part in item["parts"] if own[part["id"]] == item["id"]
            ]
        found += [("measure", measure["id"]) for measure in frozen["measures"]]
        for kind, key in found:
            catalog = "shared" if kind == "measure" else frozen["id"]
            of = ids.setdefault(
                key,
                {"kind": kind, "catalog": catalog, "first": frozen["edition"], "last": "2000.1"},
            )
            of["last"] = max(of["last"], frozen["edition"], key=edition_number)
    return ids


def _locked(content: Content, name: str) -> dict[str, Raw]:
    tree = content.locks.get(name)
    return tree.value if tree is not None and isinstance(tree.value, dict) else {}


def _without(raw: Raw, *keys: str) -> Raw:
    return {key: value for key, value in raw.items() if key not in keys}


def _sha256(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _write(file: Path, lines: list[str]) -> None:
    head = "# Written by `python -m checklists.locks`; not to be edited by hand.\n"
    file.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def main(arguments: list[str], path: Path = CONTENT) -> int:
    """Write the locks; 1 if something published would change, 2 for wrong usage."""
    again = frozenset(arguments[1:]) if arguments[:1] == ["--again"] else frozenset()
    if arguments and not again:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    problems = write_locks(path, again)
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":  # pragma: no cover
    raise SystemExit(main(sys.argv[1:]))
