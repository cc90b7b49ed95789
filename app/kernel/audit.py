"""Who did what, when. Rows are added and never changed; the database sees to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.db import Table, core
from app.kernel.scope import Scope


class AuditRow(Table):
    """No names, answers or addresses in here: it outlives them.

    `hash` stays empty when the act is written, so that writers never wait for each other; the
    trigger lets it be filled later, once.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    action: Mapped[str]
    object_id: Mapped[str]
    hash: Mapped[bytes | None]


INSERT = insert(core(AuditRow))


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes rows for one act, in its transaction and with its actor and firm."""

    session: Session
    now: datetime
    scope: Scope

    def record(self, action: str, object_id: object, *, actor: UUID | None = None) -> None:
        """Note one act in the transaction that does it.

        Args:
            action: kebab-case, such as `answer-saved`.
            object_id: id of what was acted on; never a name or an address.
            actor: for acts in which the person only now becomes known (sign-in).
        """
        row = {
            "at": self.now,
            "actor_id": actor or self.scope.actor,
            "organisation_id": self.scope.organisation,
            "action": action,
            "object_id": str(object_id),
        }
        self.session.connection().execute(INSERT, row)
