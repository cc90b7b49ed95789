"""Who steals the database or the log learns nothing about a firm or a person."""

from __future__ import annotations

import logging
import secrets
import shutil
import sys
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from app.assessments import service as assessments
from app.assessments.service import AnswerGiven
from app.assessments.tables import AnswerRow
from app.kernel.access import access
from app.kernel.logs import start_logging
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings
from app.kernel.start import KEY_BYTES
from app.kernel.vault import FORMAT, PADDING_BYTES
from app.kernel.work import mine
from app.kernel.worker import Worker
from app.main import metadata
from checklists import load_library
from checklists.model import Gate
from tests import make, postgres
from tests.app.browser import Browser
from tests.conftest import BASE_URL
from tests.security.dump import dump
from tests.security.killable import Service, service
from tests.security.planting import FIRM, WORDS, Visit, visit
from tests.security.searching import files_of, found_in, values_of

SEALED = {
    "answers.sealed",
    "canary.sealed",
    "jobs.payload",
    "pending_registrations.sealed",
    "persons.sealed",
    "reports.sealed",
    "snapshots.sealed",
}
HASHES = {
    "audit.hash",
    "data_keys.wrapped",
    "limits.key",
    "links.hash",
    "pending_registrations.email_key",
    "persons.email_key",
    "sessions.token_hash",
}
SECRET = "feinmechaniker1919"
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "base64": lambda text: b64encode(text.encode()),
    "base64-url": lambda text: urlsafe_b64encode(text.encode()),
}


@pytest.fixture
def root_key(tmp_path: Path) -> Path:
    """In production it lies outside the data folder."""
    path = tmp_path / "elsewhere" / "root.key"
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(KEY_BYTES))
    return path


def in_production(root_key: Path, database: str = "") -> dict[str, str]:
    given = {
        "LOTSE_ENV": "production",
        "LOTSE_ROOT_KEY_FILE": str(root_key),
        "LOTSE_DATABASE_URL": database,
    }
    return {name: value for name, value in given.items() if value}


def settings_of(made: Service, root_key: Path, database: str = "") -> Settings:
    return Settings(
        data=made.data, base_url=BASE_URL, root_key_file=str(root_key), database_url=database
    )


def test_planted_secrets_are_in_no_file_and_no_log(tmp_path: Path, root_key: Path):
    with service(tmp_path, BASE_URL, in_production(root_key)) as made:
        settings = settings_of(made, root_key)
        made.start()
        done = visit(made, settings)
        during = tmp_path / "during"
        shutil.copytree(made.data, during)  # with the write-ahead log as it lies there
    assert {path.name for path in during.iterdir()} >= {"lotse.db", "lotse.db-wal", "lotse.db-shm"}
    places = {
        **{f"during/{name}": content for name, content in files_of(during).items()},
        **files_of(made.data),
        **values_of(dump(settings.database)),
        "log": made.log.read_bytes(),
    }
    nothing_is_found(places, done, root_key)


@pytest.mark.postgres
def test_planted_secrets_are_in_no_row_of_postgresql(
    tmp_path: Path, root_key: Path, postgres_server: str
):
    database = postgres.fresh_database(postgres_server)
    with service(tmp_path, BASE_URL, in_production(root_key, database)) as made:
        settings = settings_of(made, root_key, database)
        made.start()
        done = visit(made, settings)
    rows = values_of(dump(database))
    places = {**rows, **files_of(made.data), "log": made.log.read_bytes()}
    nothing_is_found(places, done, root_key)


def nothing_is_found(places: dict[str, bytes], done: Visit, root_key: Path) -> None:
    """The name of the firm is found, and the log has the visit, so the search can find."""
    assert found_in(places, done.secrets() | {"root key": root_key.read_bytes()}) == {}
    assert "organisations[0].name: utf-8" in found_in(places, {"firm": FIRM.encode()})["firm"]
    assert b'"route": "/passwort/<string:token>"' in places["log"]
    assert places["log"].count(b'"event": "internal"') == 1
    assert len(WORDS) >= 20
    assert WORDS["note"] in done.report


