"""Answering a check: the page of an area, saving one answer, two people at one question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.accounts import service as accounts
from app.assessments.core import progress
from app.assessments.core.progress import AreaState, Meter
from app.assessments.service.storing import (
    Assessment,
    BeforeSave,
    StoredAnswer,
    answers_only,
    assessment,
    before_save,
    store,
    stored_answers,
)
from app.kernel.errors import Invalid
from app.kernel.i18n import spoken
from app.kernel.work import Work
from checklists import check_answer, name_roles
from checklists.model import Answer, Area, Catalog, Gate, Question, Requirement


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """What a person sent, and the revision that was on the page."""

    value: str
    note: str = ""
    missing: tuple[str, ...] = ()
    ask: str = ""
    seen_revision: int = 0

    def as_json(self) -> dict[str, object]:
        """The answer as the room reads it."""
        return {"value": self.value, "missing": self.missing, "note": self.note, "ask": self.ask}


UNANSWERED = AnswerGiven(value="")
FIELDS = ("value", "missing", "note", "ask", "revision")
NO_PROBLEMS: Mapping[str, str] = dict.fromkeys(FIELDS, "")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the questions of an area: progress, the other areas, what comes next."""

    assessment_id: UUID
    catalog: Catalog
    area: Area
    number: int
    next_area: Area | None
    next_count: int
    areas: tuple[AreaState, ...]
    meter: Meter


@dataclass(frozen=True, slots=True)
class Saved:
    """Done.

    Attributes:
        question_id: what was answered.
        value: the answer.
        next_question: the next open one in this area; None when the area is done.
        block_is_done: its requirement has no open question left.
        is_gate: others on the page may now apply or not.
    """

    revision: int
    question_id: str
    value: str
    around: Around
    next_question: str | None
    block_is_done: bool
    is_gate: bool

    @property
    def is_first(self) -> bool:
        """Progress has changed; a changed answer leaves it as it was."""
        return self.revision == 1


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else was faster; the person chooses."""

    answer: Answer
    revision: int
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionOnPage:
    """One form: the question, what its fields show, and what is wrong with them.

    Attributes:
        number, count: its place in the requirement; 0 for a gate.
        who: the roles that will know, in the visitor's language.
        answered: shown as a row that opens.
    """

    question: Question
    number: int
    count: int
    who: str
    shown: AnswerGiven
    answered: bool
    may_answer: bool
    problems: Mapping[str, str]

    @property
    def is_gate(self) -> bool:
        return isinstance(self.question, Gate)


Standing = Literal["done", "now", "later", "hidden"]


@dataclass(frozen=True, slots=True)
class Block:
    """One gate or one requirement on the page of an area.

    Attributes:
        requirement: None for a gate.
        standing: `done` shrinks to rows, `now` is open, `later` is a row, `hidden` is a sentence.
        questions: those that are asked.
        hidden_by: the gate whose `no` takes it (or some of its parts) out; None without.
    """

    requirement: Requirement | None
    standing: Standing
    questions: tuple[QuestionOnPage, ...]
    hidden_by: Gate | None

    @property
    def id(self) -> str:
        """Anchor of the block on the page."""
        return f"block-{self.requirement.id if self.requirement else self.questions[0].question.id}"


@dataclass(frozen=True, slots=True)
class AreaPage(Around):
    """The page of one area."""

    blocks: tuple[Block, ...]
    may_answer: bool
    is_open: bool
    problem_links: tuple[tuple[str, str], ...] = ()

    @property
    def questions(self) -> tuple[QuestionOnPage, ...]:
        return tuple(question for block in self.blocks for question in block.questions)

    @property
    def now(self) -> Block | None:
        """The block that stands open."""
        return next((block for block in self.blocks if block.standing == "now"), None)

    def only(self, question_id: str) -> QuestionPart:
        """What a script gets back when an answer was refused.

        Raises:
            Invalid: a gate has meanwhile taken the question off the page.
        """
        for item in self.questions:
            if item.question.id == question_id:
                return QuestionPart(item, self)
        raise Invalid

    def with_typed(
        self, question_id: str, typed: AnswerGiven, problems: Mapping[str, str]
    ) -> AreaPage:
        """Keep what was typed; nobody types a note twice."""
        blocks = tuple(
            replace(
                block,
                standing="now" if _holds(block, question_id) else block.standing,
                questions=tuple(
                    replace(item, shown=typed, problems=_all_fields(problems), answered=False)
                    if item.question.id == question_id
                    else item
                    for item in block.questions
                ),
            )
            for block in self.blocks
        )
        first = self.catalog.question(question_id).values[0].value
        ends = {"value": first, "revision": first, "note": "note", "ask": "ask"}
        links = tuple(
            (f"{question_id}-{ends.get(field, first)}", sentence)
            for field, sentence in problems.items()
        )
        return replace(self, blocks=blocks, problem_links=links)


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """One question with what was typed and what is wrong with it, and the meter."""

    item: QuestionOnPage
    page: AreaPage


@dataclass(frozen=True, slots=True)
class SavedPart:
    """What a script gets back after a save.

    Attributes:
        next_block: what stands open now that the question's block is done; else None.
    """

    saved: Saved
    next_block: Block | None


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Two whole answers, each a form of its own with the newest revision."""

    assessment_id: UUID
    catalog: Catalog
    area: Area
    question: Question
    theirs: AnswerGiven
    ours: AnswerGiven
    by: str | None
    by_the_same_person: bool
    at: datetime


