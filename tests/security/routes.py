"""Every route as data: how it is called, who may call it, and what whoever may then gets.

Who may is written down here once more, apart from the views, so that a marker that was changed by
mistake shows. A route that is missing here fails `test_access.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Literal
from uuid import UUID

from flask import Flask
from sqlalchemy import delete
from werkzeug.test import TestResponse

from app.accounts import service as accounts
from app.accounts.tables import MembershipRow, PersonRow
from app.assessments import service as assessments
from app.kernel import links
from app.kernel.jobs import Job
from app.kernel.scope import NOBODY, Scope
from app.kernel.work import Kernel
from app.public import service as public
from checklists import load_library
from tests import make
from tests.app.browser import Browser

Role = Literal["nobody", "viewer", "member", "owner", "stranger", "removed"]
ROLES: tuple[Role, ...] = ("nobody", "viewer", "member", "owner", "stranger", "removed")
"""`stranger` owns another firm; `removed` was an owner, and the cookie is still there."""

SAFE = ("GET", "HEAD", "OPTIONS")
PASSWORD = "vier Wörter Kaffee Amboss"
PDF = b"%PDF-1.7 made by a test"
QUICK = dict.fromkeys((q.id for q in load_library().catalog("kurzcheck").questions), "no")
REGISTRATION = {
    "firm": "Neue Firma",
    "kind": "firm",
    "size": "10-49",
    "branch": "manufacturing",
    "district": "zwickau",
    "name": "Nora Neu",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        path: with the names of places of `Ground` in braces.
        who: "everyone"; "link", for whoever holds one; "signed in"; or (object, act) of the
            access table.
        answer: what whoever may gets.
        signed_in: what people with a session get, where that is something else.
        form: fields of a post, with the same names in braces.
    """

    endpoint: str
    path: str
    who: Literal["everyone", "link", "signed in"] | tuple[str, str]
    answer: int = 200
    signed_in: int | None = None
    form: Mapping[str, str] | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        return ("POST", "OPTIONS") if self.form is not None else SAFE

    @property
    def of_one_firm(self) -> bool:
        """Whether the address names something that belongs to one firm."""
        return "{check}" in self.path


CHECK = "/checks/{check}"
REPORT = "/checks/{check}/berichte/{report}"
READ, START = ("assessment", "read"), ("assessment", "start")

