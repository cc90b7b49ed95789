"""Signing in and out, a new password, the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import service
from app.accounts.forms import Credentials, ForgotForm, LanguageForm, SignInForm
from app.kernel import limits
from app.kernel.access import access
from app.kernel.errors import REGISTRY, Invalid, LinkExpired, SignInFailed
from app.kernel.i18n import _, spoken
from app.kernel.intake import is_local
from app.web import gate, session
from app.web.forms import NewPasswordForm, posted
from app.web.gate import count, reading, writing
from app.web.pages import render
from app.web.problems import show_link_expired

blueprint = Blueprint("accounts", __name__)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the sign-in page shows; a password is never shown again."""

    email: str = ""
    next: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForgotPage:
    email: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentPage:
    """The same for every address, known or not."""

    email: str


@dataclass(frozen=True, slots=True)
class ResetPage:
    token: str
    email: str
    problems: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/anmelden")
@access(public=True)
def show_sign_in() -> ResponseReturnValue:
    if gate.visitor().scope.actor is not None:
        return redirect(_local(request.args.get("next", "")), 303)
    return render("accounts/sign_in.html", SignInPage(next=request.args.get("next", "")))


@blueprint.post("/anmelden")
@access(public=True)
def sign_in() -> ResponseReturnValue:
    form = SignInForm(posted())
    if not form.validate():
        return render("accounts/sign_in.html", _again(form, form.problems())), 422
    given: Credentials = form.read()
    count("sign-in", address=given.email)
    with reading() as work:
        known = service.look_up(work, given.email)
    proven = service.check(known, given.password)  # 35 ms, so outside both works
    with writing(proven.scope) as work:
        token = service.sign_in(work, proven, instead_of=_token())
    ip = request.remote_addr or ""
    limits.forgive(gate.kernel(), "sign-in", address=given.email, ip=ip)
    return _signed_in(token, _local(given.next))


@blueprint.errorhandler(SignInFailed)
def show_failed(_error: SignInFailed) -> ResponseReturnValue:
    """The form stays, with what was typed and one sentence."""
    entry = REGISTRY[SignInFailed.code]
    page = _again(SignInForm(posted()), {"email": _(entry.title)})
    return render("accounts/sign_in.html", page), entry.status


@blueprint.post("/abmelden")
@access(public=True)
def sign_out() -> ResponseReturnValue:
    """Public, for a session that has just ended must not stand in the way."""
    token = _token()
    if token is not None:
        with writing() as work:
            service.end_session(work, token)
    response = make_response(redirect(url_for("public.start"), 303))
    session.take(response, gate.kernel().settings)
    return response


@blueprint.post("/konto/sprache")
@access(signed_in=True)
def choose_language() -> ResponseReturnValue:
    form = LanguageForm(posted())
    if not form.validate():
        raise Invalid
    with writing() as work:
        service.choose_language(work, form.read())
    return redirect(_where_from(), 303)


@blueprint.get("/passwort-vergessen")
@access(public=True)
def show_forgot() -> ResponseReturnValue:
    return render("accounts/forgot.html", ForgotPage())


@blueprint.post("/passwort-vergessen")
@access(public=True)
def forgot() -> ResponseReturnValue:
    form = ForgotForm(posted())
    if not form.validate():
        page = ForgotPage(form.email.data, form.problems())
        return render("accounts/forgot.html", page), 422
    email = form.read()
    count("guest-mail", address=email)
    with writing() as work:
        service.request_reset(work, email, language=spoken())
    return render("accounts/sent.html", SentPage(email))


@blueprint.get("/passwort/<string:token>")
@access(link="reset")
def show_reset(token: str) -> ResponseReturnValue:
    with reading() as work:
        behind = service.reset_behind(work, token)
    return render("accounts/reset.html", ResetPage(token, behind.email))


@blueprint.post("/passwort/<string:token>")
@access(link="reset")
def reset(token: str) -> ResponseReturnValue:
    with reading() as work:
        behind = service.reset_behind(work, token)
    form = NewPasswordForm(posted())
    if form.validate():
        wrong = service.problems_with(form.read(), firm=behind.firm, email=behind.email)
    else:
        wrong = form.problems()
    if wrong:
        page = ResetPage(token, behind.email, wrong)
        return render("accounts/reset.html", page), 422
    password_hash = service.hash_password(form.read())
    with writing(behind.scope) as work:
        session_token = service.reset(work, token, password_hash)
    limits.forgive(gate.kernel(), "sign-in", address=behind.email)
    return _signed_in(session_token, url_for("assessments.show_checks"))


@blueprint.errorhandler(LinkExpired)
def show_expired(_error: LinkExpired) -> ResponseReturnValue:
    return show_link_expired("accounts/expired.html")


def _again(form: SignInForm, problems: Mapping[str, str]) -> SignInPage:
    return SignInPage(form.email.data or "", form.next.data or "", problems)


def _signed_in(token: str, target: str) -> ResponseReturnValue:
    response = make_response(redirect(target, 303))
    session.give(response, gate.kernel().settings, token)
    return response


def _token() -> str | None:
    return request.cookies.get(gate.kernel().settings.cookie)


def _local(target: str) -> str:
    """Where somebody wanted to go; never to another site."""
    return target if is_local(target) else url_for("assessments.show_checks")


def _where_from() -> str:
    """The page on which the language was chosen; our pages send it to us."""
    base_url = gate.kernel().settings.base_url
    parts = urlsplit(request.referrer or "")
    local = f"{parts.path}?{parts.query}" if parts.query else parts.path
    ours = f"{parts.scheme}://{parts.netloc}" == base_url and is_local(local)
    return local if ours and _can_be_looked_at(parts.path) else url_for("public.start")


def _can_be_looked_at(path: str) -> bool:
    """Some pages are the answer to a post and have no address of their own."""
    return current_app.url_map.bind("").test(path, "GET")
