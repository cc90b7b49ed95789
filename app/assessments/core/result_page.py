"""The page of a result, in words and numbers, for one language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.assessments.core import progress
from checklists import explain, in_language, name_roles, say_statement, say_step
from checklists.model import (
    Answer,
    Catalog,
    Line,
    Part,
    Question,
    RequirementResult,
    Result,
    StepWords,
    Value,
)

SHOWN_STEPS = 3


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area in table and radar.

    Attributes:
        number: its place in the catalog, which is its place in the radar.
        percent: None while something in it is open.
    """

    id: str
    title: str
    number: int
    points: int | None
    points_max: int
    percent: int | None
    open: int
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement with the state its answers give it."""

    id: str
    area: str
    title: str
    state: str
    word: str
    points: int | None
    points_max: int | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question with its answer."""

    id: str
    area: str
    text: str
    value: str
    word: str
    missing: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ToClarify:
    """A question nobody could answer yet, and who will know."""

    id: str
    area: str
    text: str
    whom: str


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to one area in a folded list."""

    title: str
    steps: tuple[StepWords, ...]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Everything the page shows, first what to do."""

    assessment_id: UUID
    catalog: Catalog
    title: str
    result: Result
    steps: tuple[StepWords, ...]
    more: tuple[Group, ...]
    more_count: int
    statement: str
    areas: tuple[AreaRow, ...]
    top_open: tuple[RequirementRow, ...]
    met: tuple[RequirementRow, ...]
    left_out: tuple[RequirementRow, ...]
    lines: tuple[Line, ...]
    answers: tuple[AnswerRow, ...]
    unknown: tuple[ToClarify, ...]
    open: tuple[AnswerRow, ...]
    minutes: int
    as_of: datetime
    finished_at: datetime | None
    stand: str | None
    points_note: str
    notice: str
    new_id: UUID
    report_id: UUID
    may_write: bool

    @property
    def weakest_first(self) -> tuple[AreaRow, ...]:
        """Where the percentage is the same, fewer points; areas without a number stand last."""

        def weakness(row: AreaRow) -> tuple[int, int, int]:
            return (101 if row.percent is None else row.percent, row.points or 0, row.number)

        return tuple(sorted(self.areas, key=weakness))


def build(
    *,
    assessment_id: UUID,
    catalog: Catalog,
    answers: Mapping[str, Answer],
    result: Result,
    as_of: datetime,
    finished_at: datetime | None,
    stand: str | None,
    new_ids: tuple[UUID, UUID],
    may_write: bool,
    lang: str,
) -> ResultPage:
    """Put a result into words.

    Args:
        assessment_id: of the run.
        catalog: the edition of the run.
        answers: of the run.
        result: what they come to.
        as_of: time of the newest answer, or of the closing.
        finished_at: None while the run is open.
        stand: of the snapshot; None while the run is open.
        new_ids: for a new run and for a report, to stand in the forms.
        may_write: buttons that act are shown.
        lang: `de` or `en`.
    """
    steps = tuple(say_step(step, catalog, answers, lang) for step in result.next)
    rows = tuple(_requirement(catalog, item, lang) for item in result.requirements)
    asked = progress.asked(catalog, answers)
    listed = tuple(_answer(catalog, question, answers.get(question.id), lang) for question in asked)
    still_open = tuple(row for row in listed if row.value == "open")
    words = catalog.words
    return ResultPage(
        assessment_id=assessment_id,
        catalog=catalog,
        title=in_language(catalog.title, lang),
        result=result,
        steps=steps[:SHOWN_STEPS],
        more=_by_area(catalog, result, steps, lang),
        more_count=max(0, len(steps) - SHOWN_STEPS),
        statement=say_statement(result, catalog, answers, lang),
        areas=_areas(catalog, result, listed, lang),
        top_open=tuple(row for row in rows if row.id in result.top_open),
        met=tuple(row for row in rows if row.state == "met"),
        left_out=tuple(row for row in rows if row.state == "not_applicable"),
        lines=explain(result, catalog, lang),
        answers=listed,
        unknown=tuple(
            _to_clarify(catalog, question, answers[question.id], lang)
            for question in asked
            if question.id in answers and answers[question.id].value is Value.UNKNOWN
        ),
        open=still_open,
        minutes=progress.minutes_left(catalog, len(still_open)),
        as_of=as_of,
        finished_at=finished_at,
        stand=stand,
        points_note=in_language(words.notices["points_note"], lang),
        notice=in_language(words.notices[catalog.notice], lang),
        new_id=new_ids[0],
        report_id=new_ids[1],
        may_write=may_write,
    )


def _requirement(catalog: Catalog, item: RequirementResult, lang: str) -> RequirementRow:
    requirement = catalog.requirement(item.id)
    word = in_language(catalog.words.states[item.state], lang)
    title = in_language(requirement.title, lang)
    return RequirementRow(item.id, item.area, title, item.state, word, item.points, item.points_max)


def _answer(catalog: Catalog, question: Question, answer: Answer | None, lang: str) -> AnswerRow:
    value = "open" if answer is None else answer.value.value
    chosen = () if answer is None else answer.missing
    missing = tuple(in_language(m.text, lang) for m in question.missing if m.id in chosen)
    word = in_language(catalog.words.answers[value], lang)
    if value == "not_applicable" and isinstance(question, Part) and question.na is not None:
        word = in_language(question.na, lang)
    return AnswerRow(
        question.id,
        catalog.area_of(question.id).id,
        in_language(question.text, lang),
        value,
        word,
        missing,
        "" if answer is None else answer.note,
    )


def _to_clarify(catalog: Catalog, question: Question, answer: Answer, lang: str) -> ToClarify:
    return ToClarify(
        question.id,
        catalog.area_of(question.id).id,
        in_language(question.text, lang),
        answer.ask or name_roles(catalog.words, question.knows[:1], lang),
    )


def _areas(
    catalog: Catalog, result: Result, listed: tuple[AnswerRow, ...], lang: str
) -> tuple[AreaRow, ...]:
    return tuple(
        AreaRow(
            area.id,
            in_language(catalog.area(area.id).title, lang),
            number,
            area.points,
            area.points_max,
            area.percent,
            sum(row.value == "open" and row.area == area.id for row in listed),
            tuple(item.id for item in catalog.requirements_of(area.id)),
        )
        for number, area in enumerate(result.areas)
    )


def _by_area(
    catalog: Catalog, result: Result, steps: tuple[StepWords, ...], lang: str
) -> tuple[Group, ...]:
    """The steps behind the first three, each under the area of its first question."""
    groups: dict[str, list[StepWords]] = {}
    rest = list(zip(result.next, steps, strict=True))[SHOWN_STEPS:]
    for step, words in rest:
        area = catalog.area_of(step.parts[0]).id if step.parts else catalog.areas[0].id
        groups.setdefault(area, []).append(words)
    return tuple(
        Group(in_language(area.title, lang), tuple(groups[area.id]))
        for area in catalog.areas
        if area.id in groups
    )
