"""Every route and every role: who gets in, who is led to sign in, who is told no."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.kernel.access import FirmRole
from app.kernel.access_table import may
from app.kernel.settings import Settings
from app.kernel.start import open_kernel
from app.kernel.work import Kernel
from app.main import create_app
from tests.conftest import BASE_URL, Clock
from tests.security.routes import ROLES, ROUTES, SAFE, Ground, Role, Route, lay

ROLE_IN_THE_FIRM: dict[Role, FirmRole] = {
    "viewer": "viewer",
    "member": "member",
    "owner": "owner",
    "stranger": "owner",
}
INTO_A_FIRM = [route for route in ROUTES if isinstance(route.who, tuple)]


@pytest.fixture(scope="module")
def laid(sqlite_template: Path, tmp_path_factory) -> Ground:
    """Made once and copied for each test: the acts of one must not meet those of another."""
    folder = tmp_path_factory.mktemp("ground") / "data"
    shutil.copytree(sqlite_template, folder)
    kernel = opened(folder)
    ground = lay(kernel, create_app(kernel))
    kernel.engine.dispose()
    return ground


@pytest.fixture
def ground(laid: Ground, tmp_path: Path) -> Iterator[Ground]:
    folder = tmp_path / "data"
    shutil.copytree(laid.kernel.settings.data, folder)
    kernel = opened(folder)
    yield replace(laid, kernel=kernel, flask=create_app(kernel))
    kernel.engine.dispose()


def opened(folder: Path) -> Kernel:
    kernel = open_kernel(Settings(data=folder, base_url=BASE_URL))
    return replace(kernel, clock=Clock())


def expected(route: Route, method: str, role: Role) -> str:
    """What the access table says, as `outcome` spells it."""
    if method == "OPTIONS":  # where two views share a path, it goes to the first
        route = next(other for other in ROUTES if other.path == route.path)
    if _refused(route, role):
        return "303 sign-in" if method in SAFE else "401 sign-in-needed"
    if isinstance(route.who, tuple) and not may(ROLE_IN_THE_FIRM[role], *route.who):
        return "403 forbidden"
    if method == "OPTIONS":
        return "200"  # Flask's own answer, behind the gate
    if role == "stranger" and route.of_one_firm:
        return "404 not-found"
    signed_in = role in ROLE_IN_THE_FIRM
    status = route.signed_in if signed_in and route.signed_in else route.answer
    return "404 not-found" if status == 404 else str(status)


def outcome(method: str, answer: TestResponse) -> str:
    if answer.status_code == 303 and answer.location.startswith("/anmelden?next="):
        return "303 sign-in"
    code = re.search(r"</span> \(([a-z-]+)\)", answer.text) if answer.status_code > 399 else None
    return f"{answer.status_code} {code[1]}" if code else str(answer.status_code)


def _refused(route: Route, role: Role) -> bool:
    return role not in ROLE_IN_THE_FIRM and route.who not in {"everyone", "link"}


def _without_body(said: str) -> str:
    """A HEAD has no page that names the code."""
    return said if said == "303 sign-in" else said.partition(" ")[0]


def test_no_route_is_missing_in_the_list(ground: Ground):
    real = {
        (rule.endpoint, method)
        for rule in ground.flask.url_map.iter_rules()
        for method in rule.methods or ()
    }
    listed = [(route.endpoint, method) for route in ROUTES for method in route.methods]
    assert set(listed) == real
    assert len(listed) == len(real)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.endpoint)
def test_every_role_gets_what_the_access_table_says(ground: Ground, route: Route):
    ground.dismiss()
    seen, wanted = {}, {}
    for method in sorted(route.methods):
        for role in ROLES:
            said = outcome(method, ground.send(route, method, role))
            due = expected(route, method, role)
            seen[method, role] = said
            wanted[method, role] = _without_body(due) if method == "HEAD" else due
    assert seen == wanted


@pytest.mark.parametrize("route", INTO_A_FIRM, ids=lambda route: route.endpoint)
def test_whoever_was_removed_is_out_at_the_next_request(ground: Ground, route: Route):
    method = route.methods[0]
    before = ground.send(route, method, "removed")
    assert outcome(method, before) == str(route.answer)
    ground.dismiss()
    after = ground.send(route, method, "removed")
    assert outcome(method, after) == ("303 sign-in" if method == "GET" else "401 sign-in-needed")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "GET"])
def test_a_method_that_a_path_does_not_have_does_nothing(ground: Ground, method: str):
    paths: dict[str, set[str]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, set()).update(route.methods)
    others = [route for route in ROUTES if method not in paths[route.path]]
    codes = {
        (route.path, role): ground.send(route, method, role).status_code
        for route in others
        for role in ("nobody", "owner")
    }
    assert others
    assert set(codes.values()) == {405}
