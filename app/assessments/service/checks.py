"""Runs through a catalog: choosing, starting, going on, finishing, a new run."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.accounts import service as accounts
from app.assessments.core import progress
from app.assessments.core.progress import Meter
from app.assessments.core.snapshot import canonical_json, freeze_check
from app.assessments.service.answering import last_saved, may_write
from app.assessments.service.storing import (
    Assessment,
    StoredAnswer,
    answers_only,
    assessment,
    assessments,
    store,
    stored_answers,
)
from app.assessments.tables import AssessmentRow, SnapshotRow
from app.kernel.errors import LotseError, NotFound
from app.kernel.i18n import day_of
from app.kernel.vault import Place, place
from app.kernel.work import Work, mine
from app.organisations import service as organisations
from checklists import check_answer, load_library, score
from checklists.errors import ChecklistError
from checklists.model import Answer, Catalog

OFFERED = ("kmu-check",)
"""Catalogs a firm may begin; the quick check is for guests."""


class Incomplete(LotseError):
    """Something is still open; a finished check is a whole one."""

    code = "incomplete"


@dataclass(frozen=True, slots=True)
class OpenCheck:
    """A run that goes on."""

    id: UUID
    catalog: Catalog
    meter: Meter
    started_at: datetime


@dataclass(frozen=True, slots=True)
class FinishedCheck:
    """A run that is closed."""

    id: UUID
    catalog: Catalog
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """A catalog that can be begun.

    Attributes:
        new_id: of the run to be made; stands in the form.
        last: the newest finished run, whose answers can be taken over; None without.
    """

    catalog: Catalog
    new_id: UUID
    last: UUID | None


@dataclass(frozen=True, slots=True)
class ChecksPage:
    """The chooser.

    Attributes:
        offered: catalogs that can be begun.
    """

    open: tuple[OpenCheck, ...]
    offered: tuple[Offered, ...]
    finished: tuple[FinishedCheck, ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class GoOn:
    """Where to go on: an open question in an area, or the result when nothing is open."""

    area: str | None
    question: str | None


def checks_page(work: Work) -> ChecksPage:
    """Return what the firm has begun, has finished and can begin."""
    checks = assessments(work)
    running = {check.catalog.id for check in checks if check.is_open}
    library = load_library()
    last = {check.catalog.id: check.id for check in reversed(checks) if not check.is_open}
    return ChecksPage(
        open=tuple(_open_check(work, check) for check in checks if check.is_open),
        offered=tuple(
            Offered(library.catalog(name), work.new_id(), last.get(name))
            for name in OFFERED
            if name not in running
        ),
        finished=tuple(
            FinishedCheck(check.id, check.catalog, check.finished_at)
            for check in checks
            if check.finished_at is not None
        ),
        may_write=may_write(work),
    )


def start(work: Work, assessment_id: UUID, catalog_id: str) -> UUID:
    """Begin a run with the newest edition; a second post, or a run that is open, leads there.

    Args:
        work: writing.
        assessment_id: of the run to be made; it stood in the form.
        catalog_id: one of `OFFERED`.

    Raises:
        NotFound: no catalog that a firm may begin.
    """
    if catalog_id not in OFFERED:
        raise NotFound(catalog_id)
    catalog = load_library().catalog(catalog_id)
    # The firm's row is the lock: on PostgreSQL two people may begin at the same time.
    organisations.lock(work, work.organisation_id)
    query = mine(work, AssessmentRow).where(
        (AssessmentRow.id == assessment_id)
        | ((AssessmentRow.catalog == catalog.id) & AssessmentRow.finished_at.is_(None))
    )
    found = work.session.scalars(query.with_only_columns(AssessmentRow.id)).first()
    if found is not None:
        return found
    row = AssessmentRow(
        organisation_id=work.organisation_id,
        id=assessment_id,
        catalog=catalog.id,
        edition=catalog.edition,
        started_at=work.now,
    )
    work.add(row)
    work.audit.record("assessment-started", assessment_id)
    return assessment_id


def start_with(work: Work, catalog_id: str, answers: Mapping[str, Answer]) -> UUID:
    """Begin a run with answers that were given before, such as those of a quick check.

    Answers to questions that this catalog does not ask are left out.
    """
    assessment_id = start(work, work.new_id(), catalog_id)
    catalog = assessment(work, assessment_id).catalog
    known = {question.id for question in catalog.questions}
    for question_id, answer in answers.items():
        if question_id in known:
            store(work, assessment_id, question_id, answer, seen=0)
    return assessment_id


def resume(work: Work, assessment_id: UUID) -> GoOn:
    """Say where to go on, on whatever device.

    Raises:
        AssessmentNotFound: absent, or another firm's.
    """
    check = assessment(work, assessment_id)
    if not check.is_open:
        return GoOn(None, None)
    answers = answers_only(stored_answers(work, assessment_id))
    question = progress.first_open(check.catalog, answers)
    if question is None:
        return GoOn(None, None)
    return GoOn(check.catalog.area_of(question.id).id, question.id)


def finish(work: Work, assessment_id: UUID) -> None:
    """Freeze and close a run that is complete; a second post changes nothing.

    Raises:
        AssessmentNotFound: absent, or another firm's.
        Incomplete: something is still open.
    """
    check = assessment(work, assessment_id, lock=True)
    if not check.is_open:
        return
    stored = stored_answers(work, assessment_id)
    if progress.first_open(check.catalog, answers_only(stored)) is not None:
        raise Incomplete
    snapshot_id = freeze(work, check, stored, finished=True)
    work.session.execute(
        update(AssessmentRow)
        .where(
            AssessmentRow.organisation_id == work.organisation_id,
            AssessmentRow.id == assessment_id,
        )
        .values(finished_at=work.now, snapshot_id=snapshot_id)
    )
    work.audit.record("assessment-finished", assessment_id)


def start_again(work: Work, assessment_id: UUID, new_id: UUID) -> UUID:
    """Begin a new run with the answers of a finished one.

    Raises:
        AssessmentNotFound: absent, or another firm's.
    """
    check = assessment(work, assessment_id)
    started = start(work, new_id, check.catalog.id)
    already = stored_answers(work, started)
    if started == new_id and not already:
        _carry_over(work, assessment_id, started)
    return started


def _carry_over(work: Work, old: UUID, new: UUID) -> None:
    """Copy what the new run's edition still asks and offers; who answered, and when, stays."""
    catalog = assessment(work, new).catalog
    for question_id, item in stored_answers(work, old).items():
        given = item.answer
        with suppress(ChecklistError):
            checked = check_answer(
                catalog.question(question_id),
                {
                    "value": given.value,
                    "missing": given.missing,
                    "note": given.note,
                    "ask": given.ask,
                },
            )
            store(work, new, question_id, checked, seen=0, as_given=item)


