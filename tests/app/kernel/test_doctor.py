"""The doctor names what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import json
import socket
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner
from sqlalchemy import text, update

from app.kernel.ids import utc_now
from app.kernel.jobs import JobRow
from app.kernel.keep import doctor
from app.kernel.keep.doctor import examine
from app.kernel.scope import NOBODY, everything
from app.kernel.settings import Centre, Settings, Smtp
from app.main import lotse


@pytest.fixture
def settings(sqlite_kernel):
    """Of an instance to which nothing is wanting."""
    filled = Centre(**{item.name: "filled" for item in fields(Centre)})
    return replace(
        sqlite_kernel.settings, centre=filled, security_contact="mailto:hilfe@lotse.example"
    )


def found(settings):
    return {finding.id: finding for finding in examine(settings)}


def state(settings, name):
    return found(settings)[name].state


def not_fine(settings):
    return {finding.id: finding.state for finding in examine(settings) if finding.state != "fine"}


def test_a_sound_instance_has_only_its_key_in_the_wrong_place(settings):
    assert not_fine(settings) in (
        {"root-key-place": "note"},
        {"root-key-place": "note", "disk-free": "note"},  # a machine with a full disk
    )


def test_each_finding_that_is_not_fine_names_a_cure(settings):
    for one in (settings, replace(settings, data=settings.data / "nowhere", rate_limits=False)):
        for finding in examine(one):
            assert finding.says
            assert (finding.state == "fine") == (finding.cure == ""), finding


def test_looking_changes_nothing(settings):
    def files():
        return {path: path.stat().st_size for path in settings.data.rglob("*") if path.is_file()}

    examine(settings)
    before = files()
    examine(settings)
    assert files() == before
    nowhere = replace(settings, data=settings.data / "nowhere")
    examine(nowhere)
    assert not nowhere.data.exists()


def test_an_empty_place_is_wrong_and_says_how_to_begin(tmp_path):
    settings = Settings(data=tmp_path / "nowhere")
    wrong = {name for name, finding in found(settings).items() if finding.state == "wrong"}
    assert wrong == {"root-key", "data-folder", "database"}
    assert "lotse init" in found(settings)["database"].cure


def test_production_without_a_proxy_is_noted(settings):
    assert "trusted-proxies" not in found(settings)
    there = replace(settings, environment="production")
    assert found(there)["trusted-proxies"].state == "note"
    assert "LOTSE_TRUSTED_PROXIES" in found(there)["trusted-proxies"].cure
    assert "trusted-proxies" not in found(replace(there, trusted_proxies=1))


def test_placeholders_are_listed_by_their_settings(settings):
    centre = replace(settings.centre, email="<kontakt@example.org>")
    finding = found(replace(settings, centre=centre))["placeholders"]
    assert "LOTSE_CENTRE_EMAIL" in finding.cure
    assert "LOTSE_CENTRE_NAME" not in finding.cure


def test_a_key_that_others_can_read_is_wrong(settings):
    settings.root_key_path.chmod(0o640)
    assert state(settings, "root-key") == "wrong"
    assert found(settings)["root-key"].cure == f"chmod 600 {settings.root_key_path}"


def test_a_key_of_another_database_is_wrong(settings):
    settings.root_key_path.write_bytes(bytes(32))
    assert state(settings, "root-key-fits") == "wrong"


def test_a_missing_key_is_wrong(settings):
    settings.root_key_path.unlink()
    assert (state(settings, "root-key"), state(settings, "root-key-fits")) == ("wrong", "wrong")


def test_an_old_schema_is_wrong(settings, sqlite_kernel):
    with sqlite_kernel.write(everything("test")) as work:
        work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    finding = found(settings)["schema"]
    assert (finding.state, finding.cure) == ("wrong", "lotse init")
    assert "0000" in finding.says


@pytest.mark.parametrize(
    "damage", [b"this is no database" * 100, b"SQLite format 3\x00" + bytes(4096)]
)
def test_a_broken_database_is_wrong(damage, settings, sqlite_kernel):
    sqlite_kernel.engine.dispose()
    for path in settings.data.glob("lotse.db*"):
        path.unlink()
    (settings.data / "lotse.db").write_bytes(damage)
    assert "wrong" in {state for name, state in not_fine(settings).items()}


def test_a_database_that_does_not_answer_is_wrong(settings):
    away = "postgresql+psycopg://lotse@127.0.0.1:1/lotse"
    assert state(replace(settings, database_url=away), "database") == "wrong"


@pytest.mark.postgres
@pytest.mark.parametrize("kernel", ["postgresql"], indirect=True)
def test_postgresql_is_examined_alike(kernel):
    finding = found(kernel.settings)["database"]
    assert (finding.state, finding.says[:21]) == ("fine", "Datenbank: PostgreSQL")


def test_sqlite_is_named_even_where_its_place_is_set(settings):
    there = replace(settings, database_url=f"sqlite:///{settings.data / 'lotse.db'}")
    assert found(there)["database"].says[:17] == "Datenbank: SQLite"


def test_a_network_disk_is_wrong_for_sqlite(settings, monkeypatch):
    monkeypatch.setattr(doctor, "_file_system", lambda _folder: "nfs4")
    assert state(settings, "network-disk") == "wrong"


def test_the_file_system_is_that_of_the_longest_mount():
    assert doctor._file_system(Path("/proc/self")) == "proc"
    assert doctor._file_system(Path("/")) not in {"", "proc"}


def test_little_room_is_noted(settings, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    assert state(settings, "disk-free") == "note"


def test_mails_that_wait_too_long_are_noted(settings, sqlite_kernel):
    kernel = sqlite_kernel.at(utc_now())
    with kernel.write(NOBODY) as work:
        work.jobs.enqueue("mail", {})
    assert state(settings, "mail-queue") == "fine"
    with kernel.write(NOBODY) as work:
        work.session.execute(update(JobRow).values(due_at=work.now - timedelta(hours=2)))
    finding = found(settings)["mail-queue"]
    assert finding.state == "note"
    assert "lotse worker" in finding.cure


def test_work_of_any_kind_that_waits_too_long_is_noted(settings, sqlite_kernel):
    kernel = sqlite_kernel.at(utc_now())
    with kernel.write(NOBODY) as work:
        work.jobs.enqueue("report", {})
    assert state(settings, "job-queue") == "fine"
    with kernel.write(NOBODY) as work:
        work.session.execute(update(JobRow).values(due_at=work.now - timedelta(minutes=11)))
    finding = found(settings)["job-queue"]
    assert (finding.state, finding.says[-3:]) == ("note", ": 1")
    assert "lotse worker" in finding.cure
    assert state(settings, "mail-queue") == "fine"
    with kernel.write(NOBODY) as work:
        work.session.execute(update(JobRow).values(state="done"))
    assert state(settings, "job-queue") == "fine"


def test_jobs_that_were_given_up_are_counted(settings, sqlite_kernel):
    assert "jobs-failed" not in found(settings)
    with sqlite_kernel.write(NOBODY) as work:
        work.jobs.enqueue("report", {})
        work.session.execute(update(JobRow).values(state="failed"))
    assert found(settings)["jobs-failed"].says.endswith(": 1")


def test_a_mail_server_is_asked(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked = replace(settings, smtp=Smtp("127.0.0.1", port))
    assert state(asked, "mail") == "wrong"
    server = Controller(Sink(), hostname="127.0.0.1", port=port)
    server.start()
    assert state(asked, "mail") == "fine"
    server.stop()


def test_production_without_a_mail_server_is_wrong(settings):
    assert state(settings, "mail") == "fine"
    assert state(replace(settings, environment="production"), "mail") == "wrong"


@pytest.fixture
def run(settings, monkeypatch):
    monkeypatch.setenv("LOTSE_DATA", str(settings.data))

    def run(*arguments):
        return CliRunner().invoke(lotse, ["doctor", *arguments])

    return run


def test_the_command_ends_with_1_where_something_is_wrong(run, settings):
    assert run().exit_code == 0
    settings.root_key_path.chmod(0o644)
    answer = run()
    assert answer.exit_code == 1
    assert "✗ " in answer.output
    assert "    chmod 600" in answer.output


def test_the_command_speaks_json(run):
    answer = json.loads(run("--json").output)
    assert (answer["schema"], answer["ok"]) == (1, True)
    assert {"id", "state", "says", "cure"} == answer["findings"][0].keys()