def save_answer(
    work: Work, assessment_id: UUID, question_id: str, given: AnswerGiven
) -> Saved | Conflict:
    """Save one answer, unless somebody else was faster.

    The same answer again (a lost reply, a second click) is a repeat and no conflict.

    Raises:
        AssessmentNotFound: absent, or another firm's.
        Closed: finished; a new run goes on from it.
        ChecklistError: the question does not offer this answer.
    """
    found = before_save(work, assessment_id, question_id)
    question = found.check.catalog.question(question_id)
    answer = check_answer(question, given.as_json())
    stored = found.stored
    seen = stored.revision if stored else 0
    if stored is not None and seen != given.seen_revision:
        if _same(stored.answer, answer) and seen == given.seen_revision + 1:
            return _saved(work, found, question, answer, seen)
        return Conflict(stored.answer, stored.revision, stored.by, stored.at)
    store(work, assessment_id, question_id, answer, seen)
    work.audit.record("answer-saved", assessment_id)
    return _saved(work, found, question, answer, seen + 1)


def _saved(
    work: Work, found: BeforeSave, question: Question, answer: Answer, revision: int
) -> Saved:
    check, catalog = found.check, found.check.catalog
    answers = {**found.answers, question.id: answer}
    area = catalog.area_of(question.id)
    here = [i.question for i in progress.plan(catalog) if i.area == area.id]
    behind = here[here.index(question) + 1 :]  # what comes after it, then what came before
    asked = {item.question.id for item in progress.asked_with(catalog, answers)}
    still_open = [q for q in (*behind, *here) if q.id in asked and q.id not in answers]
    block = None if isinstance(question, Gate) else question.requirement_id
    return Saved(
        revision,
        question.id,
        answer.value.value,
        around(check, answers, area, work.now),
        next_question=still_open[0].id if still_open else None,
        block_is_done=all(getattr(q, "requirement_id", "") != block for q in still_open),
        is_gate=isinstance(question, Gate),
    )


def around(
    check: Assessment, answers: Mapping[str, Answer], area: Area, saved_at: datetime | None
) -> Around:
    """Work out what stands around the questions of an area."""
    catalog = check.catalog
    number = catalog.areas.index(area)
    next_area = catalog.areas[number + 1] if number + 1 < len(catalog.areas) else None
    areas = progress.area_states(catalog, answers)
    return Around(
        assessment_id=check.id,
        catalog=catalog,
        area=area,
        number=number + 1,
        next_area=next_area,
        next_count=areas[number + 1].all if next_area else 0,
        areas=areas,
        meter=progress.meter(catalog, answers, saved_at),
    )


