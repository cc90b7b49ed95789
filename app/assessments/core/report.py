"""What a report shows, in one language, from one frozen state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from checklists import (
    asked,
    explain,
    in_language,
    name_roles,
    open_questions,
    read_answers,
    say_statement,
    say_step,
    score,
    thaw,
    unknown_questions,
)
from checklists.model import (
    Answer,
    Catalog,
    Gate,
    Part,
    Question,
    Requirement,
    RequirementResult,
    Result,
    StepWords,
    Text,
    Value,
)

SHOWN_STEPS = 3
"""As many as one page for the boss can hold, and as many as one can begin this week."""


@dataclass(frozen=True, slots=True)
class ReportStep:
    """One measure at its place in the ranking.

    Attributes:
        number: from 1.
        short: what stands on the page for the boss: the first act, or the question to ask.
    """

    number: int
    words: StepWords
    short: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area in bars, radar and table, in catalog order.

    Attributes:
        points, percent: None while something in it is open; percent also where nothing applies.
        open: questions that are not answered yet.
    """

    id: str
    title: str
    points: int | None
    points_max: int
    percent: int | None
    open: int


@dataclass(frozen=True, slots=True)
class TopRow:
    """A TOP requirement that is not met."""

    id: str
    title: str
    state: str
    word: str
    points: int | None
    points_max: int | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question that waits for an answer, and who will know."""

    text: str
    area: str
    whom: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with all that was answered.

    Attributes:
        value: of the answer, `open` without one.
        word: the answer as it is written; for "Trifft nicht zu" with its reason.
        left_out: text of the question whose "Nein" takes this one out; empty if it counts.
        by: name of who answered; empty if nobody is known any more.
        on: day of the answer.
        step: number of the measure in the ranking; None where nothing is to do.
        measure: its title.
        whom: who will know, where the answer is "Weiß ich nicht".
    """

    id: str
    text: str
    value: str
    word: str
    left_out: str
    missing: tuple[str, ...]
    note: str
    by: str
    on: date | None
    step: int | None
    measure: str
    whom: str


