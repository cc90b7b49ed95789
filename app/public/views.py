"""Start, quick check, registration, legal pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import service as accounts
from app.kernel.access import access
from app.kernel.errors import LinkExpired, NotFound
from app.kernel.i18n import say
from app.kernel.scope import Scope
from app.organisations import service as organisations
from app.organisations.service import Choice
from app.public import service
from app.public.forms import RegisterForm, read_quick_check
from app.public.service import LegalText, QuickQuestion, QuickResult
from app.web import gate, session
from app.web.forms import NewPasswordForm, posted
from app.web.gate import count, reading, writing
from app.web.headers import KEPT_FOR_BACK
from app.web.pages import can_be_repeated, render
from app.web.problems import show_link_expired

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
    """The same for every address, known or not.

    Attributes:
        typed: the fields of the form, to be shown in it again.
    """

    email: str
    typed: Pairs


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    token: str
    firm: str
    email: str
    kept: int
    problems: Mapping[str, str] = field(default_factory=dict)


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
            return _quick_page("public/quick_question.html", page, 422 if page.problem else 200)
        case QuickResult():
            count("quick-check")  # the only page of the ten that counts
            return _quick_page("public/quick_result.html", page)
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
    fields = posted()
    form = RegisterForm(fields)
    if "again" in fields:  # no mail came: the form once more, as it was filled in
        can_be_repeated()
        return render("public/register.html", _register_page(form))
    if not form.validate():
        can_be_repeated()
        return render("public/register.html", _register_page(form, form.problems())), 422
    registration = form.read()
    if not form.homepage.data:
        count("register", address=registration.email)
        count("guest-mail", address=registration.email)
        with writing() as work:
            service.register(work, registration, service.open_kept(work, _kept_cookie()))
    page = CheckMailPage(registration.email, form.typed())
    response = make_response(render("public/check_mail.html", page))
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
    firm, email = pending.registration.profile.name, pending.registration.email
    form = NewPasswordForm(posted())
    if form.validate():
        wrong = accounts.problems_with(form.read(), firm=firm, email=email)
    else:
        wrong = form.problems()
    if wrong:
        return render("public/confirm.html", _confirm_page(token, pending, wrong)), 422
    password_hash = accounts.hash_password(form.read())  # 35 ms, so outside both works
    new_id = gate.kernel().new_id
    with writing(Scope(new_id(), new_id(), frozenset({"owner"}))) as work:
        welcome = service.confirm(work, token, password_hash)
    response = make_response(redirect(_first_page(welcome), 303))
    session.give(response, gate.kernel().settings, welcome.session_token)
    return response


@blueprint.errorhandler(LinkExpired)
def show_expired(_error: LinkExpired) -> ResponseReturnValue:
    return show_link_expired("public/expired.html")


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


def _quick_page(template: str, page: QuickQuestion | QuickResult, status: int = 200) -> Response:
    """The answers travel in the form: back and the other language must not lose them."""
    can_be_repeated()
    response = make_response(render(template, page), status)
    if gate.visitor().scope.actor is None:  # else the head names somebody
        response.headers["Cache-Control"] = KEPT_FOR_BACK
    return response


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


def _first_page(welcome: service.Welcome) -> str:
    if welcome.assessment_id is None:
        return url_for("assessments.show_checks")
    return url_for("assessments.resume", assessment_id=welcome.assessment_id)


def _kept_cookie() -> str | None:
    return request.cookies.get(gate.kernel().settings.quick_cookie)
