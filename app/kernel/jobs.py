"""Due work: what must follow a commit is a row, written in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.kernel.db import Table
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

UNFINISHED = ("ready", "running")


class LeaseLost(Exception):
    """The work is rolled back; the other worker's counts."""


class JobRow(Table):
    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "order_key"))

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
        if key is not None:
            taken = select(JobRow.id).where(JobRow.key == key)
            if self.session.scalars(taken).first() is not None:
                return
        row = JobRow(
            kind=kind,
            key=key,
            order_key=order_key,
            priority=priority,
            organisation_id=self.scope.organisation,
            payload=b"",
            due_at=self.now,
        )
        self.session.add(row)
        self.session.flush()
        row.payload = self.vault.seal(payload, job_place(row.id))  # bound to the number just given
        self.session.flush()

    def claim(self) -> Job | None:
        """Take the job that has been due longest; no other worker gets it.

        One statement on both databases: SQLite has one writer, PostgreSQL skips locked rows.
        """
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
        row = self.session.scalars(taken).one_or_none()
        if row is None:
            return None
        payload = self.vault.open(row.payload, job_place(row.id))
        return Job(row.id, row.kind, row.organisation_id, payload, row.tries)

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
        if job.tries > len(RETRIES):
            self.finish(job, state="failed", reply=reply)
            return
        due_at = self.now + RETRIES[job.tries - 1]
        self._change(job, state="ready", due_at=due_at, lease_until=None, last_reply=reply)

    def _change(self, job: Job, **values: object) -> None:
        still_ours = (JobRow.id == job.id, JobRow.tries == job.tries, JobRow.state == "running")
        changed = update(JobRow).where(*still_ours).values(**values).returning(JobRow.id)
        if self.session.scalars(changed).one_or_none() is None:
            raise LeaseLost(job.id)


def job_place(job_id: int) -> Place:
    """Where the payload of a job stands."""
    return place(JobRow.payload, job_id, CENTRE)
