"""Not `Owned`: a person may belong to several firms, a session has to be found without one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Table


class PersonRow(Table):
    """Name and address are one value, sealed under the centre's key.

    `email_key` is a keyed hash of the address: it finds the person and tells nothing.
    """

    __tablename__ = "persons"
    __table_args__ = (CheckConstraint("language IN ('de', 'en')", name="language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email_key: Mapped[bytes] = mapped_column(unique=True)
    sealed: Mapped[bytes]
    password_hash: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]


class MembershipRow(Table):
    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'member', 'owner')", name="role"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id"), primary_key=True, index=True
    )
    role: Mapped[str]


class SessionRow(Table):
    """One browser that is signed in, with the firm it works for."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
