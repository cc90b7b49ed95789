"""Commands about content. They import rooms only: no database, no web, a fast start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import click

import checklists as room
from checklists.errors import ChecklistError
from checklists.model import Answer, Catalog, Part, Result, Text

GERMAN = "de"


@click.group()
def checklists() -> None:
    """Look at the questionnaires, for example: lotse checklists list."""


@checklists.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
def list_catalogs(*, as_json: bool) -> None:
    """List the catalogs, for example: lotse checklists list --json."""
    library = room.load_library()
    if as_json:
        _print_json(
            [
                {
                    "id": catalog.id,
                    "edition": catalog.edition,
                    "editions": [each.edition for each in library.editions[catalog.id]],
                    "title": dict(catalog.title),
                    "questions": len(catalog.questions),
                    "minutes": catalog.minutes,
                    "scheme": catalog.scheme,
                }
                for catalog in library.catalogs
            ]
        )
        return
    for catalog in library.catalogs:
        click.echo(
            f"{catalog.id}  {_say(catalog.title)}, Ausgabe {catalog.edition}: "
            f"{len(catalog.questions)} Fragen, etwa {catalog.minutes} Minuten"
        )


@checklists.command()
@click.argument("catalog_id", metavar="ID")
@click.option("--edition", help="Such as 2026.1; the newest without it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def show(catalog_id: str, edition: str | None, *, as_json: bool) -> None:
    """Show one catalog, for example: lotse checklists show kmu-check --json."""
    catalog = room.load_library().catalog(catalog_id, edition)
    if as_json:
        _print_json(_catalog_json(catalog))
    else:
        click.echo("\n".join(_catalog_lines(catalog)))


@checklists.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
@click.pass_context
def validate(context: click.Context, folder: Path | None, *, as_json: bool) -> None:
    """Find every mistake in content, for example: lotse checklists validate.

    Without FOLDER it is the content of this installation. Ends with 1 if there are mistakes.
    """
    problems = room.validate(folder)
    if as_json:
        _print_json(
            [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "code": problem.code,
                    "message": problem.message,
                }
                for problem in problems
            ]
        )
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{len(problems)} Fehler." if problems else "Keine Fehler.", err=True)
    context.exit(1 if problems else 0)


@click.command()
@click.argument("catalog_id", metavar="CATALOG")
@click.option("--edition", help="Such as 2026.1; without it that of the answers, or the newest.")
@click.option(
    "--answers",
    "file",
    type=click.File("rb"),
    required=True,
    help="JSON with the answers; - is standard input.",
)
@click.option("--jsonl", "lines", is_flag=True, help="One set of answers per line, one result too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def score(
    context: click.Context,
    catalog_id: str,
    edition: str | None,
    file: BinaryIO,
    *,
    lines: bool,
    as_json: bool,
) -> None:
    """Score answers, for example: lotse score kmu-check --answers answers.json --json.

    Needs no database. With --jsonl a line that cannot be read gives {"error": …} in its place,
    and the command ends with 1.
    """
    library = room.load_library()
    named = library.catalog(catalog_id, edition)
    if lines:
        failed = False
        for number, line in enumerate(file, start=1):
            try:
                _, _, result = _score(named, edition, line)
                _print_json(result.as_json())
            except ChecklistError as error:
                failed = True
                _print_json(_error_json(error, number))
        context.exit(1 if failed else 0)
    try:
        catalog, answers, result = _score(named, edition, file.read())
    except ChecklistError as error:
        if as_json:
            _print_json(_error_json(error, None))
        raise
    if as_json:
        _print_json(result.as_json())
    else:
        click.echo("\n".join(_result_lines(catalog, answers, result)))


def _score(
    named: Catalog, edition: str | None, text: bytes
) -> tuple[Catalog, dict[str, Answer], Result]:
    document = room.parse_document(text)
    catalog = named
    if edition is None and isinstance(document, Mapping):
        wanted = document.get("edition")
        if isinstance(wanted, str):
            catalog = room.load_library().catalog(named.id, wanted)
    answers = room.read_answers(catalog, document)
    return catalog, answers, room.score(catalog, answers)


def _error_json(error: ChecklistError, line: int | None) -> dict[str, object]:
    return {"error": {"code": error.code, "message": str(error), "line": line}}


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _say(text: Text) -> str:
    return room.in_language(text, GERMAN)


def _catalog_json(catalog: Catalog) -> dict[str, object]:
    return {
        "id": catalog.id,
        "edition": catalog.edition,
        "scheme": catalog.scheme,
        "rules": catalog.rules,
        "minutes": catalog.minutes,
        "title": dict(catalog.title),
        "areas": [{"id": area.id, "title": dict(area.title)} for area in catalog.areas],
        "gates": [
            {"id": gate.id, "before": gate.before, "text": dict(gate.text)}
            for gate in catalog.gates
        ],
        "requirements": [
            {
                "id": item.id,
                "area": item.area,
                "topic": item.topic,
                "top": item.top,
                "weight": item.weight,
                "gate": item.gate,
                "title": dict(item.title),
                "parts": [_part_json(part) for part in item.parts],
            }
            for item in catalog.requirements
        ],
        "measures": [
            {
                "id": measure.id,
                "topic": measure.topic,
                "effect": measure.effect,
                "effort": measure.effort,
                "needs": list(measure.needs),
                "title": dict(measure.title),
                "first_step": dict(measure.first_step),
                "done_when": dict(measure.done_when),
            }
            for measure in catalog.measures
        ],
    }


def _part_json(part: Part) -> dict[str, object]:
    return {
        "id": part.id,
        "gate": part.gate,
        "text": dict(part.text),
        "partly": "partly" in part.answers,
        "na": part.na is not None,
        "missing": [point.id for point in part.missing],
        "knows": list(part.knows),
        "measure": part.measure,
        "sources": {scheme: list(ids) for scheme, ids in part.sources.items()},
        "scan": {kind: list(keys) for kind, keys in part.scan.items()},
    }


def _catalog_lines(catalog: Catalog) -> Iterator[str]:
    yield f"{_say(catalog.title)}, Ausgabe {catalog.edition}"
    yield _say(catalog.summary)
    for area in catalog.areas:
        yield ""
        yield _say(area.title)
        for gate in catalog.gates_before(area.id):
            yield f"  {gate.id}: {_say(gate.text)}"
        for item in catalog.requirements_of(area.id):
            star = " (besonders wichtig)" if item.top else ""
            yield f"  {item.id}: {_say(item.title)}{star}"
            for part in item.parts:
                yield f"    {part.id}: {_say(part.text)}"


def _result_lines(catalog: Catalog, answers: Mapping[str, Answer], result: Result) -> Iterator[str]:
    yield f"{_say(catalog.title)}, Ausgabe {catalog.edition}"
    yield room.say_statement(result, catalog, answers, GERMAN)
    yield from _points_lines(catalog, result)
    if result.next:
        yield ""
        yield "Was jetzt zuerst kommt"
    for number, step in enumerate(result.next, start=1):
        words = room.say_step(step, catalog, answers, GERMAN)
        star = ", besonders wichtig" if words.top else ""
        yield f"{number:>3}. {words.title} ({words.when}{star})"
    yield ""
    yield "So kommt das zustande"
    for line in room.explain(result, catalog, GERMAN):
        yield f"  {line.requirement_id}: {line.text}"
    yield ""
    days = [answer.on for answer in answers.values() if answer.on]
    day = ".".join(reversed(max(days).split("-"))) if days else "Tag der Antworten"
    yield _say(catalog.words.notices[catalog.notice]).format(date=day)


def _points_lines(catalog: Catalog, result: Result) -> Iterator[str]:
    if result.points_max is None or result.range is None:
        return
    yield ""
    if result.points is None:
        low, high = result.range
        yield f"Nach jetzigem Stand {low} bis {high} von {result.points_max} Punkten."
    else:
        yield f"{result.points} von {result.points_max} Punkten."
        if result.if_clarified != result.points:
            yield f"Bis zu {result.if_clarified}, wenn Sie die offenen Nachfragen klären."
    for area in result.areas:
        title = _say(catalog.area(area.id).title)
        if area.points is None:
            yield f"  {title}: noch offen"
        else:
            percent = "" if area.percent is None else f" ({area.percent} %)"
            yield f"  {title}: {area.points} von {area.points_max}{percent}"
    yield _say(catalog.words.notices["points_note"])
