"""Links in mails: random, stored as a hash, used once; GET never acts on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Table
from app.kernel.errors import LinkExpired
from app.kernel.ids import new_token, token_hash
from app.kernel.work import Work

LIFETIMES = {
    "register": timedelta(hours=48),
    "reset": timedelta(minutes=30),
}
"""How long a link of each purpose may be used after it was mailed."""


class LinkRow(Table):
    __tablename__ = "links"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


def mint(work: Work, purpose: str, subject_id: UUID) -> str:
    """Make a link and return its token; called when the mail is rendered, before it is sent."""
    token = new_token()
    work.add(
        LinkRow(
            hash=token_hash(token),
            purpose=purpose,
            subject_id=subject_id,
            expires_at=work.now + LIFETIMES[purpose],
        )
    )
    return token


def look(work: Work, purpose: str, token: str) -> UUID:
    """Say whom a link is about, without using it.

    Raises:
        LinkExpired: wrong, used or too old.
    """
    query = select(LinkRow.subject_id).where(
        LinkRow.hash == token_hash(token),
        LinkRow.purpose == purpose,
        LinkRow.expires_at > work.now,
    )
    found = work.session.scalars(query).one_or_none()
    if found is None:
        raise LinkExpired
    return found


def burn(work: Work, purpose: str, token: str) -> UUID:
    """Use a link in the transaction of its act; all links of its kind for that subject end.

    Raises:
        LinkExpired: wrong, used or too old.
    """
    subject_id = look(work, purpose, token)
    used = delete(LinkRow).where(LinkRow.hash == token_hash(token)).returning(LinkRow.subject_id)
    if work.session.scalars(used).one_or_none() is None:
        raise LinkExpired  # two posts at once: one of them was first
    work.session.execute(
        delete(LinkRow).where(LinkRow.purpose == purpose, LinkRow.subject_id == subject_id)
    )
    return subject_id


def sweep(work: Work) -> None:
    """Remove links that ended a day ago."""
    ended = LinkRow.expires_at < work.now - timedelta(days=1)
    work.session.execute(delete(LinkRow).where(ended))