@dataclass(frozen=True, slots=True)
class RequirementBlock:
    """A requirement with its questions and the line that says where its points come from."""

    id: str
    title: str
    top: bool
    state: str
    word: str
    line: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class AreaBlock:
    """An area with its gates and requirements."""

    id: str
    title: str
    gates: tuple[Entry, ...]
    requirements: tuple[RequirementBlock, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Something that questions lean on, in the state of a day."""

    title: str
    as_of: date


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where a requirement's questions are rooted: ids per scheme, none where nowhere."""

    title: str
    ids: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the document shows.

    Attributes:
        stand: first digits of the snapshot's hash, on every page.
        frozen_at: UTC; when the state was taken.
        question_count: questions that apply, gates included.
        answered_count: how many of them are answered.
        first: the first three steps; then: all others.
        notice: stands on every page; points_note: once beside the points.
    """

    lang: str
    title: str
    firm: str
    centre: str
    stand: str
    edition: str
    frozen_at: datetime
    finished: bool
    answered_by: tuple[str, ...]
    requirement_count: int
    question_count: int
    answered_count: int
    statement: str
    result: Result
    first: tuple[ReportStep, ...]
    then: tuple[ReportStep, ...]
    areas: tuple[AreaRow, ...]
    top_open: tuple[TopRow, ...]
    unknown: tuple[QuestionRow, ...]
    open: tuple[QuestionRow, ...]
    blocks: tuple[AreaBlock, ...]
    schemes: tuple[Scheme, ...]
    sources: tuple[SourceRow, ...]
    notice: str
    points_note: str

    @property
    def has_points(self) -> bool:
        """Say whether the scheme of this catalog counts points."""
        return self.result.points_max is not None


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What every part of the report is made from."""

    catalog: Catalog
    answers: Mapping[str, Answer]
    names: Mapping[str, str]
    result: Result
    steps: Mapping[str, int]
    lang: str

    def say(self, text: Text) -> str:
        return in_language(text, self.lang)


def report_of(snapshot: Mapping[str, Any], *, stand: str, lang: str) -> Report:
    """Put a snapshot into words and numbers.

    Args:
        snapshot: as `freeze_check` has built it; schema 1.
        stand: of the snapshot's bytes.
        lang: `de` or `en`.
    """
    catalog = thaw(snapshot["frozen"])
    answers = read_answers(catalog, {"answers": snapshot["answers"]})
    result = score(catalog, answers)
    steps = {step.measure: number for number, step in enumerate(result.next, start=1)}
    state = _State(catalog, answers, snapshot["names"], result, steps, lang)
    ranked = _steps(state)
    questions = asked(catalog, answers)
    frozen_at = datetime.fromisoformat(snapshot["frozen_at"])
    return Report(
        lang=lang,
        title=state.say(catalog.title),
        firm=snapshot["organisation"]["name"],
        centre=snapshot["centre"]["name"],
        stand=stand,
        edition=catalog.edition,
        frozen_at=frozen_at,
        finished=snapshot["finished"],
        answered_by=_answered_by(state, questions),
        requirement_count=len(catalog.requirements),
        question_count=len(questions),
        answered_count=sum(question.id in answers for question in questions),
        statement=say_statement(result, catalog, answers, lang),
        result=result,
        first=ranked[:SHOWN_STEPS],
        then=ranked[SHOWN_STEPS:],
        areas=_areas(state),
        top_open=_top_open(state),
        unknown=_rows(state, unknown_questions(catalog, answers)),
        open=_rows(state, open_questions(catalog, answers)),
        blocks=_blocks(state),
        schemes=tuple(
            Scheme(state.say(source.title), date.fromisoformat(source.date))
            for source in catalog.sources
        ),
        sources=_sources(state),
        notice=state.say(catalog.words.notices[catalog.notice]),
        points_note=state.say(catalog.words.notices["points_note"]),
    )


def _steps(state: _State) -> tuple[ReportStep, ...]:
    steps = []
    for number, step in enumerate(state.result.next, start=1):
        words = say_step(step, state.catalog, state.answers, state.lang)
        short = words.text
        if "ASK_FIRST" in step.because:
            short = state.say(state.catalog.question(step.parts[0]).text)
        steps.append(ReportStep(number, words, short))
    return tuple(steps)


def _answered_by(state: _State, questions: tuple[Question, ...]) -> tuple[str, ...]:
    people = [state.answers[each.id].by for each in questions if each.id in state.answers]
    return tuple(dict.fromkeys(state.names[by] for by in people if by in state.names))


def _areas(state: _State) -> tuple[AreaRow, ...]:
    still_open = [
        state.catalog.area_of(question.id).id
        for question in open_questions(state.catalog, state.answers)
    ]
    return tuple(
        AreaRow(
            area.id,
            state.say(state.catalog.area(area.id).title),
            area.points,
            area.points_max,
            area.percent,
            still_open.count(area.id),
        )
        for area in state.result.areas
    )


def _top_open(state: _State) -> tuple[TopRow, ...]:
    return tuple(
        TopRow(
            item.id,
            state.say(state.catalog.requirement(item.id).title),
            item.state,
            state.say(state.catalog.words.states[item.state]),
            item.points,
            item.points_max,
        )
        for item in state.result.requirements
        if item.id in state.result.top_open
    )


def _whom(state: _State, question: Question) -> str:
    answer = state.answers.get(question.id)
    given = "" if answer is None else answer.ask
    return given or name_roles(state.catalog.words, question.knows, state.lang)


def _rows(state: _State, questions: tuple[Question, ...]) -> tuple[QuestionRow, ...]:
    return tuple(
        QuestionRow(
            state.say(question.text),
            state.say(state.catalog.area_of(question.id).title),
            _whom(state, question),
        )
        for question in questions
    )


def _blocks(state: _State) -> tuple[AreaBlock, ...]:
    lines = {
        line.requirement_id: line.text for line in explain(state.result, state.catalog, state.lang)
    }
    results = {item.id: item for item in state.result.requirements}
    return tuple(
        AreaBlock(
            area.id,
            state.say(area.title),
            tuple(_entry(state, gate, None) for gate in state.catalog.gates_before(area.id)),
            tuple(
                _requirement(state, item, results[item.id], lines[item.id])
                for item in state.catalog.requirements_of(area.id)
            ),
        )
        for area in state.catalog.areas
    )


def _requirement(
    state: _State, item: Requirement, result: RequirementResult, line: str
) -> RequirementBlock:
    return RequirementBlock(
        item.id,
        state.say(item.title),
        item.top,
        result.state,
        state.say(state.catalog.words.states[result.state]),
        line,
        tuple(_entry(state, part, _shut_gate(state, item, part)) for part in item.parts),
    )


def _shut_gate(state: _State, item: Requirement, part: Part) -> Gate | None:
    """The gate whose `no` takes a part out."""
    for gate in state.catalog.gates:
        answer = state.answers.get(gate.id)
        if gate.id in (item.gate, part.gate) and answer and answer.value is Value.NO:
            return gate
    return None


def _entry(state: _State, question: Question, shut: Gate | None) -> Entry:
    answer = state.answers.get(question.id)
    value = "open" if answer is None else answer.value.value
    measure = question.measure if isinstance(question, Part) else ""
    gap = value in {"partly", "no", "unknown"} and shut is None
    step = state.steps.get(measure) if gap else None
    return Entry(
        id=question.id,
        text=state.say(question.text),
        value=value,
        word=_word(state, question, value),
        left_out="" if shut is None else state.say(shut.text),
        missing=_missing(state, question, answer),
        note="" if answer is None else answer.note,
        by="" if answer is None else state.names.get(answer.by, ""),
        on=date.fromisoformat(answer.on) if answer is not None and answer.on else None,
        step=step,
        measure="" if step is None else state.say(state.catalog.measure(measure).title),
        whom=_whom(state, question) if value == "unknown" else "",
    )


def _word(state: _State, question: Question, value: str) -> str:
    word = state.say(state.catalog.words.answers[value])
    if value == "not_applicable" and isinstance(question, Part) and question.na is not None:
        return f"{word}: {state.say(question.na)}"
    return word


def _missing(state: _State, question: Question, answer: Answer | None) -> tuple[str, ...]:
    chosen = () if answer is None else answer.missing
    return tuple(state.say(point.text) for point in question.missing if point.id in chosen)


def _sources(state: _State) -> tuple[SourceRow, ...]:
    return tuple(
        SourceRow(
            state.say(item.title),
            tuple(
                _each_once(part.sources.get(source.id, ()) for part in item.parts)
                for source in state.catalog.sources
            ),
        )
        for item in state.catalog.requirements
    )


def _each_once(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All ids of some questions, in their order."""
    return tuple(dict.fromkeys(name for names in lists for name in names))