def freeze(
    work: Work, check: Assessment, stored: Mapping[str, StoredAnswer], *, finished: bool
) -> UUID:
    """Store the state of a run for ever: answers, result, names, dates, the edition's texts."""
    snapshot_id = work.new_id()
    answers = answers_only(stored)
    persons = {item.by for item in stored.values() if item.by}
    frozen = freeze_check(
        number=snapshot_id,
        catalog=check.catalog,
        answers=answers,
        result=score(check.catalog, answers),
        organisation=organisations.name_of(work, work.organisation_id) or "",
        centre=work.settings.centre.name,
        names={str(k): v for k, v in accounts.names_of(work, persons).items()},
        started_on=day_of(check.started_at),
        frozen_at=work.now,
        finished=finished,
    )
    packed = zlib.compress(canonical_json(frozen), 9)
    row = SnapshotRow(
        organisation_id=work.organisation_id,
        id=snapshot_id,
        assessment_id=check.id,
        sealed=work.vault.seal_bytes(packed, snapshot_place(work, snapshot_id)),
        frozen_at=work.now,
    )
    work.add(row)
    work.audit.record("snapshot-frozen", snapshot_id)
    return snapshot_id


def read_snapshot(work: Work, snapshot_id: UUID) -> bytes:
    """Open a frozen state: canonical JSON.

    Raises:
        NotFound: absent, or another firm's.
    """
    query = mine(work, SnapshotRow).where(SnapshotRow.id == snapshot_id)
    sealed = work.session.scalars(query.with_only_columns(SnapshotRow.sealed)).one_or_none()
    if sealed is None:
        raise NotFound(snapshot_id)
    return zlib.decompress(work.vault.open_bytes(sealed, snapshot_place(work, snapshot_id)))


def snapshot_place(work: Work, snapshot_id: UUID) -> Place:
    """Where a snapshot is sealed to."""
    return place(SnapshotRow.sealed, snapshot_id, work.organisation_id)


def _open_check(work: Work, check: Assessment) -> OpenCheck:
    stored = stored_answers(work, check.id)
    meter = progress.meter(check.catalog, answers_only(stored), last_saved(stored))
    return OpenCheck(check.id, check.catalog, meter, check.started_at)
