"""Registration: a sealed row and one mail; the click in the mail makes firm and person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.accounts import service as accounts
from app.assessments import service as assessments
from app.kernel import links, mail
from app.kernel.errors import LinkExpired
from app.kernel.scope import NOBODY
from app.kernel.vault import CENTRE, place
from app.kernel.work import Kernel, Work
from app.organisations import service as organisations
from app.organisations.service import Profile
from app.public.service.quick_check import still_asked
from app.public.tables import PendingRow

PURPOSE = "register"
WAITS_FOR = timedelta(days=7)
"""How long an unconfirmed registration is kept."""
KEPT_INTO = "kmu-check"
"""The check that goes on from a quick check."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What the form asks for.

    Attributes:
        person: name of who registers, and later owns the account.
        language: of the page; mails and pages of the account begin with it.
    """

    profile: Profile
    person: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration that waits, with the answers of a quick check that was kept."""

    registration: Registration
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Welcome:
    """Somebody who is signed in for the first time.

    Attributes:
        session_token: for the cookie.
        assessment_id: of the check made from a kept quick check, if there was one.
    """

    session_token: str
    assessment_id: UUID | None


def register(work: Work, registration: Registration, values: Mapping[str, str]) -> None:
    """Leave a registration until its address is proven, and post the one mail.

    An address that has an account gets a mail that says so, and the page shows the same. The
    first mail greets without a name: what a stranger types must not reach somebody else's mailbox.

    Args:
        work: of the act.
        registration: checked by the form.
        values: answers of a kept quick check; without them those of an earlier registration of
            the same address that still waits are taken over.
    """
    person = accounts.find(work, registration.email)
    if person is not None:
        mail.post(
            work,
            "public/already-registered",
            person.email,
            language=person.language,
            facts={"name": person.name, "link": f"{work.settings.base_url}/anmelden"},
        )
        return
    pending_id = work.new_id()
    email_key = work.vault.email_key(registration.email)
    content = asdict(registration) | {"values": dict(values) or _earlier_values(work, email_key)}
    sealed = work.vault.seal(content, place(PendingRow.sealed, pending_id, CENTRE))
    work.add(PendingRow(id=pending_id, email_key=email_key, sealed=sealed, created_at=work.now))
    mail.post(
        work,
        "public/register",
        registration.email,
        language=registration.language,
        link=(PURPOSE, pending_id),
    )
    work.audit.record("registration-asked", pending_id)


def pending_behind(work: Work, token: str) -> Pending:
    """Look at a link without using it.

    Raises:
        LinkExpired: wrong, used or too old, or the address has an account by now.
    """
    return _pending(work, links.look(work, PURPOSE, token))


def confirm(work: Work, token: str, password_hash: str) -> Welcome:
    """Make firm, person and session, and the check that was kept; all or nothing.

    Args:
        work: its scope carries the ids of the person and the firm to be made.
        token: of the link, used up by this.
        password_hash: made before the work began.

    Raises:
        LinkExpired: wrong, used or too old, or the address has an account by now.
    """
    pending_id = links.burn(work, PURPOSE, token)
    _hold_address(work, pending_id)
    pending = _pending(work, pending_id)
    registration, person_id = pending.registration, work.scope.actor
    assert person_id is not None, "the view makes it"
    organisations.create(work, work.organisation_id, registration.profile)
    new = accounts.NewPerson(
        registration.person, registration.email, password_hash, registration.language
    )
    accounts.add_person(work, person_id, new)
    accounts.join(work, person_id, work.organisation_id, "owner")
    email_key = work.vault.email_key(registration.email)
    work.session.execute(delete(PendingRow).where(PendingRow.email_key == email_key))
    answers = still_asked(pending.values)
    assessment_id = assessments.start_with(work, KEPT_INTO, answers) if answers else None
    return Welcome(accounts.start_session(work), assessment_id)


def sweep_pending(kernel: Kernel) -> None:
    """Remove registrations nobody confirmed. May run at any time and twice."""
    with kernel.write(NOBODY) as work:
        too_old = PendingRow.created_at <= work.now - WAITS_FOR
        work.session.execute(delete(PendingRow).where(too_old))


def _hold_address(work: Work, pending_id: UUID) -> None:
    """Two links to one address may be used at once: the second waits, then finds nothing."""
    address = select(PendingRow.email_key).where(PendingRow.id == pending_id).scalar_subquery()
    query = select(PendingRow.id).where(PendingRow.email_key == address).order_by(PendingRow.id)
    work.session.scalars(query.with_for_update()).all()


def _pending(work: Work, pending_id: UUID) -> Pending:
    query = select(PendingRow.sealed).where(
        PendingRow.id == pending_id, PendingRow.created_at > work.now - WAITS_FOR
    )
    sealed = work.session.scalars(query).one_or_none()
    if sealed is None:
        raise LinkExpired
    opened = _open(work, pending_id, sealed)
    if accounts.find(work, opened["email"]) is not None:
        raise LinkExpired
    registration = Registration(
        Profile(**opened["profile"]), opened["person"], opened["email"], opened["language"]
    )
    return Pending(registration, opened["values"])


def _earlier_values(work: Work, email_key: bytes) -> dict[str, str]:
    """Answers wait with the registration for seven days, its link works for two."""
    query = (
        select(PendingRow.id, PendingRow.sealed)
        .where(PendingRow.email_key == email_key, PendingRow.created_at > work.now - WAITS_FOR)
        .order_by(PendingRow.created_at.desc())
    )
    row = work.session.execute(query).first()
    values: dict[str, str] = _open(work, *row)["values"] if row else {}
    return values


def _open(work: Work, pending_id: UUID, sealed: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = work.vault.open(sealed, place(PendingRow.sealed, pending_id, CENTRE))
    return opened
