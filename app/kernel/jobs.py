"""Due work: what must follow a commit is a row, written in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.kernel.db import Table, core
from app.kernel.errors import SealedDamaged
from app.kernel.scope import Scope
from app.kernel.vault import CENTRE, Place, Vault, place

LEASE = timedelta(seconds=60)
"""A worker that has not reported by then counts as dead; its job is claimed again."""

RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""Waits after each failed try; after the last the job is `failed`."""

OF_MAILS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    *(timedelta(hours=1),) * 72,
)
"""A mail server may be away for a weekend: three days."""

MAIL = "mail"
"""Kind of the jobs that `app.kernel.mail` writes and delivers."""

UNFINISHED = ("ready", "running")


class LeaseLost(Exception):
    """The work is rolled back; the other worker's counts."""


class JobRow(Table):
    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "order_key"),
        {"sqlite_autoincrement": True},  # a forgotten number is not given again
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str | None] = mapped_column(unique=True)
    order_key: Mapped[str | None]
    priority: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[UUID | None]
    payload: Mapped[bytes]
    state: Mapped[str] = mapped_column(default="ready")
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_reply: Mapped[str | None]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Job:
    """What a handler gets, beside the kernel."""

    id: int
    kind: str
    organisation_id: UUID | None
    payload: Any
    tries: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """The queue as one act sees it: what it changes counts when the act is committed."""

    session: Session
    now: datetime
    scope: Scope
    vault: Vault

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        order_key: str | None = None,
        priority: int = 0,
    ) -> None:
        """Leave work for a worker; it sees the row only if this work is committed.

        Args:
            kind: names the handler.
            payload: JSON, sealed under the centre's key, for the worker acts for nobody.
            key: at most one job bears it; a second one is silently the first.
            order_key: an older unfinished job with the same key goes first.
            priority: smaller is earlier.
        """
        dialect = postgresql if self.session.get_bind().dialect.name == "postgresql" else sqlite
        new = dialect.insert(JobRow).values(
            kind=kind,
            key=key,
            order_key=order_key,
            priority=priority,
            organisation_id=self.scope.organisation,
            payload=b"",
            state="ready",
            due_at=self.now,
            tries=0,
        )
        once = new.on_conflict_do_nothing(index_elements=[JobRow.key]).returning(JobRow.id)
        job_id = self.session.scalars(once).one_or_none()
        if job_id is None:
            return
        sealed = self.vault.seal(payload, job_place(job_id))  # bound to the number just given
        table = core(JobRow)
        self.session.execute(update(table).where(table.c.id == job_id).values(payload=sealed))

    def claim(self) -> Job | None:
        """Take the job that has been due longest; no other worker gets it.

        A job that has killed its worker at every try, or whose payload does not open, is given
        up here: it would keep all others from being done.
        """
        while (row := self._take()) is not None:
            job = Job(row.id, row.kind, row.organisation_id, None, row.tries)
            if row.tries > len(retries_of(row.kind)) + 1:
                self.finish(job, state="failed", reply="abandoned")
                continue
            try:
                return replace(job, payload=self.vault.open(row.payload, job_place(row.id)))
            except SealedDamaged as error:
                self.finish(job, state="failed", reply=error.code)
        return None

    def _take(self) -> JobRow | None:
        """One statement on both databases: SQLite has one writer, PostgreSQL skips locked rows."""
        older = aliased(JobRow)
        waits = (
            select(older.id)
            .where(
                older.order_key == JobRow.order_key,
                older.id < JobRow.id,
                older.state.in_(UNFINISHED),
            )
            .exists()
        )
        abandoned = and_(JobRow.state == "running", JobRow.lease_until < self.now)
        oldest = (
            select(JobRow.id)
            .where(JobRow.due_at <= self.now, or_(JobRow.state == "ready", abandoned), ~waits)
            .order_by(JobRow.priority, JobRow.due_at, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(JobRow)
            .where(JobRow.id == oldest.scalar_subquery())
            .values(state="running", lease_until=self.now + LEASE, tries=JobRow.tries + 1)
            .returning(JobRow)
        )
        return self.session.scalars(taken).one_or_none()

    def renew(self, job: Job) -> None:
        """Say that the job is still being worked on."""
        self._change(job, lease_until=self.now + LEASE)

    def finish(self, job: Job, *, state: str = "done", reply: str | None = None) -> None:
        """Say so in the write that stores the result, so that both happen or neither.

        Raises:
            LeaseLost: it took too long, and another worker has the job.
        """
        self._change(job, state=state, last_reply=reply, done_at=self.now, lease_until=None)

    def fail(self, job: Job, reply: str) -> None:
        """Put the job back for a later try, or give up after the last.

        Args:
            job: as claimed.
            reply: what went wrong, as a type or a code; never input.
        """
        retries = retries_of(job.kind)
        if job.tries > len(retries):
            self.finish(job, state="failed", reply=reply)
            return
        due_at = self.now + retries[job.tries - 1]
        self._change(job, state="ready", due_at=due_at, lease_until=None, last_reply=reply)

    def _change(self, job: Job, **values: object) -> None:
        still_ours = (JobRow.id == job.id, JobRow.tries == job.tries, JobRow.state == "running")
        changed = update(JobRow).where(*still_ours).values(**values).returning(JobRow.id)
        if self.session.scalars(changed).one_or_none() is None:
            raise LeaseLost(job.id)


def retries_of(kind: str) -> tuple[timedelta, ...]:
    """Waits between the tries of a kind of job."""
    return OF_MAILS if kind == MAIL else RETRIES


def job_place(job_id: int) -> Place:
    """Where the payload of a job stands."""
    return place(JobRow.payload, job_id, CENTRE)
