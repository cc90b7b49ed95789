"""Persons: their names, and the firms they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from app.accounts.tables import MembershipRow, PersonRow
from app.kernel.access import FirmRole
from app.kernel.db import core
from app.kernel.scope import Scope
from app.kernel.vault import CENTRE, place
from app.kernel.work import Work
from app.organisations import service as organisations

SEALED = select(core(PersonRow).c.sealed).where(core(PersonRow).c.id == bindparam("person"))
"""Runs at every page of somebody signed in: built once, without ORM objects."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who proved an address; `password_hash` was made before the work began."""

    name: str
    email: str
    password_hash: str
    language: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to whom a mail may go."""

    id: UUID
    name: str
    email: str
    language: str


def add_person(work: Work, person_id: UUID, new: NewPerson) -> None:
    """Add a person; name and address are sealed under the centre's key.

    Args:
        work: of the act.
        person_id: made before the row.
        new: an address that no other person has, for the database refuses a second one.
    """
    sealed = work.vault.seal(
        {"name": new.name, "email": new.email}, place(PersonRow.sealed, person_id, CENTRE)
    )
    work.add(
        PersonRow(
            id=person_id,
            email_key=work.vault.email_key(new.email),
            sealed=sealed,
            password_hash=new.password_hash,
            language=new.language,
            created_at=work.now,
        )
    )
    work.audit.record("person-added", person_id)


def join(work: Work, person_id: UUID, organisation_id: UUID, role: FirmRole) -> None:
    """Make a person part of a firm."""
    work.add(MembershipRow(person_id=person_id, organisation_id=organisation_id, role=role))
    work.audit.record("person-joined", person_id)


def find(work: Work, email: str) -> Person | None:
    """Return the person who has this address, if there is one."""
    key = work.vault.email_key(email)
    query = select(PersonRow.id, PersonRow.sealed, PersonRow.language)
    row = work.session.execute(query.where(PersonRow.email_key == key)).one_or_none()
    return row and person_from(work, *row)


def person_from(work: Work, person_id: UUID, sealed: bytes, language: str) -> Person:
    """Open what is stored of a person."""
    opened = _open(work, person_id, sealed)
    return Person(person_id, opened["name"], opened["email"], language)


def name_of(work: Work, person_id: UUID) -> str | None:
    """Return a name, or None once the person is deleted."""
    sealed = work.run(SEALED, {"person": person_id}).scalar_one_or_none()
    return None if sealed is None else str(_open(work, person_id, sealed)["name"])


def names_of(work: Work, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of those who still exist; the others are left out."""
    query = select(PersonRow.id, PersonRow.sealed).where(PersonRow.id.in_(set(person_ids)))
    return {
        person_id: _open(work, person_id, sealed)["name"]
        for person_id, sealed in work.session.execute(query)
    }


def names(work: Work) -> tuple[str | None, str | None]:
    """Name the firm and the person in scope, for the head of the page."""
    firm, person = work.scope.organisation, work.scope.actor
    return (
        organisations.name_of(work, firm) if firm else None,
        name_of(work, person) if person else None,
    )


def choose_language(work: Work, language: str) -> None:
    """Store in which language the person in scope reads pages and mails."""
    person = work.session.get(PersonRow, work.scope.actor)
    assert person is not None, "a session without its person"
    person.language = language


def scope_of(work: Work, person_id: UUID) -> Scope | None:
    """Return the rights of a person in her firm; None if she belongs to none."""
    query = (
        select(MembershipRow.organisation_id, MembershipRow.role)
        .where(MembershipRow.person_id == person_id)
        .order_by(MembershipRow.organisation_id)
    )
    row = work.session.execute(query).first()
    return row and Scope(person_id, row.organisation_id, frozenset({row.role}))


def _open(work: Work, person_id: UUID, sealed: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = work.vault.open(sealed, place(PersonRow.sealed, person_id, CENTRE))
    return opened
