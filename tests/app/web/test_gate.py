"""Before each request: our host, our page, a marker, the right role."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from flask import request
from sqlalchemy import delete, event, func, select
from sqlalchemy.exc import OperationalError

from app.accounts.tables import MembershipRow, SessionRow
from app.kernel.access import access
from app.kernel.audit import AuditRow
from app.kernel.errors import UnmarkedView
from app.kernel.jobs import JobRow
from app.kernel.scope import GUEST, NOBODY
from app.main import create_app
from app.web import gate
from tests.app.browser import Browser, text_of
from tests.app.web.routes import address, unsafe_routes

BASE = "https://lotse.example"
OTHER = "https://evil.example"
SITES = (None, "same-origin", "same-site", "cross-site", "none")
ORIGINS = (None, BASE, OTHER, "null")


def ours(site, origin):
    return site == "same-origin" if site else origin == BASE


def headers_of(site, origin):
    named = {"Sec-Fetch-Site": site, "Origin": origin}
    return {name: value for name, value in named.items() if value is not None}


def facts(kernel):
    """What an act leaves behind."""
    with kernel.read(NOBODY) as work:
        return [
            work.session.scalar(select(func.count()).select_from(table))
            for table in (AuditRow, JobRow, SessionRow, MembershipRow)
        ]


def test_there_are_acts_to_try(flask):
    assert len(unsafe_routes(flask)) > 8


def is_refused(browser, method, path, site, origin):
    answer = browser.client.open(
        path, method=method, base_url=BASE, headers=headers_of(site, origin)
    )
    return answer.status_code == 403 and "wrong-origin" in text_of(answer)


WAYS = list(product(SITES, ORIGINS))


@pytest.mark.parametrize("role", ["guest", "owner"])
def test_no_act_comes_from_elsewhere(role, flask, kernel, firm):
    token = None if role == "guest" else firm.cookie(firm.owner)
    browser, before = Browser(flask, kernel, token), facts(kernel)
    for method, rule in unsafe_routes(flask):
        path = address(flask, rule)
        for site, origin in WAYS:
            if not ours(site, origin):
                assert is_refused(browser, method, path, site, origin), (path, site, origin)
    assert facts(kernel) == before


@pytest.mark.parametrize("role", ["guest", "owner"])
def test_every_act_is_taken_from_our_own_pages(role, flask, kernel, firm):
    token = None if role == "guest" else firm.cookie(firm.owner)
    for method, rule in unsafe_routes(flask):
        path = address(flask, rule)
        for site, origin in WAYS:
            if ours(site, origin):
                browser = Browser(flask, kernel, token)
                assert not is_refused(browser, method, path, site, origin), (path, site, origin)


@pytest.mark.parametrize(
    "origin",
    [f"{BASE}:8443", "http://lotse.example", f"{BASE}/", f"{BASE}.evil.example", BASE.upper(), ""],
)
def test_what_is_only_like_our_origin_is_not_ours(origin, flask, kernel):
    browser = Browser(flask, kernel)
    assert is_refused(browser, "POST", "/kurzcheck", None, origin)
    assert is_refused(browser, "POST", "/kurzcheck", "same-site", origin)


def test_a_view_that_only_looks_asks_for_no_origin(flask, kernel):
    for site, origin in product(SITES, ORIGINS):
        answer = flask.test_client().get("/", base_url=BASE, headers=headers_of(site, origin))
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "lotse.example.evil.example", "lotse.example:8443", "127.0.0.1", "x y"]
)
def test_only_our_own_name_is_answered(host, flask):
    answer = flask.test_client().get("/", base_url=BASE, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in text_of(answer)


def at(kernel, base_url):
    return replace(kernel, settings=kernel.settings.at(base_url))


@pytest.mark.parametrize("name", ["localhost:8000", "[::1]:8000", "127.0.0.1:8000", "127.0.0.1"])
def test_other_names_of_this_machine_lead_to_the_right_one(name, kernel):
    client = create_app(at(kernel, "http://127.0.0.1:8000")).test_client()
    answer = client.get("/kurzcheck?lang=en", base_url=f"http://{name}")
    if name == "127.0.0.1:8000":
        assert answer.status_code == 200
    else:
        assert answer.status_code == 302
        assert answer.location == "http://127.0.0.1:8000/kurzcheck?lang=en"


def test_an_act_under_another_name_is_not_led_elsewhere(kernel):
    client = create_app(at(kernel, "http://127.0.0.1:8000")).test_client()
    answer = client.post("/kurzcheck", base_url="http://localhost:8000")
    assert answer.status_code == 400


def test_forwarded_headers_count_only_where_a_proxy_is_trusted(kernel):
    seen = []

    def app_with(proxies):
        flask = create_app(
            replace(kernel, settings=replace(kernel.settings, trusted_proxies=proxies))
        )

        @flask.before_request
        def look():

            seen.append(request.remote_addr)

        return flask

    headers = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "x",
    }
    for proxies in (0, 1):
        answer = app_with(proxies).test_client().get("/", base_url=BASE, headers=headers)
        assert answer.status_code == 200
    assert seen == ["127.0.0.1", "203.0.113.7"]


def test_a_view_without_a_marker_stops_the_start(flask, kernel):
    bare = create_app(kernel)
    bare.view_functions["forgotten"] = lambda: "everybody sees this"
    with pytest.raises(UnmarkedView) as refused:
        gate.install(bare, kernel, lambda _work, _token: GUEST, lambda _work, _token: None)
    assert refused.value.what == "forgotten"


@pytest.mark.parametrize("markers", [{}, {"public": True, "signed_in": True}, {"firm": None}])
def test_a_marker_says_one_thing(markers):
    with pytest.raises(TypeError, match="exactly one"):
        access(**markers)


@pytest.fixture
def doors(flask):
    """A view per marker; each answers with the role that the gate found."""
    markers = {
        "public": access(public=True),
        "signed-in": access(signed_in=True),
        "viewer": access(firm="viewer"),
        "member": access(firm="member"),
        "owner": access(firm="owner"),
        "no-cookie": access(public=True, no_cookie=True),
    }

    def door(_name):
        def view():
            return ",".join(gate.visitor().scope.roles) or "nobody"

        return view

    for name, marker in markers.items():
        flask.add_url_rule(f"/doors/{name}", name, marker(door(name)), methods=["GET", "POST"])
    return flask


OPEN_TO = {
    "public": {"guest", "viewer", "member", "owner"},
    "no-cookie": {"guest", "viewer", "member", "owner"},
    "signed-in": {"viewer", "member", "owner"},
    "viewer": {"viewer", "member", "owner"},
    "member": {"member", "owner"},
    "owner": {"owner"},
}


@pytest.mark.parametrize("role", ["guest", "viewer", "member", "owner"])
def test_each_role_passes_its_doors(role, doors, kernel, firm):
    token = None if role == "guest" else firm.cookie(getattr(firm, role))
    browser = Browser(doors, kernel, token)
    for name, welcome in OPEN_TO.items():
        answer = browser.post(f"/doors/{name}")
        if role in welcome:
            seen = "nobody" if role == "guest" or name == "no-cookie" else role
            assert (answer.status_code, text_of(answer)) == (200, seen)
        else:
            assert answer.status_code == (401 if role == "guest" else 403)


def test_a_removed_member_is_out_at_once(doors, kernel, firm):
    max_ = Browser(doors, kernel, firm.cookie(firm.member))
    assert max_.get("/doors/member").status_code == 200
    with kernel.write(NOBODY) as work:
        one = MembershipRow.person_id == firm.member.actor
        work.session.execute(delete(MembershipRow).where(one))
    assert max_.get("/doors/member").status_code != 200


def test_a_made_up_session_is_nobody(doors, kernel):
    for token in ("x", "x" * 43, "ü" * 10, "'; DROP TABLE sessions; --"):
        assert Browser(doors, kernel, token).post("/doors/signed-in").status_code == 401


def test_the_cookie_of_development_does_not_count_over_https(doors, kernel, firm):
    client = doors.test_client()
    client.set_cookie("lotse", firm.cookie(firm.owner), domain="lotse.example", secure=True)
    answer = client.get("/doors/public", base_url=BASE)
    assert text_of(answer) == "nobody"


def test_use_is_noted_every_few_minutes_only(doors, kernel, firm, clock):
    olga, times = Browser(doors, kernel, firm.cookie(firm.owner)), []
    for wait in (timedelta(minutes=4), timedelta(minutes=2), timedelta(minutes=1)):
        clock.now += wait
        olga.get("/doors/owner")
        with kernel.read(NOBODY) as work:
            mine = SessionRow.person_id == firm.owner.actor
            times.append(work.session.scalars(select(SessionRow.seen_at).where(mine)).one())
    assert times == [clock.now - timedelta(minutes=7), *[clock.now - timedelta(minutes=1)] * 2]


def test_reading_goes_on_where_use_cannot_be_noted(doors, kernel, firm, clock):
    def full(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE sessions"):
            cause = sqlite3.OperationalError("database or disk is full")
            raise OperationalError(statement, {}, cause)

    event.listen(kernel.engine, "before_cursor_execute", full)
    clock.now += timedelta(minutes=6)
    olga = Browser(doors, kernel, firm.cookie(firm.owner))
    assert olga.get("/doors/owner").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_cannot_write(method, flask, kernel):
    with (
        flask.test_request_context("/", method=method),
        pytest.raises(RuntimeError, match="must not write"),
        gate.writing(),
    ):
        pass


def test_an_act_of_nobody_may_say_for_whom_it_is(flask, kernel, firm):
    with flask.test_request_context("/", method="POST"), gate.writing(firm.owner) as work:
        assert work.scope == firm.owner


def test_whoever_is_signed_in_stays_so_on_a_page_that_is_not_there(flask, kernel, firm):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    for answer in (olga.get("/nowhere"), olga.client.delete("/checks", base_url=BASE)):
        assert answer.status_code in {404, 405}
        assert "Abmelden" in text_of(answer)
        assert "Anmelden" not in text_of(answer)
    assert "Anmelden" in text_of(Browser(flask, kernel).get("/nowhere"))
    assert "Abmelden" not in text_of(olga.get("/static/"))


def test_what_is_not_there_is_not_found_even_without_a_connection(flask, kernel, firm, monkeypatch):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    monkeypatch.setattr(kernel.engine.pool, "_timeout", 0.05)
    taken = [kernel.engine.connect() for _ in range(20)]
    answer = olga.get("/nowhere")
    for connection in taken:
        connection.close()
    assert answer.status_code == 404
