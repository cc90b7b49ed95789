"""A new password for somebody who can read the mails to an address."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.service.persons import Person, find, person_from, scope_of
from app.accounts.service.sessions import end_sessions, start_session
from app.accounts.tables import PersonRow
from app.kernel import links, mail
from app.kernel.errors import LinkExpired
from app.kernel.scope import Scope
from app.kernel.work import Work
from app.organisations import service as organisations

PURPOSE = "reset"


@dataclass(frozen=True, slots=True)
class Reset:
    """Who stands behind a link, and what a new password must not be made of."""

    scope: Scope
    firm: str
    email: str


def request_reset(work: Work, email: str, *, language: str) -> None:
    """Send a link to an address that has an account; do the same work for one that has none.

    The mail goes to the address as it was registered, never as it was typed now.

    Args:
        work: of the act.
        email: as typed.
        language: of the page; a known person reads the mail in the stored one.
    """
    person = find(work, email)
    if person is None:
        mail.post(work, mail.VOID, email, language=language, order_key=f"person/{work.new_id()}")
        return
    mail.post(
        work,
        "accounts/reset",
        person.email,
        language=person.language,
        facts={"name": person.name},
        link=(PURPOSE, person.id),
        order_key=f"person/{person.id}",
    )
    work.audit.record("reset-requested", person.id)


def reset_behind(work: Work, token: str) -> Reset:
    """Look at a link without using it.

    Raises:
        LinkExpired: wrong, used or too old.
    """
    person, scope = _subject(work, token)
    return Reset(scope, organisations.name_of(work, _firm(scope)), person.email)


def reset(work: Work, token: str, password_hash: str) -> str:
    """Store a new password, sign out everywhere, sign in here.

    Args:
        work: of the scope in `Reset`.
        token: of the link, used up by this.
        password_hash: made before the work began.

    Returns:
        The token for the cookie.

    Raises:
        LinkExpired: wrong, used or too old.
    """
    person, _scope = _subject(work, token)
    links.burn(work, PURPOSE, token)
    row = work.session.get(PersonRow, person.id)
    assert row is not None, "read a line above"
    row.password_hash = password_hash
    end_sessions(work)
    work.audit.record("password-changed", person.id)
    mail.post(
        work,
        "accounts/password-changed",
        person.email,
        language=person.language,
        facts={"name": person.name},
        order_key=f"person/{person.id}",
    )
    return start_session(work)


def _subject(work: Work, token: str) -> tuple[Person, Scope]:
    person_id = links.look(work, PURPOSE, token)
    query = select(PersonRow.id, PersonRow.sealed, PersonRow.language)
    row = work.session.execute(query.where(PersonRow.id == person_id)).one_or_none()
    scope = scope_of(work, person_id)
    if row is None or scope is None:
        raise LinkExpired
    return person_from(work, *row), scope


def _firm(scope: Scope) -> UUID:
    assert scope.organisation is not None, "scope_of names one"
    return scope.organisation
