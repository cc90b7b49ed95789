"""How a page is made: one template, one value, one language, one frame around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment

from app.kernel import i18n
from app.kernel.access import access
from app.kernel.errors import Busy
from app.kernel.i18n import _
from app.kernel.logs import note
from app.kernel.work import Work
from app.render import templates
from app.web import gate
from app.web.assets import asset
from app.web.feature import MenuItem
from app.web.forms import posted

blueprint = Blueprint("web", __name__)
OTHER = {"de": ("English", "en"), "en": ("Deutsch", "de")}

Names = Callable[[Work], tuple[str | None, str | None]]
"""Work → name of the firm, name of the person; `main` hands it in."""


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    url: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page.

    Attributes:
        sent_again: fields that the switch of languages posts once more to `other_language`; None
            where that is a link.
    """

    centre_name: str
    state: str
    menu: tuple[Entry, ...]
    foot: tuple[Entry, ...]
    firm: str | None
    person: str | None
    sign_in_url: str
    sign_out_url: str
    other_language: Entry
    sent_again: tuple[tuple[str, str], ...] | None
    language_url: str | None
    mailbox_url: str | None


class Addresses:
    """Addresses for templates: `url_for` without its hooks, at a fifth of its cost.

    A page has dozens of them; those without values are built once per language.
    """

    def __init__(self, flask: Flask) -> None:
        self._map = flask.url_map.bind("")
        self._plain: dict[tuple[str, str | None], str] = {}

    def __call__(self, endpoint: str, **values: object) -> str:
        asked = asked_language()
        if values:
            return self._build(endpoint, values, asked)
        if (endpoint, asked) not in self._plain:
            self._plain[endpoint, asked] = self._build(endpoint, {}, asked)
        return self._plain[endpoint, asked]

    def _build(self, endpoint: str, values: Mapping[str, object], asked: str | None) -> str:
        carried = {"lang": asked} if asked else {}
        return self._map.build(endpoint, {**carried, **values})


class LotseFlask(Flask):
    """Flask with the one Jinja environment of pages, mails and documents."""

    def create_jinja_environment(self) -> Environment:  # type: ignore[override]  # ours is plain
        made = templates.environment().overlay(auto_reload=False)
        made.globals = {
            **made.globals,
            "url_for": Addresses(self),
            "asset": asset,
            "shell": shell,
            "spoken": i18n.spoken,
        }
        return made


@blueprint.get("/healthz")
@access(public=True, no_cookie=True)
def healthz() -> ResponseReturnValue:
    """The process answers; nothing more is said."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


def render(template: str, page: object) -> str:
    """Give a template the one value it may use."""
    return current_app.jinja_env.get_template(template).render(page=page)


def asked_by_script() -> bool:
    """`lotse.js` wants the part that has changed and not the whole page."""
    return "X-Lotse-Fragment" in request.headers


def can_be_repeated() -> None:
    """Say, before rendering, that the post being answered only shows something.

    The switch of languages then sends the same fields again. Without this it leads to the start
    page, and what was typed is gone. Not for forms with a password: it would be shown again.
    """
    g.can_be_repeated = True


def shell() -> Shell:
    """The frame for the visitor of this request, built once."""
    if "shell" not in g:
        g.shell = _shell()
    made: Shell = g.shell
    return made


def asked_language() -> str | None:
    """The language that this address asks for; None where it asks for none."""
    if "asked_language" not in g:
        asked = request.args.get("lang", "")
        g.asked_language = asked if asked in i18n.LANGUAGES else None
    found: str | None = g.asked_language
    return found


def _shell() -> Shell:
    kernel, visitor = gate.kernel(), gate.visitor()
    firm, person = None, None
    if visitor.scope.actor is not None:
        # The page of an error must come even where no connection is left.
        with suppress(Busy), kernel.read(visitor.scope) as work:
            names: Names = current_app.extensions["lotse-names"]
            firm, person = names(work)
    signed_in = visitor.scope.actor is not None
    features: dict[str, tuple[MenuItem, ...]] = current_app.extensions["lotse-menu"]
    label, language = OTHER[i18n.spoken()]
    return Shell(
        centre_name=kernel.settings.centre.name,
        state=kernel.settings.centre.state,
        menu=_entries(features["menu"], signed_in=signed_in),
        foot=_entries(features["foot"], signed_in=signed_in),
        firm=firm,
        person=person,
        sign_in_url=url_for("accounts.show_sign_in"),
        sign_out_url=url_for("accounts.sign_out"),
        other_language=Entry(label, _here_in(language)),
        sent_again=tuple(posted().items(multi=True)) if "can_be_repeated" in g else None,
        language_url=url_for("accounts.choose_language") if signed_in else None,
        mailbox_url=url_for("public.mailbox") if "public.mailbox" in _endpoints() else None,
    )


def install(flask: Flask, items: dict[str, tuple[MenuItem, ...]], names: Names) -> None:
    """Teach Flask our frame and languages."""
    flask.extensions["lotse-menu"] = items
    flask.extensions["lotse-names"] = names
    flask.register_blueprint(blueprint)
    flask.before_request(_begin)
    flask.after_request(_finish)
    flask.teardown_request(_fall_silent)
    flask.url_defaults(_carry_language)


def speak_to_visitor() -> None:
    """Use the visitor's language from here on; called again once the gate knows the person."""
    wanted = gate.visitor().language or asked_language()
    language = wanted or request.accept_languages.best_match(i18n.LANGUAGES, default="de")
    g.setdefault("speaking", ExitStack()).enter_context(i18n.speak(language or "de"))


def _begin() -> None:
    g.began_at = time.perf_counter()
    g.request_id = gate.kernel().new_id().hex[:12]
    speak_to_visitor()


def _finish(response: Response) -> Response:
    response.vary.add("Accept-Language")
    if request.endpoint not in {"assets.static_file", "web.healthz"}:
        note(
            "request",
            route=request.url_rule.rule if request.url_rule else "-",
            method=request.method,
            status=response.status_code,
            ms=round((time.perf_counter() - g.began_at) * 1000),
            request_id=g.request_id,
            actor_id=gate.visitor().scope.actor or "-",
        )
    return response


def _fall_silent(_error: BaseException | None) -> None:
    g.pop("speaking", ExitStack()).close()


def _carry_language(endpoint: str, values: dict[str, Any]) -> None:
    """A guest's choice travels in the address; a person's is stored."""
    asked = asked_language()
    if asked and endpoint != "assets.static_file":
        values.setdefault("lang", asked)


def _here_in(language: str) -> str:
    shown_again = request.method in gate.SAFE or "can_be_repeated" in g
    if request.endpoint is None or not shown_again:
        return url_for("public.start", lang=language)
    # Not by url_for: `?endpoint=` or `?_scheme=` in the address would be taken for its arguments.
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{quote(request.path)}?{urlencode([*others, ('lang', language)])}"


def _entries(items: tuple[MenuItem, ...], *, signed_in: bool) -> tuple[Entry, ...]:
    shown = [item for item in items if item.seen_by in {"all", "firm" if signed_in else "guest"}]
    return tuple(
        Entry(
            _(item.label),
            url_for(item.endpoint),
            _is_here(item),
        )
        for item in sorted(shown, key=lambda item: item.order)
    )


def _is_here(item: MenuItem) -> bool:
    """A page that a post answered stands where its form stood."""
    if item.covers_feature:
        return item.endpoint.partition(".")[0] == (request.endpoint or "").partition(".")[0]
    return url_for(item.endpoint).partition("?")[0] == request.path


def _endpoints() -> set[str]:
    return set(current_app.view_functions)
