"""Builders: each makes one true thing with as few words as possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.accounts import service as accounts
from app.assessments import service
from app.assessments.service import AnswerGiven
from app.kernel.access import FirmRole
from app.kernel.scope import Scope
from app.kernel.work import Kernel, Work
from app.organisations import service as organisations
from checklists import load_library
from checklists.model import Answer, Value

CATALOG = "kmu-check"
QUESTION = "bak-restore-test"
PASSWORD = "Feilspan-und-Kaffee-7"
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$bm8tc3VjaC1wYXNzd29yZC1oYXNoLWF0LWFsbCE"
)


@dataclass(frozen=True, slots=True)
class Firm:
    id: UUID
    owner: Scope
    member: Scope
    viewer: Scope
    tokens: dict[UUID, str]

    def cookie(self, scope: Scope) -> str:
        assert scope.actor is not None
        return self.tokens[scope.actor]


def firm(
    kernel: Kernel,
    name: str = "Krause Metallbau",
    people: tuple[str, str, str] = ("Olga", "Max", "Vera"),
) -> Firm:
    """Make a firm with an owner, a member and a viewer, all signed in."""
    in_order: tuple[FirmRole, ...] = ("owner", "member", "viewer")
    roles = zip(people, in_order, strict=True)
    firm_id = kernel.new_id()
    scopes: dict[FirmRole, Scope] = {}
    tokens: dict[UUID, str] = {}
    with kernel.write(Scope(organisation=firm_id)) as work:
        organisations.create(work, firm_id, profile(name))
        for person_name, role in roles:
            person_id = kernel.new_id()
            accounts.add_person(work, person_id, person(person_name, firm_id))
            accounts.join(work, person_id, firm_id, role)
            scopes[role] = Scope(person_id, firm_id, frozenset({role}))
    for scope in scopes.values():
        with kernel.write(scope) as work:
            assert scope.actor is not None
            tokens[scope.actor] = accounts.start_session(work)
    return Firm(firm_id, scopes["owner"], scopes["member"], scopes["viewer"], tokens)


def person(name: str, firm_id: UUID) -> accounts.NewPerson:
    return accounts.NewPerson(
        name=name,
        email=f"{name.lower().replace(' ', '.')}@{firm_id.hex}.example",
        password_hash=PASSWORD_HASH,
        language="de",
    )


def profile(name: str = "Krause Metallbau") -> organisations.Profile:
    return organisations.Profile(
        name=name, kind="firm", size="10-49", branch="manufacturing", district="zwickau"
    )


def assessment(work: Work) -> UUID:
    return service.start(work, work.new_id(), CATALOG)


def answer(value: str, *, seen_revision: int = 0, note: str = "") -> AnswerGiven:
    return AnswerGiven(value, note=note, seen_revision=seen_revision)


def all_answers(value: Value = Value.YES, **other: Value) -> dict[str, Answer]:
    """An answer to each question of the check; gates say yes."""
    catalog = load_library().catalog(CATALOG)
    gates = {gate.id for gate in catalog.gates}
    return {
        q.id: Answer(other.get(q.id.replace("-", "_"), Value.YES if q.id in gates else value))
        for q in catalog.questions
    }


def full_assessment(work: Work, value: Value = Value.YES, **other: Value) -> UUID:
    return service.start_with(work, CATALOG, all_answers(value, **other))


A_DAY = timedelta(days=1)
