"""Before each request: host, origin, session, access marker. Then the work of the view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from app.kernel import limits
from app.kernel.access import Access, marker_of
from app.kernel.errors import (
    Busy,
    DiskFull,
    Forbidden,
    Malformed,
    SignInNeeded,
    UnmarkedView,
    WrongOrigin,
)
from app.kernel.scope import GUEST, Identify, NoteSeen, Scope, Visitor
from app.kernel.settings import LOOPBACK
from app.kernel.work import Kernel, Work

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC = "/static/"
NOTE_SEEN_EVERY = timedelta(minutes=5)


def install(
    flask: Flask,
    kernel: Kernel,
    identify: Identify[Work],
    note_seen: NoteSeen[Work],
    on_visitor: Callable[[], None] = lambda: None,
) -> None:
    """Put the gate before every view. Call it when all blueprints are in.

    Args:
        flask: with all blueprints.
        kernel: of the process.
        identify: who sits behind a cookie.
        note_seen: note that a session was used.
        on_visitor: called once it is known who visits, before anything is refused.

    Raises:
        UnmarkedView: a view has no access marker.
    """
    unmarked = [name for name, view in flask.view_functions.items() if marker_of(view) is None]
    if unmarked:
        raise UnmarkedView(", ".join(sorted(unmarked)))
    flask.extensions["lotse"] = kernel

    def look() -> None:
        g.visitor = _visitor(kernel, identify, note_seen)
        on_visitor()

    @flask.before_request
    def guard() -> ResponseReturnValue | None:
        g.visitor = GUEST
        elsewhere = _right_host(kernel)
        if elsewhere is not None:
            return elsewhere
        marker = _marker()
        if marker is None:
            # Flask answers: no such path, or not with this method. Its page has our frame, and
            # comes even where no connection is left.
            if not request.path.startswith(STATIC):
                with suppress(Busy):
                    look()
            return None
        _check_origin(kernel.settings.base_url)
        if not marker.no_cookie:
            look()
        if not marker.allows(g.visitor.scope):
            raise SignInNeeded if g.visitor.scope.actor is None else Forbidden
        return None


def visitor() -> Visitor:
    """Who sits behind this request; a guest where the gate has not looked."""
    found: Visitor = g.get("visitor", GUEST)
    return found


@contextmanager
def reading() -> Iterator[Work]:
    """The work of a view that looks."""
    with kernel().read(visitor().scope) as work:
        yield work


@contextmanager
def writing(scope: Scope | None = None) -> Iterator[Work]:
    """The one work of an act. Mail scanners follow links, so a link never acts.

    Args:
        scope: for acts that only now find out for whom they are (sign-in, a mailed link).
    """
    if request.method in SAFE:
        raise RuntimeError(f"{request.method} {request.path} must not write")
    with kernel().write(scope or visitor().scope) as work:
        yield work


def count(act: str, *, address: str = "") -> None:
    """Raise the counters of an act for this client, before the act.

    Raises:
        SlowDown: a limit is reached.
    """
    limits.count(kernel(), act, address=address, ip=request.remote_addr or "")


def kernel() -> Kernel:
    """The kernel of this process."""
    found: Kernel = current_app.extensions["lotse"]
    return found


def _marker() -> Access | None:
    if request.endpoint is None:
        return None
    return marker_of(current_app.view_functions[request.endpoint])


def _right_host(kernel: Kernel) -> ResponseReturnValue | None:
    """Answer to one name only; in development the other names of loopback lead there."""
    if request.host == kernel.settings.host:
        return None
    there, here = urlsplit(f"//{kernel.settings.host}"), urlsplit(f"//{request.host}")
    names = {name.strip("[]") for name in LOOPBACK}
    if there.hostname in names and here.hostname in names and request.method in SAFE:
        return redirect(f"{kernel.settings.base_url}{request.full_path.rstrip('?')}", 302)
    raise Malformed("host")


def _check_origin(base_url: str) -> None:
    """Each act comes from a page of ours.

    `Sec-Fetch-Site` tells where browsers send it (https, loopback), else `Origin`.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    ours = request.headers.get("Origin") == base_url if site is None else site == "same-origin"
    if not ours:
        raise WrongOrigin


def _visitor(kernel: Kernel, identify: Identify[Work], note_seen: NoteSeen[Work]) -> Visitor:
    token = request.cookies.get(kernel.settings.cookie)
    if token is None:
        return GUEST
    with kernel.read(GUEST.scope) as work:
        found = identify(work, token)
        now = work.now
    seen_at = found.session_seen_at
    if seen_at is not None and now - seen_at >= NOTE_SEEN_EVERY:
        # Reading goes on where nothing can be written; the next request notes it.
        with suppress(Busy, DiskFull), kernel.side_write(found.scope) as work:
            note_seen(work, token)
    return found
