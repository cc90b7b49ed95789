"""What a firm told us: everything but dates and counts is sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Owned, Table, owned_fk

OPEN = text("finished_at IS NULL")


class OfFirm(Owned):
    """The firm exists: nothing hangs on one that was deleted."""

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True, sort_order=-1
    )


class AssessmentRow(OfFirm, Table):
    """One run through a catalog; one open run per firm and catalog."""

    __tablename__ = "assessments"
    __table_args__ = (
        Index(
            "uq_assessments_open",
            "organisation_id",
            "catalog",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    catalog: Mapped[str]
    edition: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    snapshot_id: Mapped[UUID | None]


class AnswerRow(Owned, Table):
    """Value, note, what is missing, whom to ask and who answered are one sealed value."""

    __tablename__ = "answers"
    __table_args__ = (owned_fk("assessment_id", "assessments"),)

    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    revision: Mapped[int]
    saved_at: Mapped[datetime]


class SnapshotRow(Owned, Table):
    """A frozen state: canonical JSON, packed and sealed. Never changed."""

    __tablename__ = "snapshots"
    __table_args__ = (
        owned_fk("assessment_id", "assessments"),
        Index(None, "organisation_id", "assessment_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID]
    sealed: Mapped[bytes]
    frozen_at: Mapped[datetime]


class ReportRow(Owned, Table):
    """A PDF is a cache of a snapshot: made by the worker, thrown away after seven days."""

    __tablename__ = "reports"
    __table_args__ = (
        owned_fk("snapshot_id", "snapshots"),
        Index(None, "organisation_id", "snapshot_id"),
        Index(None, "made_at"),
        CheckConstraint("language IN ('de', 'en')", name="language"),
        CheckConstraint("state IN ('waiting', 'ready', 'failed', 'gone')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    snapshot_id: Mapped[UUID]
    language: Mapped[str]
    state: Mapped[str]
    requested_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None]
