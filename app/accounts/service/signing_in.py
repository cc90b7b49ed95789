"""Signing in, in three steps: read, check outside any transaction, write.

A check takes 35 ms on purpose. Inside a write everybody else's saves would wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import passwords
from app.accounts.service.persons import scope_of
from app.accounts.service.sessions import end_session, start_session
from app.accounts.tables import PersonRow
from app.kernel.errors import SignInFailed
from app.kernel.scope import NOBODY, Scope
from app.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Known:
    """What a password is checked against; for an unknown address it looks the same.

    Attributes:
        scope: of the person who has the address; NOBODY without one.
        password_hash: of that person, or one that no password fits.
    """

    scope: Scope
    password_hash: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody who knew the password.

    Attributes:
        scope: what may be done from now on.
        password_hash: the stored one that the password fitted.
        new_hash: to be stored when the parameters of hashing have changed; else None.
    """

    scope: Scope
    password_hash: str
    new_hash: str | None


def look_up(work: Work, email: str) -> Known:
    """Read what is needed to check a password."""
    key = work.vault.email_key(email)
    query = select(PersonRow.id, PersonRow.password_hash).where(PersonRow.email_key == key)
    row = work.session.execute(query).one_or_none()
    scope = scope_of(work, row.id if row else work.new_id())  # as many queries for an unknown one
    if row is None or scope is None:
        return Known(NOBODY, passwords.NOBODYS_HASH)
    return Known(scope, row.password_hash)


def check(known: Known, password: str) -> Proven:
    """Check a password, outside any transaction.

    Raises:
        SignInFailed: unknown address or wrong password; both take as long.
        Busy: too many checks at once.
    """
    if not passwords.fits(known.password_hash, password) or known.scope.actor is None:
        raise SignInFailed
    outdated = passwords.is_outdated(known.password_hash)
    new_hash = passwords.hash_password(password) if outdated else None
    return Proven(known.scope, known.password_hash, new_hash)


def sign_in(work: Work, proven: Proven, *, instead_of: str | None = None) -> str:
    """Start a session for whoever proved the password, in a work of that scope.

    Args:
        work: of the scope in `proven`.
        proven: by `check`.
        instead_of: token that this browser had before; its session ends.

    Returns:
        The token for the cookie.

    Raises:
        SignInFailed: meanwhile somebody set a new password, which ends what the old one opened.
    """
    query = select(PersonRow).where(PersonRow.id == work.scope.actor).with_for_update()
    person = work.session.scalars(query).one_or_none()
    if person is None or person.password_hash != proven.password_hash:
        raise SignInFailed
    if instead_of is not None:
        end_session(work, instead_of)
    if proven.new_hash is not None:
        person.password_hash = proven.new_hash
    return start_session(work)