ROUTES = (
    Route("public.start", "/", "everyone"),
    Route("public.security_txt", "/.well-known/security.txt", "everyone", 404),
    Route("public.imprint", "/impressum", "everyone"),
    Route("public.privacy", "/datenschutz", "everyone"),
    Route("public.accessibility", "/barrierefreiheit", "everyone"),
    Route("public.mailbox", "/postfach", "everyone"),
    Route("public.quick_check", "/kurzcheck", "everyone"),
    Route("public.answer_quick_check", "/kurzcheck", "everyone", form={**QUICK, "here": "ende"}),
    Route("public.keep_quick_check", "/kurzcheck/behalten", "everyone", 303, form=QUICK),
    Route("public.show_register", "/registrieren", "everyone", signed_in=303),
    Route(
        "public.register",
        "/registrieren",
        "everyone",
        form={**REGISTRATION, "email": "{role}@neu.example"},
    ),
    Route("public.show_confirm", "/registrieren/{link}", "link"),
    Route("public.confirm", "/registrieren/{link}", "link", 303, form={"password": PASSWORD}),
    Route("web.healthz", "/healthz", "everyone"),
    Route("assets.static_file", "/static/lotse.css", "everyone"),
    Route("problems.explain", "/fehler/not-found", "everyone"),
    Route("accounts.show_sign_in", "/anmelden", "everyone", signed_in=303),
    Route(
        "accounts.sign_in",
        "/anmelden",
        "everyone",
        303,
        form={"email": "{email}", "password": PASSWORD},
    ),
    Route("accounts.sign_out", "/abmelden", "everyone", 303, form={}),
    Route("accounts.choose_language", "/konto/sprache", "signed in", 303, form={"language": "en"}),
    Route("accounts.show_forgot", "/passwort-vergessen", "everyone"),
    Route(
        "accounts.forgot",
        "/passwort-vergessen",
        "everyone",
        form={"email": "{role}@vergessen.example"},
    ),
    Route("accounts.show_reset", "/passwort/{link}", "link"),
    Route("accounts.reset", "/passwort/{link}", "link", 303, form={"password": PASSWORD}),
    Route("assessments.show_checks", "/checks", READ),
    Route(
        "assessments.start", "/checks", START, 303, form={"id": "{new_id}", "catalog": "kmu-check"}
    ),
    Route("assessments.resume", CHECK, READ, 302),
    Route("assessments.show_area", f"{CHECK}/bereiche/bak", READ),
    # The same answer once more is a repeat, whoever sends it: nobody spoils it for the next.
    Route(
        "assessments.save_answer",
        f"{CHECK}/fragen/bak-restore-test",
        ("assessment", "answer"),
        303,
        form={"value": "yes", "revision": "0"},
    ),
    Route("assessments.show_result", f"{CHECK}/ergebnis", READ),
    Route("assessments.finish", f"{CHECK}/abschliessen", ("assessment", "finish"), 303, form={}),
    Route(
        "assessments.start_again", f"{CHECK}/neuer-durchgang", START, 303, form={"id": "{new_id}"}
    ),
    Route(
        "assessments.request_report",
        f"{CHECK}/berichte",
        ("report", "report"),
        303,
        form={"id": "{new_id}", "language": "de"},
    ),
    Route("assessments.show_report", REPORT, ("report", "read")),
    Route("assessments.download_report", f"{REPORT}/bericht.pdf", ("report", "read")),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A firm with a whole check and a report, and one person for each role.

    Attributes:
        places: values for the names in braces that stay the same for everybody.
        tokens: cookies of those who have one.
        leaving: the person behind `removed`, still an owner.
    """

    kernel: Kernel
    flask: Flask
    firm: make.Firm
    places: Mapping[str, str]
    tokens: Mapping[Role, str]
    leaving: UUID
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def dismiss(self) -> None:
        """Take the person behind `removed` out of the firm; the session stays as it is."""
        with self.kernel.write(self.firm.owner) as work:
            gone = MembershipRow.person_id == self.leaving
            work.session.execute(delete(MembershipRow).where(gone))

    def send(
        self, route: Route, method: str, role: Role, places: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Call a route as somebody, with a link of its own where it needs one.

        Args:
            places: values for names in braces that are to be used instead.
        """
        given = places or {}
        made = self.made_for(route) if "link" not in given else {}
        facts = {**self.places, **made, "role": role, **given}
        browser = Browser(self.flask, self.kernel, self.tokens.get(role))
        fields = {name: value.format(**facts) for name, value in (route.form or {}).items()}
        return browser.client.open(
            route.path.format(**facts),
            method=method,
            base_url=browser.base_url,
            headers={"Origin": browser.base_url},
            data=fields if method == "POST" else None,
            buffered=True,  # files are closed
        )

    def made_for(self, route: Route) -> dict[str, str]:
        """Make what a route uses up: the id of a row to come, or a link out of a mail."""
        made = {"new_id": str(self.kernel.new_id())}
        if "/passwort/{link}" in route.path:
            with self.kernel.write(NOBODY) as work:
                assert self.firm.owner.actor is not None
                made["link"] = links.mint(work, "reset", self.firm.owner.actor)
        if "/registrieren/{link}" in route.path:
            made["link"] = self._registration(f"nora{next(self._numbers)}@neu.example")
        return made

    def _registration(self, email: str) -> str:
        profile = make.profile("Neue Firma")
        with self.kernel.write(NOBODY) as work:
            public.register(work, public.Registration(profile, "Nora Neu", email, "de"), {})
            job = work.jobs.claim()
            assert job is not None
            purpose, subject = job.payload["link"]
            work.jobs.finish(job)
            return links.mint(work, purpose, UUID(subject))


def lay(kernel: Kernel, flask: Flask) -> Ground:
    """Make firm, people, check and report; nobody is dismissed yet."""
    firm, other = make.firm(kernel), make.firm(kernel, "Andere GmbH")
    leaving, report = kernel.new_id(), kernel.new_id()
    with kernel.write(firm.owner) as work:
        accounts.add_person(work, leaving, make.person("Rudi Raus", firm.id))
        accounts.join(work, leaving, firm.id, "owner")
        assert firm.owner.actor is not None
        owner = work.session.get(PersonRow, firm.owner.actor)
        assert owner is not None
        owner.password_hash = password_hash()
        check = make.full_assessment(work)
        assessments.request_report(work, check, report, "de")
    with kernel.write(Scope(leaving, firm.id, frozenset({"owner"}))) as work:
        token = accounts.start_session(work)
    draw_report(kernel)
    return Ground(
        kernel,
        flask,
        firm,
        {"check": str(check), "report": str(report), "email": f"olga@{firm.id.hex}.example"},
        {
            "viewer": firm.cookie(firm.viewer),
            "member": firm.cookie(firm.member),
            "owner": firm.cookie(firm.owner),
            "stranger": other.cookie(other.owner),
            "removed": token,
        },
        leaving,
    )


def draw_report(kernel: Kernel) -> None:
    """Do the one job that waits; its PDF is a short one."""
    with kernel.write(NOBODY) as work:
        job = work.jobs.claim()
    assert isinstance(job, Job)
    assessments.make_report(kernel, job, lambda _snapshot, _language: PDF)


@cache
def password_hash() -> str:
    return accounts.hash_password(PASSWORD)