def area_page(work: Work, assessment_id: UUID, area_id: str) -> AreaPage:
    """Return one area with all its questions, as they are answered now.

    Raises:
        AssessmentNotFound: absent, another firm's, or without such an area.
    """
    check = assessment(work, assessment_id)
    area = progress.area_or_not_found(check.catalog, area_id)
    stored = stored_answers(work, assessment_id)
    may_answer = check.is_open and may_write(work)
    frame = around(check, answers_only(stored), area, last_saved(stored))
    return AreaPage(
        **{field.name: getattr(frame, field.name) for field in fields(Around)},
        blocks=_blocks(check.catalog, area, stored, may_answer=may_answer),
        may_answer=may_answer,
        is_open=check.is_open,
    )


def area_page_at(work: Work, assessment_id: UUID, question_id: str) -> AreaPage:
    """Return the area page on which a question stands."""
    catalog = assessment(work, assessment_id).catalog
    return area_page(work, assessment_id, catalog.area_of(question_id).id)


def conflict_page(
    work: Work, assessment_id: UUID, question_id: str, ours: AnswerGiven, conflict: Conflict
) -> ConflictPage:
    """Return both answers, so that the person can choose."""
    catalog = assessment(work, assessment_id).catalog
    return ConflictPage(
        assessment_id=assessment_id,
        catalog=catalog,
        area=catalog.area_of(question_id),
        question=catalog.question(question_id),
        theirs=_given(conflict.answer, conflict.revision),
        ours=replace(ours, seen_revision=conflict.revision),
        by=accounts.name_of(work, conflict.by) if conflict.by else None,
        by_the_same_person=conflict.by == work.scope.actor,
        at=conflict.at,
    )


def may_write(work: Work) -> bool:
    """Say whether the person may answer, for buttons; the gate is what refuses."""
    return not work.scope.roles.isdisjoint({"member", "owner"})


def last_saved(stored: Mapping[str, StoredAnswer]) -> datetime | None:
    """When the newest answer was saved."""
    return max((item.at for item in stored.values()), default=None)


def _blocks(
    catalog: Catalog,
    area: Area,
    stored: Mapping[str, StoredAnswer],
    *,
    may_answer: bool,
) -> tuple[Block, ...]:
    """Answered blocks shrink, the first that is not done stands open, the rest waits."""
    answers = answers_only(stored)

    def on_page(question: Question, number: int, count: int) -> QuestionOnPage:
        found = stored.get(question.id)
        shown = _given(found.answer, found.revision) if found else UNANSWERED
        return QuestionOnPage(
            question,
            number,
            count,
            name_roles(catalog.words, question.knows, spoken()),
            shown,
            answered=found is not None,
            may_answer=may_answer,
            problems=NO_PROBLEMS,
        )

    blocks = [
        Block(None, "later", (on_page(gate, 0, 0),), None) for gate in catalog.gates_before(area.id)
    ]
    for requirement in catalog.requirements_of(area.id):
        hiding = [progress.gate_that_hides(catalog, answers, p) for p in requirement.parts]
        asked = [p for p, gate in zip(requirement.parts, hiding, strict=True) if gate is None]
        hidden_by = next((gate for gate in hiding if gate is not None), None)
        questions = tuple(on_page(p, n, len(asked)) for n, p in enumerate(asked, start=1))
        blocks.append(Block(requirement, "later" if asked else "hidden", questions, hidden_by))
    return _with_standing(blocks)


def _with_standing(blocks: list[Block]) -> tuple[Block, ...]:
    found_now = False
    placed = []
    for block in blocks:
        standing: Standing = block.standing
        if standing == "later" and all(item.answered for item in block.questions):
            standing = "done"
        elif standing == "later" and not found_now:
            standing, found_now = "now", True
        placed.append(replace(block, standing=standing))
    return tuple(placed)


def _all_fields(problems: Mapping[str, str]) -> Mapping[str, str]:
    return {**NO_PROBLEMS, **problems}


def _holds(block: Block, question_id: str) -> bool:
    return any(item.question.id == question_id for item in block.questions)


def _same(stored: Answer, given: Answer) -> bool:
    return (stored.value, stored.missing, stored.note, stored.ask) == (
        given.value,
        given.missing,
        given.note,
        given.ask,
    )


def _given(answer: Answer, revision: int) -> AnswerGiven:
    return AnswerGiven(answer.value.value, answer.note, answer.missing, answer.ask, revision)
