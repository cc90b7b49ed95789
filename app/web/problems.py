"""How an error is shown: status, sentence and way out come from the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from flask import Blueprint, Flask, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from app.kernel.access import access
from app.kernel.errors import (
    REGISTRY,
    Internal,
    LinkExpired,
    Malformed,
    NotFound,
    SignInNeeded,
    SlowDown,
    TooLarge,
    WrongMethod,
)
from app.kernel.i18n import _, mark
from app.kernel.intake import MAX_BODY_BYTES
from app.kernel.logs import note
from app.web.forms import posted
from app.web.gate import SAFE
from app.web.pages import asked_by_script, render

CAN_BE_SENT_AGAIN = frozenset({"sign-in-needed", "busy", "disk-full", "slow-down", "internal"})
"""The page keeps what was typed: nobody writes a note twice."""
CAN_BE_COPIED = frozenset({"closed"})
"""Nothing can be sent again, but somebody may have written for a while: the note is shown."""
SIGN_IN_AGAIN = mark("Bitte melden Sie sich neu an. Ihr Text bleibt stehen.")
"""For a post: somebody was signed in when the page came, and may have written for a while."""
ANY_FACT = {"n": "…", "id": "…", "what": "…"}
"""Fills the placeholders of a sentence that is shown without its case."""
RETRY_AFTER_S = {"busy": 5, "migrating": 60, "disk-full": 60}

blueprint = Blueprint("problems", __name__)


class Coded(Protocol):
    """Each room has a base of its own; what they share is the code."""

    code: ClassVar[str]

    @property
    def facts(self) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What the problem page shows.

    Attributes:
        again: address to which the kept fields can be sent once more; None where that is no use.
        kept: the fields that were posted.
        lost: the note that was posted and will not be saved; empty where there is none.
    """

    code: str
    title: str
    way_out: str
    request_id: str
    ways: tuple[tuple[str, str], ...]
    again: str | None = None
    kept: tuple[tuple[str, str], ...] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class ExpiredPage:
    title: str


def install(flask: Flask, bases: tuple[type[Exception], ...]) -> None:
    """Answer every error that has a code, and every bug with a number."""
    flask.register_blueprint(blueprint)
    for base in bases:
        flask.register_error_handler(base, _show)
    flask.register_error_handler(HTTPException, _show_http)
    flask.register_error_handler(Exception, _show_bug)


@blueprint.get("/fehler/<string:code>")
@access(public=True)
def explain(code: str) -> ResponseReturnValue:
    """Explain a code: where `type` of an API error leads."""
    entry = REGISTRY.get(code)
    if entry is None:
        raise NotFound
    page = ProblemPage(
        code, _(entry.title, **ANY_FACT), _(entry.way_out) if entry.way_out else "", "", _ways()
    )
    return render("web/problem.html", page)


def show_link_expired(template: str) -> ResponseReturnValue:
    """Answer a link that is wrong, used or too old: one answer, and the ways on of the feature."""
    entry = REGISTRY[LinkExpired.code]
    return render(template, ExpiredPage(_(entry.title))), entry.status


def _show(error: Coded) -> ResponseReturnValue:
    if isinstance(error, SignInNeeded) and request.method in SAFE and not asked_by_script():
        here = request.full_path.rstrip("?")
        return redirect(url_for("accounts.show_sign_in", next=here), 303)
    answer = _answer(error.code, error.facts)
    wait_s = error.retry_after_s if isinstance(error, SlowDown) else RETRY_AFTER_S.get(error.code)
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _show_http(error: HTTPException) -> ResponseReturnValue:
    match error.code:
        case 404:
            return _show(NotFound())
        case 405:
            answer = _answer(WrongMethod.code, {})
            allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
            answer.headers["Allow"] = ", ".join(sorted(allowed or ()))
            return answer
        case 413:
            return _show(TooLarge(f"{MAX_BODY_BYTES // 1024 // 1024} MiB"))
        case int(code) if code < 400:
            return error
        case _:
            return _show(Malformed())


def _show_bug(error: Exception) -> ResponseReturnValue:
    note("internal", error=error, request_id=g.get("request_id", ""))
    return _show(Internal(g.get("request_id", "")))


def _answer(code: str, facts: dict[str, object]) -> Response:
    entry = REGISTRY[code]
    title, way_out = _(entry.title, **facts), _(entry.way_out) if entry.way_out else ""
    if code == SignInNeeded.code and request.method not in SAFE:
        title = _(SIGN_IN_AGAIN)
    request_id = g.get("request_id", "")
    if request.path.startswith("/api/"):
        problem = jsonify(
            type=url_for("problems.explain", code=code, _external=True),
            title=title,
            status=entry.status,
            code=code,
            detail=way_out,
            request_id=request_id,
        )
        problem.status_code = entry.status
        problem.mimetype = "application/problem+json"
        return problem
    again, kept = _kept(code)
    page = ProblemPage(code, title, way_out, request_id, _ways(), again, kept, _lost(code))
    part = asked_by_script()
    text = render("web/problem_part.html" if part else "web/problem.html", page)
    return Response(text, entry.status, mimetype="text/html")


def _kept(code: str) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    fields = _typed() if code in CAN_BE_SENT_AGAIN else None
    if fields is None:
        return None, ()
    # A password is typed again, never sent back.
    kept = tuple(f for f in fields.items(multi=True) if "password" not in f[0])
    return request.full_path.rstrip("?"), kept


def _lost(code: str) -> str:
    fields = _typed() if code in CAN_BE_COPIED else None
    return fields.get("note", "") if fields else ""


def _typed() -> MultiDict[str, str] | None:
    """What was posted; None for a look, and for what is no form of ours."""
    if request.method in SAFE:
        return None
    try:
        return posted()
    except (Malformed, RequestEntityTooLarge):
        return None


def _ways() -> tuple[tuple[str, str], ...]:
    return ((_(mark("Zur Startseite")), url_for("public.start")),)
