"""Reports: asked for by a click, made by the worker, kept for seven days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import select, update

from app.assessments.core.snapshot import stand
from app.assessments.service.answering import may_write
from app.assessments.service.checks import freeze, read_snapshot
from app.assessments.service.storing import assessment, stored_answers
from app.assessments.tables import ReportRow, SnapshotRow
from app.kernel.errors import NotFound
from app.kernel.i18n import LANGUAGES
from app.kernel.jobs import Job
from app.kernel.logs import note
from app.kernel.scope import NOBODY, Scope, everything
from app.kernel.vault import Place, place
from app.kernel.work import Kernel, Work, mine

KEPT = timedelta(days=7)
JOB = "report"

State = Literal["waiting", "ready", "failed", "gone"]

Draw = Callable[[bytes, str], bytes]
"""(snapshot, language) → PDF. The same snapshot gives the same bytes."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """How far a report is.

    Attributes:
        state: `waiting` until the worker has made it, `failed` when it could not, `gone` after
            seven days.
    """

    assessment_id: UUID
    report_id: UUID
    state: State
    language: str
    title: str
    requested_at: datetime
    made_at: datetime | None
    kept_until: datetime | None
    may_write: bool


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The PDF and the name under which it is saved."""

    name: str
    content: bytes


def request_report(work: Work, assessment_id: UUID, report_id: UUID, language: str) -> UUID:
    """Freeze the state of now (or take that of the closing) and leave the report to the worker.

    A second post meets the report that is there; one that was thrown away is made again from
    its snapshot.

    Raises:
        AssessmentNotFound: absent, or another firm's.
        NotFound: no such language.
    """
    if language not in LANGUAGES:
        raise NotFound(language)
    check = assessment(work, assessment_id, lock=True)
    row = work.session.scalars(mine(work, ReportRow).where(ReportRow.id == report_id)).first()
    if row is None:
        snapshot_id = check.snapshot_id
        if snapshot_id is None:
            stored = stored_answers(work, assessment_id)
            snapshot_id = freeze(work, check, stored, finished=False)
        row = ReportRow(
            organisation_id=work.organisation_id,
            id=report_id,
            snapshot_id=snapshot_id,
            language=language,
            state="waiting",
            requested_at=work.now,
        )
        work.add(row)
        work.audit.record("report-requested", report_id)
    elif row.state in {"gone", "failed"}:
        row.state = "waiting"
        row.requested_at = work.now
        work.session.flush()
    else:
        return report_id
    work.jobs.enqueue(JOB, {"report": str(report_id)})
    return report_id


def report_page(work: Work, assessment_id: UUID, report_id: UUID) -> ReportPage:
    """Return how far a report is.

    Raises:
        NotFound: absent, another firm's, or of another run.
    """
    check = assessment(work, assessment_id)
    row = _report(work, assessment_id, report_id)
    return ReportPage(
        assessment_id=assessment_id,
        report_id=report_id,
        state=cast("State", row.state),
        language=row.language,
        title=check.catalog.title[row.language],
        requested_at=row.requested_at,
        made_at=row.made_at,
        kept_until=row.made_at + KEPT if row.made_at else None,
        may_write=may_write(work),
    )


def report_file(work: Work, assessment_id: UUID, report_id: UUID) -> ReportFile:
    """Return the PDF.

    Raises:
        NotFound: absent, another firm's, not made yet or thrown away.
    """
    row = _report(work, assessment_id, report_id)
    if row.state != "ready" or row.sealed is None:
        raise NotFound(report_id)
    content = work.vault.open_bytes(row.sealed, _place(work, report_id))
    mark = stand(read_snapshot(work, row.snapshot_id))
    word = {"de": "Bericht", "en": "Report"}[row.language]
    return ReportFile(f"Lotse-{word}-{mark}.pdf", content)


def make_report(kernel: Kernel, job: Job, draw: Draw) -> None:
    """Make the PDF of a job: read, draw outside any transaction, then one write.

    The same snapshot would fail in the same way again: what cannot be drawn is not tried for a
    day, but said on the page, where it can be asked for once more.
    """
    scope = Scope(organisation=job.organisation_id)
    report_id = UUID(job.payload["report"])
    with kernel.read(scope) as work:
        row = work.session.scalars(mine(work, ReportRow).where(ReportRow.id == report_id)).first()
        raw = read_snapshot(work, row.snapshot_id) if row is not None else b""
        language = row.language if row is not None else ""
    if not raw:  # the firm was deleted meanwhile
        with kernel.write(NOBODY) as work:
            work.jobs.finish(job, state="dropped")
        return
    try:
        content = draw(raw, language)
    except Exception as error:  # noqa: BLE001  (whatever it is, the page must not wait for ever)
        note("report-failed", error=error, job_id=job.id)
        with kernel.write(scope) as work:
            _change(work, report_id, state="failed")
            work.jobs.finish(job, state="failed", reply=type(error).__name__)
        return
    with kernel.write(scope) as work:
        sealed = work.vault.seal_bytes(content, _place(work, report_id))
        _change(work, report_id, sealed=sealed, state="ready", made_at=work.now)
        work.jobs.finish(job)


def drop_old_reports(kernel: Kernel) -> None:
    """Throw PDFs away that are older than seven days; their snapshots stay."""
    with kernel.write(everything("reports are kept for seven days")) as work:
        old = ReportRow.made_at < work.now - KEPT
        work.session.execute(
            update(ReportRow)
            .where(ReportRow.state == "ready", old)
            .values(sealed=None, state="gone")
        )


def _change(work: Work, report_id: UUID, **values: object) -> None:
    work.session.execute(
        update(ReportRow)
        .where(ReportRow.organisation_id == work.organisation_id, ReportRow.id == report_id)
        .values(**values)
    )


def _report(work: Work, assessment_id: UUID, report_id: UUID) -> ReportRow:
    of_this_run = (
        select(SnapshotRow.id)
        .where(
            SnapshotRow.organisation_id == work.organisation_id,
            SnapshotRow.assessment_id == assessment_id,
        )
        .scalar_subquery()
    )
    query = mine(work, ReportRow).where(
        ReportRow.id == report_id, ReportRow.snapshot_id.in_(of_this_run)
    )
    row = work.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound(report_id)
    return row


def _place(work: Work, report_id: UUID) -> Place:
    return place(ReportRow.sealed, report_id, work.organisation_id)
