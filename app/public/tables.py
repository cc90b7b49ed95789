"""Registrations that wait for the click in the mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Table


class PendingRow(Table):
    """Everything from the form, and the answers of a kept quick check, as one sealed value.

    `email_key` finds the other registrations of the same address when one is confirmed.
    """

    __tablename__ = "pending_registrations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email_key: Mapped[bytes] = mapped_column(index=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)