def test_every_column_of_bytes_is_sealed_or_a_hash(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work)
        assessments.request_report(work, check, work.new_id(), "de")
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata().sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
    }
    assert columns == SEALED | HASHES, "say whether the new column is sealed or a hash"
    for place, value in values_of(dump(kernel.settings.database)).items():
        table, _number, column = place.replace("]", "[").split("[")
        if table + column in SEALED and value != b"None":
            assert value.startswith(FORMAT), place
            with pytest.raises(zlib.error):
                zlib.decompress(value[3:])


def test_all_answers_to_a_question_are_sealed_to_the_same_length(kernel, firm):
    catalog = load_library().catalog(make.CATALOG)
    lengths: dict[str, set[int]] = {}
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
        for question in catalog.questions:
            points = () if isinstance(question, Gate) else tuple(p.id for p in question.missing)
            given = [AnswerGiven(value.value) for value in question.values]
            given += [AnswerGiven("partly", missing=points[:1])] if points else []
            for revision, answer in enumerate(given):
                said = replace(answer, seen_revision=revision)
                assessments.save_answer(work, check, question.id, said)
                row = mine(work, AnswerRow).where(AnswerRow.question_id == question.id)
                sealed = work.session.scalars(row.with_only_columns(AnswerRow.sealed)).one()
                lengths.setdefault(question.id, set()).add(len(sealed))
    assert set(lengths) == {question.id for question in catalog.questions}
    assert {question: found for question, found in lengths.items() if len(found) > 1} == {}
    assert len(set.union(*lengths.values())) == 1
    assert min(lengths["g-wifi"]) > PADDING_BYTES


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What goes to standard error in production."""
    root, ours = logging.getLogger(), logging.getLogger("lotse")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    lines = StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", lines)
        start_logging(as_json=True)
    yield lines
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_what_a_bug_in_a_view_says_is_neither_shown_nor_logged(kernel, flask: Flask, log: StringIO):
    @access(public=True)
    def broken(word: str) -> str:
        raise ValueError(f"cannot do anything with {word}")

    flask.add_url_rule("/kaputt/<string:word>", view_func=broken)
    answer = Browser(flask, kernel).get(f"/kaputt/{SECRET}")
    said = log.getvalue()
    assert answer.status_code == 500
    assert '"error": "ValueError: test_planted_secrets.py' in said
    assert found_in({"log": said.encode()}, {"word": SECRET.encode()}) == {}
    assert SECRET not in answer.text.replace(f"/kaputt/{SECRET}", "")


def test_what_a_failed_job_says_is_neither_stored_nor_logged(kernel, log: StringIO):
    def broken(_kernel: object, job: object) -> None:
        raise ValueError(f"cannot do anything with {SECRET}: {job}")

    with kernel.write(NOBODY) as work:
        work.jobs.enqueue("broken", {"to": SECRET})
    assert Worker(kernel, {"broken": broken}, []).tick() == 1
    said = log.getvalue()
    rows = dump(kernel.settings.database)
    assert rows["jobs"][0]["last_reply"] == "ValueError"
    assert '"event": "job-failed"' in said
    places = {**values_of(rows), "log": said.encode()}
    assert found_in(places, {"word": SECRET.encode()}) == {}


def test_what_a_library_logs_is_dropped_but_for_its_name(log: StringIO):
    logging.getLogger("some.library").warning("sent %s", SECRET)
    said = log.getvalue()
    assert '"event": "some.library"' in said
    assert SECRET not in said


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_the_search_finds_a_word_in_every_spelling(encode: Callable[[str], bytes], before: str):
    leak = b"\0\xff" + encode(f"{before}{SECRET} und mehr") + b"\0\xff"
    assert set(found_in({"place": leak}, {"word": SECRET.encode()})) == {"word"}


def test_the_search_looks_into_what_is_packed():
    packed = b"head" + zlib.compress(f"{SECRET} und mehr".encode(), 9) + b"tail"
    assert found_in({"place": packed}, {"word": SECRET.encode()}) == {"word": ["place: utf-8"]}
