"""House rules about views: a marker each, no writing GET, clean paths, the access table."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.accounts.service import identify, note_seen
from app.kernel.access import LADDER, marker_of
from app.kernel.access_table import TABLE, may
from app.kernel.errors import UnmarkedView
from app.main import create_app
from app.web import gate


@pytest.fixture
def application(sqlite_kernel) -> Flask:
    return create_app(sqlite_kernel)


def test_every_view_has_an_access_marker(application: Flask):
    without = [n for n, view in application.view_functions.items() if marker_of(view) is None]
    assert not without, f"add @access(…) to: {', '.join(without)}"


def test_the_application_refuses_to_start_with_an_unmarked_view(sqlite_kernel):
    flask = Flask("test", static_folder=None)
    flask.add_url_rule("/", "forgotten", lambda: "")
    with pytest.raises(UnmarkedView, match="forgotten"):
        gate.install(flask, sqlite_kernel, identify, note_seen)


def test_a_get_never_writes(application: Flask):
    with (
        application.test_request_context("/healthz"),
        pytest.raises(RuntimeError, match="must not write"),
        gate.writing(),
    ):
        pass


def test_markers_agree_with_the_access_table(application: Flask):
    for name, view in application.view_functions.items():
        marker = marker_of(view)
        assert marker is not None
        if marker.firm is None:
            continue
        assert marker.on is not None, f"{name}: name the object"
        assert marker.on in TABLE, f"{name}: name the object in access_table.py"
        assert marker.action is not None, f"{name}: name the act"
        for role in LADDER:
            allowed = LADDER.index(role) >= LADDER.index(marker.firm)
            assert may(role, marker.on, marker.action) is allowed, f"{name} for {role}"


def test_addresses_are_german_lower_case_and_typed(application: Flask):
    for rule in application.url_map.iter_rules():
        plain = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9./-]*", plain), rule.rule
        untyped = [p for p in re.findall(r"<([^>]+)>", rule.rule) if ":" not in p]
        assert not untyped, f"{rule.rule}: say the type of {untyped}"
