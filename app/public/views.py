"""Start, quick check, registration, legal pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import service as accounts
from app.kernel.access import access
from app.kernel.errors import REGISTRY, LinkExpired, NotFound
from app.kernel.i18n import _, say
from app.kernel.scope import Scope
from app.organisations import service as organisations
from app.organisations.service import Choice
from app.public import service
from app.public.forms import PasswordForm, RegisterForm, read_quick_check
from app.public.service import LegalText, QuickQuestion, QuickResult
from app.web import gate, session
from app.web.forms import posted
from app.web.gate import count, reading, writing
from app.web.pages import render

blueprint = Blueprint("public", __name__)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StartPage:
    signed_in: bool


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The form of a registration; the lists are pairs of id and label.

    Attributes:
        kept: how many answers of a quick check move into the account.
    """

    kinds: Pairs
    sizes: Pairs
    branches: Pairs
    districts: Pairs
    kept: int
    typed: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckMailPage:
    """The same for every address, known or not."""

    email: str


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    token: str
    firm: str
    email: str
    kept: int
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpiredPage:
    title: str


@blueprint.get("/")
@access(public=True)
def start() -> ResponseReturnValue:
    page = StartPage(signed_in=gate.visitor().scope.actor is not None)
    return render("public/start.html", page)


@blueprint.get("/kurzcheck")
@access(public=True)
def quick_check() -> ResponseReturnValue:
    return render("public/quick_question.html", service.begin())


@blueprint.post("/kurzcheck")
@access(public=True)
def answer_quick_check() -> ResponseReturnValue:
    page = service.turn(read_quick_check(posted()), gate.kernel().clock())
    match page:
        case QuickQuestion():
            return render("public/quick_question.html", page), 422 if page.problem else 200
        case QuickResult():
            count("quick-check")  # the only page of the ten that counts
            return render("public/quick_result.html", page)
        case _:
            assert_never(page)


@blueprint.post("/kurzcheck/behalten")
@access(public=True)
def keep_quick_check() -> ResponseReturnValue:
    count("quick-check")
    given = read_quick_check(posted())
    with reading() as work:
        sealed = service.seal_kept(work, given.values)
    response = make_response(redirect(url_for("public.show_register"), 303))
    session.keep(response, gate.kernel().settings, sealed, service.KEPT_FOR)
    return response


@blueprint.get("/registrieren")
@access(public=True)
def show_register() -> ResponseReturnValue:
    if gate.visitor().scope.actor is not None:
        return redirect(url_for("assessments.show_checks"), 303)
    return render("public/register.html", _register_page(RegisterForm()))


@blueprint.post("/registrieren")
@access(public=True)
def register() -> ResponseReturnValue:
    form = RegisterForm(posted())
    if not form.validate():
        return render("public/register.html", _register_page(form, form.problems())), 422
    registration = form.read()
    if not form.homepage.data:
        count("register", address=registration.email)
        count("guest-mail", address=registration.email)
        with writing() as work:
            service.register(work, registration, service.open_kept(work, _kept_cookie()))
    response = make_response(render("public/check_mail.html", CheckMailPage(registration.email)))
    session.drop(response, gate.kernel().settings)
    return response


@blueprint.get("/registrieren/<string:token>")
@access(link="register")
def show_confirm(token: str) -> ResponseReturnValue:
    with reading() as work:
        pending = service.pending_behind(work, token)
    return render("public/confirm.html", _confirm_page(token, pending))


@blueprint.post("/registrieren/<string:token>")
@access(link="register")
def confirm(token: str) -> ResponseReturnValue:
    with reading() as work:
        pending = service.pending_behind(work, token)
    form = PasswordForm(posted())
    problems = form.problems() if not form.validate() else _about(form.read(), pending)
    if problems:
        return render("public/confirm.html", _confirm_page(token, pending, problems)), 422
    password_hash = accounts.hash_password(form.read())  # 35 ms, so outside both works
    new_id = gate.kernel().new_id
    with writing(Scope(new_id(), new_id(), frozenset({"owner"}))) as work:
        welcome = service.confirm(work, token, password_hash)
    response = make_response(redirect(_first_page(welcome), 303))
    session.give(response, gate.kernel().settings, welcome.session_token)
    return response


@blueprint.errorhandler(LinkExpired)
def show_expired(_error: LinkExpired) -> ResponseReturnValue:
    """Wrong, used or too old: one answer, and the ways on."""
    entry = REGISTRY[LinkExpired.code]
    return render("public/expired.html", ExpiredPage(_(entry.title))), entry.status


@blueprint.get("/impressum")
@access(public=True)
def imprint() -> ResponseReturnValue:
    return _legal("imprint")


@blueprint.get("/datenschutz")
@access(public=True)
def privacy() -> ResponseReturnValue:
    return _legal("privacy")


@blueprint.get("/barrierefreiheit")
@access(public=True)
def accessibility() -> ResponseReturnValue:
    return _legal("accessibility")


@blueprint.get("/.well-known/security.txt")
@access(public=True, no_cookie=True)
def security_txt() -> ResponseReturnValue:
    kernel = gate.kernel()
    text = service.security_txt(kernel.settings, kernel.clock())
    if text is None:
        raise NotFound
    return Response(text, content_type="text/plain; charset=utf-8")


def _legal(name: LegalText) -> str:
    return render("public/legal.html", service.legal_page(name, gate.kernel().settings.centre))


def _register_page(form: RegisterForm, problems: Mapping[str, str] | None = None) -> RegisterPage:
    with reading() as work:
        kept = service.open_kept(work, _kept_cookie())
    lists = organisations.choices()
    return RegisterPage(
        kinds=_pairs(lists.kinds),
        sizes=_pairs(lists.sizes),
        branches=_pairs(lists.branches),
        districts=_pairs(lists.districts),
        kept=len(kept),
        typed=form.shown(),
        problems=problems or {},
    )


def _pairs(choices: tuple[Choice, ...]) -> Pairs:
    return tuple((choice.id, say(choice.text)) for choice in choices)


def _confirm_page(
    token: str, pending: service.Pending, problems: Mapping[str, str] | None = None
) -> ConfirmPage:
    registration = pending.registration
    return ConfirmPage(
        token, registration.profile.name, registration.email, len(pending.values), problems or {}
    )


def _about(password: str, pending: service.Pending) -> Mapping[str, str]:
    registration = pending.registration
    problem = accounts.problem_with(
        password, firm=registration.profile.name, email=registration.email
    )
    return {"password": _(problem)} if problem else {}


def _first_page(welcome: service.Welcome) -> str:
    if welcome.assessment_id is None:
        return url_for("assessments.show_checks")
    return url_for("assessments.resume", assessment_id=welcome.assessment_id)


def _kept_cookie() -> str | None:
    return request.cookies.get(gate.kernel().settings.quick_cookie)
