"""How checks and answers lie in the database. The hot paths are Core statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.assessments.tables import AnswerRow, AssessmentRow
from app.kernel.db import core
from app.kernel.errors import Closed, NotFound
from app.kernel.i18n import day_of
from app.kernel.vault import Place, place
from app.kernel.work import Work
from checklists import load_library
from checklists.model import Answer, Catalog, Value


class AssessmentNotFound(NotFound):
    """Absent, or another firm's."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A run, without its answers."""

    id: UUID
    catalog: Catalog
    started_at: datetime
    finished_at: datetime | None
    snapshot_id: UUID | None

    @property
    def is_open(self) -> bool:
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it lies there; `by` is the person who gave it."""

    answer: Answer
    revision: int
    by: UUID | None
    at: datetime


CHECKS, ANSWERS = core(AssessmentRow).c, core(AnswerRow).c

CHECKS_OF_FIRM = select(
    CHECKS.id,
    CHECKS.catalog,
    CHECKS.edition,
    CHECKS.started_at,
    CHECKS.finished_at,
    CHECKS.snapshot_id,
).where(CHECKS.organisation_id == bindparam("firm"))
ONE_CHECK = CHECKS_OF_FIRM.where(CHECKS.id == bindparam("check"))
ONE_CHECK_LOCKED = ONE_CHECK.with_for_update()

ALL_ANSWERS = select(ANSWERS.question_id, ANSWERS.sealed, ANSWERS.revision, ANSWERS.saved_at).where(
    ANSWERS.organisation_id == bindparam("firm"), ANSWERS.assessment_id == bindparam("check")
)

SEALED = Answer(Value.UNKNOWN)
FIRST_ANSWER = insert(core(AnswerRow))
NEXT_ANSWER = (
    update(core(AnswerRow))
    .where(
        ANSWERS.organisation_id == bindparam("firm"),
        ANSWERS.assessment_id == bindparam("check"),
        ANSWERS.question_id == bindparam("question"),
        ANSWERS.revision == bindparam("seen"),
    )
    .values(
        sealed=bindparam("new_sealed"),
        revision=bindparam("new_revision"),
        saved_at=bindparam("now"),
    )
)


def assessment(work: Work, assessment_id: UUID, *, lock: bool = False) -> Assessment:
    """Load a run of the firm in scope.

    Args:
        work: reading or writing.
        assessment_id: of the run.
        lock: hold it until the end of the work; on PostgreSQL two first answers to one question
            would collide otherwise.

    Raises:
        AssessmentNotFound: absent, or another firm's.
    """
    query = ONE_CHECK_LOCKED if lock else ONE_CHECK
    keys = {"firm": work.organisation_id, "check": assessment_id}
    row = work.run(query, keys).one_or_none()
    if row is None:
        raise AssessmentNotFound(assessment_id)
    return _assessment(row)


def assessments(work: Work) -> list[Assessment]:
    """Load all runs of the firm in scope, the newest first."""
    newest_first = CHECKS_OF_FIRM.order_by(CHECKS.started_at.desc())
    return [_assessment(row) for row in work.run(newest_first, {"firm": work.organisation_id})]


def _assessment(row: Any) -> Assessment:
    check_id, catalog, edition, started_at, finished_at, snapshot_id = row
    found = load_library().catalog(catalog, edition)
    return Assessment(check_id, found, started_at, finished_at, snapshot_id)


def open_assessment(work: Work, assessment_id: UUID) -> Assessment:
    """Load and lock a run that may still be answered.

    Raises:
        AssessmentNotFound: absent, or another firm's.
        Closed: finished; a new run goes on from it.
    """
    found = assessment(work, assessment_id, lock=True)
    if found.finished_at is not None:
        raise Closed(finished_on=day_of(found.finished_at))
    return found


def stored_answers(work: Work, assessment_id: UUID) -> dict[str, StoredAnswer]:
    """Open all answers of a run."""
    keys = {"firm": work.organisation_id, "check": assessment_id}
    return {
        question_id: _opened(work, assessment_id, question_id, sealed, revision, saved_at)
        for question_id, sealed, revision, saved_at in work.run(ALL_ANSWERS, keys)
    }


@dataclass(frozen=True, slots=True)
class BeforeSave:
    """What a save needs to know.

    Attributes:
        answers: which questions are answered, and how the gates are. The other answers stay
            sealed and read `unknown`: good for counting, for nothing else.
        stored: the answer that is about to change; None before the first.
    """

    check: Assessment
    answers: dict[str, Answer]
    stored: StoredAnswer | None


def before_save(work: Work, assessment_id: UUID, question_id: str) -> BeforeSave:
    """Load and lock a run that may still be answered.

    The lock is a statement of its own: PostgreSQL would read the answers as they were before it
    had to wait.

    Raises:
        AssessmentNotFound: absent, or another firm's.
        Closed: finished; a new run goes on from it.
        UnknownQuestion: this edition asks no such question.
    """
    check = open_assessment(work, assessment_id)
    check.catalog.question(question_id)
    opened = {gate.id for gate in check.catalog.gates} | {question_id}
    answers: dict[str, Answer] = {}
    stored: StoredAnswer | None = None
    keys = {"firm": work.organisation_id, "check": assessment_id}
    for answered, sealed, revision, saved_at in work.run(ALL_ANSWERS, keys):
        if answered not in opened:
            answers[answered] = SEALED
            continue
        found = _opened(work, assessment_id, answered, sealed, revision, saved_at)
        answers[answered] = found.answer
        if answered == question_id:
            stored = found
    return BeforeSave(check, answers, stored)


def answers_only(stored: Mapping[str, StoredAnswer]) -> dict[str, Answer]:
    """What the rules of the room look at."""
    return {question_id: item.answer for question_id, item in stored.items()}


def store(
    work: Work,
    assessment_id: UUID,
    question_id: str,
    answer: Answer,
    seen: int,
    *,
    as_given: StoredAnswer | None = None,
) -> None:
    """Write the next revision; whoever calls has compared the one that was seen.

    Args:
        work: writing.
        assessment_id: of the run.
        question_id: of the question.
        answer: checked by the room.
        seen: revision that is there; 0 before the first answer.
        as_given: of an answer that is carried over: it keeps who gave it, and when.
    """
    by, at = work.scope.actor, work.now
    if as_given is not None:
        by, at = as_given.by, as_given.at
    value = {
        "value": answer.value.value,
        "missing": answer.missing,
        "note": answer.note,
        "ask": answer.ask,
        "by": str(by) if by else "",
    }
    sealed = work.vault.seal(value, _place(work, assessment_id, question_id))
    if seen == 0:
        row = {
            "organisation_id": work.organisation_id,
            "assessment_id": assessment_id,
            "question_id": question_id,
            "sealed": sealed,
            "revision": 1,
            "saved_at": at,
        }
        work.run(FIRST_ANSWER, row)
        return
    keys = {
        "firm": work.organisation_id,
        "check": assessment_id,
        "question": question_id,
        "seen": seen,
        "new_sealed": sealed,
        "new_revision": seen + 1,
        "now": at,
    }
    work.run(NEXT_ANSWER, keys)


def _opened(
    work: Work,
    assessment_id: UUID,
    question_id: str,
    sealed: bytes,
    revision: int,
    saved_at: datetime,
) -> StoredAnswer:
    value = work.vault.open(sealed, _place(work, assessment_id, question_id))
    answer = Answer(
        Value(value["value"]),
        tuple(value["missing"]),
        value["note"],
        value["ask"],
        value["by"],
        day_of(saved_at).isoformat(),
    )
    return StoredAnswer(answer, revision, UUID(value["by"]) if value["by"] else None, saved_at)


def _place(work: Work, assessment_id: UUID, question_id: str) -> Place:
    return place(AnswerRow.sealed, f"{assessment_id}/{question_id}", work.organisation_id)
