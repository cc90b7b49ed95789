"""Another firm's id is answered as one that does not exist: same status, same words."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.assessments import service
from tests import make
from tests.security.dump import dump, without
from tests.security.routes import ROUTES, Ground, Route, draw_report, lay

BY_ID = [route for route in ROUTES if route.of_one_firm]
ID_IN_FORM = [route for route in ROUTES if "{new_id}" in (route.form or {}).values()]
REQUEST_ID = re.compile(r'(<span class="code">)[0-9a-f]{12}')
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
QUESTION, AREA = "bak-restore-test", "bak"


@pytest.fixture
def ground(kernel, flask: Flask) -> Ground:
    return lay(kernel, flask)


@pytest.fixture
def foreign(kernel, ground: Ground) -> dict[str, str]:
    """Check and report of a firm that none of our people belongs to."""
    owner = make.firm(kernel, "Fremde GmbH").owner
    with kernel.write(owner) as work:
        check = make.full_assessment(work)
        report = service.request_report(work, check, work.new_id(), "de")
    draw_report(kernel)
    return {"check": str(check), "report": str(report)}


def shown(answer: TestResponse) -> tuple[int, object, str]:
    """Status, headers and page, without what differs between any two requests."""
    headers = [
        (name, UUIDS.sub("an id", value))
        for name, value in answer.headers
        if name not in {"Date", "Content-Length"}
    ]
    page = REQUEST_ID.sub(r"\1a number", answer.text)
    return answer.status_code, headers, UUIDS.sub("an id", page)


def test_every_address_with_an_id_is_tried(flask: Flask):
    real = {rule.endpoint for rule in flask.url_map.iter_rules() if "<uuid:" in rule.rule}
    assert {route.endpoint for route in BY_ID} == real


def test_a_foreign_id_is_not_found_and_looks_like_an_unknown_one(
    kernel, ground: Ground, foreign: dict[str, str]
):
    unknown = {"check": str(uuid4()), "report": str(uuid4())}
    ours = {name: ground.places[name] for name in unknown}
    before = without(dump(kernel.settings.database), "limits")
    for route in BY_ID:
        for method in set(route.methods) - {"OPTIONS"}:
            for given, instead in _pairs(route, ours, foreign, unknown):
                answer = ground.send(route, method, "owner", given)
                assert answer.status_code == 404, (route.endpoint, method, given)
                assert shown(answer) == shown(ground.send(route, method, "owner", instead))
    assert without(dump(kernel.settings.database), "limits") == before


def _pairs(
    route: Route, ours: dict[str, str], foreign: dict[str, str], unknown: dict[str, str]
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """What is asked with foreign ids, and the same with unknown ones in their stead."""
    if "{report}" not in route.path:
        return [(foreign, unknown)]
    return [
        (foreign, unknown),
        (ours | {"report": foreign["report"]}, ours | {"report": unknown["report"]}),
        (foreign | {"report": ours["report"]}, unknown | {"report": ours["report"]}),
    ]


@pytest.mark.parametrize("route", ID_IN_FORM, ids=lambda route: route.endpoint)
def test_a_foreign_id_in_a_form_is_as_good_as_a_new_one(
    kernel, ground: Ground, foreign: dict[str, str], route: Route
):
    """Whoever guesses an id learns nothing by making something under it, and changes nothing."""
    of_them = _rows_of_others(kernel, ground.firm.id)
    for foreign_id in foreign.values():
        answer = ground.send(route, "POST", "owner", {"new_id": foreign_id})
        new = ground.send(route, "POST", "owner")
        assert answer.status_code == 303
        assert shown(answer) == shown(new)
    assert _rows_of_others(kernel, ground.firm.id) == of_them


def _rows_of_others(kernel, firm_id: UUID) -> list[str]:
    """All rows that carry another firm; jobs and audit grow by our own acts."""
    ours = {firm_id, firm_id.hex, str(firm_id)}
    return sorted(
        f"{table} {row}"
        for table, rows in dump(kernel.settings.database).items()
        for row in rows
        if row.get("organisation_id") and row["organisation_id"] not in ours
    )
