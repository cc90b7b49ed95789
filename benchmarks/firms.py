"""Firms with checks for the benchmarks, made through the services like real ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.accounts import service as accounts
from app.assessments import service
from app.kernel.scope import Scope
from app.kernel.settings import Settings
from app.kernel.start import init
from app.kernel.work import Kernel
from app.main import metadata
from app.organisations import service as organisations
from checklists import load_library
from checklists.model import Answer, Value

UNUSABLE = "!"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in front of a check of the own firm."""

    token: str
    check: UUID
    scope: Scope


@contextmanager
def instance(data: Path) -> Iterator[Kernel]:
    """Make an instance in a data folder, as `lotse init` does."""
    kernel = init(Settings(data=data), metadata())
    try:
        yield kernel
    finally:
        kernel.engine.dispose()


def sign_in(kernel: Kernel, number: int, answered: int = 0) -> SignedIn:
    """Make a firm with an owner who is signed in and has answered the first questions."""
    firm, person = kernel.new_id(), kernel.new_id()
    with kernel.write(Scope(organisation=firm)) as work:
        profile = organisations.Profile(
            f"Firma {number}", "firm", "10-49", "manufacturing", "zwickau"
        )
        organisations.create(work, firm, profile)
        new = accounts.NewPerson(f"Person {number}", f"p{number}@example.org", UNUSABLE, "de")
        accounts.add_person(work, person, new)
        accounts.join(work, person, firm, "owner")
    scope = Scope(person, firm, frozenset({"owner"}))
    with kernel.write(scope) as work:
        token = accounts.start_session(work)
        questions = load_library().catalog("kmu-check").questions[:answered]
        answers = {q.id: Answer(Value.YES, note="steht im Ordner") for q in questions}
        check = service.start_with(work, "kmu-check", answers)
    return SignedIn(token, check, scope)
