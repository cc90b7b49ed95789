"""The log carries what was named, and nothing that anybody typed."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

import pytest

from app.kernel.logs import FIELDS, OnlyNamedFields, note, start_logging, what_broke

SECRET = "olga@firma.example"


@pytest.fixture
def lines():
    """All that reaches the log as JSON while the test runs."""
    written = []

    class Keeper(logging.Handler):
        def emit(self, record):
            written.append(json.loads(self.format(record)))

    keeper, ours, root = Keeper(), logging.getLogger("lotse"), logging.getLogger()
    keeper.setFormatter(OnlyNamedFields(as_json=True))
    before = ours.level
    ours.setLevel(logging.INFO)
    root.addHandler(keeper)
    yield written
    root.removeHandler(keeper)
    ours.setLevel(before)


def broken(text=SECRET):
    raise ValueError(text)


def test_only_named_fields_get_in(lines):
    note("request", route="/checks/<id>", status=200, address=SECRET, note=SECRET)
    (line,) = lines
    assert line.keys() == {"time", "level", "event", "route", "status"}
    assert (line["event"], line["level"]) == ("request", "info")
    assert SECRET not in json.dumps(line)


def test_each_named_field_gets_in(lines):
    fields: dict[str, Any] = dict.fromkeys(FIELDS, "x")
    note("request", **fields)
    assert lines[0].keys() == {"time", "level", "event", *FIELDS}


def test_an_exception_is_its_type_and_place_without_its_text(lines):
    try:
        try:
            broken()
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as error:
        note("internal", error=error, request_id="7")
    (line,) = lines
    assert line["level"] == "error"
    assert line["error"].startswith("RuntimeError: test_logs.py:")
    assert SECRET not in json.dumps(line)


def test_what_broke_names_the_innermost_place_first():
    with pytest.raises(ValueError) as caught:
        broken()
    first, second = what_broke(caught.value).removeprefix("ValueError: ").split(" < ")
    assert first.endswith(" broken")
    assert second.endswith(" test_what_broke_names_the_innermost_place_first")


def test_messages_of_libraries_are_dropped_but_for_their_name(lines):
    logging.getLogger("sqlalchemy.pool").warning("connection of %s", SECRET)
    try:
        broken()
    except ValueError:
        logging.getLogger("apscheduler").exception("job of %s failed", SECRET)
    assert [line["event"] for line in lines] == ["sqlalchemy.pool", "apscheduler"]
    assert lines[1]["error"].startswith("ValueError: ")
    assert SECRET not in json.dumps(lines)


@pytest.fixture
def logging_as_before():
    root, ours = logging.getLogger(), logging.getLogger("lotse")
    before = root.handlers[:], root.level, ours.level, logging.raiseExceptions
    yield
    root.handlers[:], *_, logging.raiseExceptions = before
    root.setLevel(before[1])
    ours.setLevel(before[2])


@pytest.mark.parametrize("as_json", [True, False])
def test_a_service_logs_to_standard_error(as_json, capfd, monkeypatch, logging_as_before):
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    start_logging(as_json=as_json)
    note("worker-started", job_id=7)
    logging.getLogger("library").info("never")
    said = capfd.readouterr().err.strip()
    if as_json:
        assert json.loads(said)["job_id"] == 7
    else:
        assert said.endswith(" info worker-started 7")


def test_in_development_only_trouble_is_shown(capfd, monkeypatch, logging_as_before):
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    start_logging(as_json=False, quiet=True)
    note("request", status=200)
    note("internal", error=ValueError(SECRET))
    assert capfd.readouterr().err.strip().endswith(" error internal ValueError:")


def test_a_long_job_does_not_make_the_clock_talk(capfd, monkeypatch, logging_as_before):
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    start_logging(as_json=True)
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of instances")
    assert capfd.readouterr().err == ""


def test_a_line_that_cannot_be_written_is_shown_nowhere(capfd, monkeypatch, logging_as_before):
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    start_logging(as_json=True)
    with open(os.devnull) as only_to_read:  # noqa: PTH123  (a stream that takes nothing)
        logging.getLogger().handlers[0].setStream(only_to_read)  # type: ignore[attr-defined]
        logging.getLogger("library").warning("connection of %s", SECRET)
    assert capfd.readouterr().err == ""
