"""Who sits behind a cookie. The cookie holds a random token, the database its hash."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, bindparam, delete, or_, select, update

from app.accounts.tables import MembershipRow, PersonRow, SessionRow
from app.kernel.db import core
from app.kernel.ids import new_token, token_hash
from app.kernel.scope import GUEST, NOBODY, Scope, Visitor
from app.kernel.work import Kernel, Work

IDLE = timedelta(hours=12)
"""A session that nobody used for so long has ended."""
LONGEST = timedelta(days=7)
"""A session ends then, used or not."""
MOST_SESSIONS = 10
"""Of one person; the oldest gives way."""
KEPT_AFTER_END = timedelta(days=1)

SESSIONS, MEMBERSHIPS, PERSONS = (
    SessionRow.__table__.c,
    MembershipRow.__table__.c,
    PersonRow.__table__.c,
)
WHO = (
    select(
        SESSIONS.person_id,
        SESSIONS.organisation_id,
        MEMBERSHIPS.role,
        PERSONS.language,
        SESSIONS.seen_at,
    )
    .select_from(
        SessionRow.__table__.join(
            MembershipRow.__table__,
            and_(
                MEMBERSHIPS.person_id == SESSIONS.person_id,
                MEMBERSHIPS.organisation_id == SESSIONS.organisation_id,
            ),
        ).join(PersonRow.__table__, PERSONS.id == SESSIONS.person_id)
    )
    .where(
        SESSIONS.token_hash == bindparam("hash"),
        SESSIONS.ends_at > bindparam("now"),
        SESSIONS.seen_at > bindparam("idle_since"),
    )
)
SEEN = (
    update(core(SessionRow))
    .where(SESSIONS.token_hash == bindparam("hash"))
    .values(seen_at=bindparam("now"))
)
"""Both run at nearly every request: built once, without ORM objects."""


def identify(work: Work, token: str) -> Visitor:
    """Say who sits behind a cookie, with the rights of this very moment.

    Whoever was removed from the firm is a guest at once.
    """
    facts = {"hash": token_hash(token), "now": work.now, "idle_since": work.now - IDLE}
    row = work.run(WHO, facts).one_or_none()
    if row is None:
        return GUEST
    person_id, organisation_id, role, language, seen_at = row
    return Visitor(Scope(person_id, organisation_id, frozenset({role})), language, seen_at)


def note_seen(work: Work, token: str) -> None:
    """Note that a session was used just now."""
    work.run(SEEN, {"hash": token_hash(token), "now": work.now})


def start_session(work: Work) -> str:
    """Sign in the person in scope, for the firm in scope.

    Returns:
        The token for the cookie; only its hash is kept.
    """
    oldest_first = (
        select(SessionRow.token_hash)
        .where(SessionRow.person_id == work.scope.actor)
        .order_by(SessionRow.created_at)
        .with_for_update()
    )
    hashes = work.session.scalars(oldest_first).all()
    too_many = hashes[: max(0, len(hashes) - MOST_SESSIONS + 1)]
    if too_many:
        work.session.execute(delete(SessionRow).where(SessionRow.token_hash.in_(too_many)))
    token = new_token()
    work.add(
        SessionRow(
            token_hash=token_hash(token),
            person_id=work.scope.actor,
            organisation_id=work.organisation_id,
            created_at=work.now,
            seen_at=work.now,
            ends_at=work.now + LONGEST,
        )
    )
    work.audit.record("signed-in", work.scope.actor)
    return token


def end_session(work: Work, token: str) -> None:
    """Sign out one browser; a session that has ended already stays ended."""
    ended = delete(SessionRow).where(SessionRow.token_hash == token_hash(token))
    person_id = work.session.scalars(ended.returning(SessionRow.person_id)).one_or_none()
    if person_id is not None:
        work.audit.record("signed-out", person_id)


def end_sessions(work: Work) -> None:
    """Sign out the person in scope everywhere."""
    work.session.execute(delete(SessionRow).where(SessionRow.person_id == work.scope.actor))


def sweep_sessions(kernel: Kernel) -> None:
    """Remove sessions that ended a day ago. May run at any time and twice."""
    with kernel.write(NOBODY) as work:
        ended = or_(
            SessionRow.ends_at < work.now - KEPT_AFTER_END,
            SessionRow.seen_at < work.now - IDLE - KEPT_AFTER_END,
        )
        work.session.execute(delete(SessionRow).where(ended))
