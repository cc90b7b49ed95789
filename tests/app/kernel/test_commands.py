"""The operator's commands: what they say, and how they end."""

from __future__ import annotations

import logging

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.kernel import mail
from app.kernel.errors import REGISTRY
from app.kernel.jobs import JobRow
from app.kernel.scope import NOBODY
from app.kernel.worker import JOBS_PER_TICK
from app.main import lotse
from tests import make


@pytest.fixture(autouse=True)
def logging_as_before():
    """A command sets the log up for its whole process."""
    root, ours = logging.getLogger(), logging.getLogger("lotse")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    raises = logging.raiseExceptions
    yield
    logging.raiseExceptions = raises
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture
def run(sqlite_kernel, monkeypatch):
    monkeypatch.setenv("LOTSE_DATA", str(sqlite_kernel.settings.data))

    def run(*arguments):
        return CliRunner().invoke(lotse, arguments)

    return run


def test_init_says_where_everything_is(tmp_path, monkeypatch):
    monkeypatch.setenv("LOTSE_DATA", str(tmp_path / "new"))
    for _ in range(2):
        answer = CliRunner().invoke(lotse, ["init"])
        assert answer.exit_code == 0
        assert answer.stdout == f"Bereit: {tmp_path / 'new'}\n"
        assert answer.stderr == f"Schlüssel: {tmp_path / 'new/secrets/root.key'}\n"


@pytest.fixture
def settings(sqlite_kernel):
    return sqlite_kernel.settings


def test_a_worker_does_what_is_due_and_ends(run, sqlite_kernel):
    firm = make.firm(sqlite_kernel)
    with sqlite_kernel.write(firm.owner) as work:
        mail.post(work, mail.VOID, "olga@firma.example", language="de")
    answer = run("worker", "--once", "--now", "2027-03-01T12:00:00Z")
    assert answer.exit_code == 0, answer.output
    assert "Erledigt: 1" in answer.stdout
    with sqlite_kernel.read(NOBODY) as work:
        assert work.session.scalars(select(JobRow.state)).all() == ["dropped"]


def test_a_worker_that_runs_once_leaves_nothing_that_is_due(run, sqlite_kernel):
    with sqlite_kernel.write(NOBODY) as work:
        for _ in range(JOBS_PER_TICK + 1):
            mail.post(work, mail.VOID, "olga@firma.example", language="de")
    answer = run("worker", "--once", "--now", "2027-03-01T12:00:00Z")
    assert f"Erledigt: {JOBS_PER_TICK + 1}" in answer.stdout


def test_a_worker_can_be_told_the_time(run, sqlite_kernel):
    with sqlite_kernel.write(NOBODY) as work:
        mail.post(work, mail.VOID, "olga@firma.example", language="de")
    assert "Erledigt: 0" in run("worker", "--once", "--now", "2027-03-01T12:59:00+01:00").stdout
    assert "Erledigt: 1" in run("worker", "--once", "--now", "2027-03-01T13:00:00+01:00").stdout


@pytest.mark.parametrize("now", ["yesterday", "2027-03-01T12:00:00", "12:00Z"])
def test_a_time_that_cannot_be_is_refused(now, run):
    answer = run("worker", "--once", "--now", now)
    assert answer.exit_code == REGISTRY["bad-setting"].exit_code
    assert answer.stderr.startswith("bad-setting: ")


@pytest.fixture
def in_production(tmp_path, monkeypatch):
    """The root key of an instance that does not exist yet."""
    key = tmp_path / "keys" / "root.key"
    for name, value in {
        "LOTSE_DATA": str(tmp_path / "new"),
        "LOTSE_ENV": "production",
        "LOTSE_BASE_URL": "https://lotse.example",
        "LOTSE_ROOT_KEY_FILE": str(key),
    }.items():
        monkeypatch.setenv(name, value)
    return key


def test_production_makes_its_first_key_with_a_command_that_others_name(in_production):
    for command in (["init"], ["serve", "--port", "8123"]):
        answer = CliRunner().invoke(lotse, command)
        assert answer.exit_code == 5
        assert answer.stderr.startswith("root-key-missing: ")
        assert "`lotse init --new-key`" in answer.stderr
    assert "`lotse init --new-key`" in CliRunner().invoke(lotse, ["doctor"]).stdout
    assert not in_production.exists()
    assert CliRunner().invoke(lotse, ["init", "--new-key"]).exit_code == 0
    made = in_production.read_bytes()
    again = CliRunner().invoke(lotse, ["init", "--new-key"])
    assert (again.exit_code, again.stderr[:17]) == (5, "new-key-refused: ")
    assert in_production.read_bytes() == made
    assert CliRunner().invoke(lotse, ["init"]).exit_code == 0


ANSWER = '{"answers": {"org-lead-owner": {"value": "not_applicable"}}}'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["checklists", "show", "kmu\n-check"], "no catalog kmu\\n-check"),
        (["score", "kmu-check", "--answers", "-"], "org-lead-owner: not_applicable is not offered"),
    ],
)
def test_what_is_wrong_with_content_is_said_in_one_line(arguments, said):
    answer = CliRunner().invoke(lotse, arguments, input=ANSWER)
    (line,) = answer.stderr.splitlines()
    assert answer.exit_code != 0
    assert line.endswith(f"({said})")


def test_production_keeps_to_the_real_time(run, settings, tmp_path, monkeypatch):
    key = tmp_path / "root.key"
    key.write_bytes(settings.root_key_path.read_bytes())
    for name, value in {
        "LOTSE_ENV": "production",
        "LOTSE_BASE_URL": "https://lotse.example",
        "LOTSE_ROOT_KEY_FILE": str(key),
    }.items():
        monkeypatch.setenv(name, value)
    answer = run("worker", "--once", "--now", "2027-03-01T12:00:00Z")
    assert answer.exit_code == REGISTRY["bad-setting"].exit_code
    assert "--now" in answer.stderr


def test_a_worker_without_an_instance_says_so_and_makes_none(run, tmp_path, monkeypatch):
    monkeypatch.setenv("LOTSE_DATA", str(tmp_path / "nowhere"))
    answer = run("worker", "--once")
    assert answer.exit_code == 1
    assert answer.stderr.startswith("migrating: ")
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_key_ends_a_command_with_its_code(run, settings):
    settings.root_key_path.unlink()
    for command in (["init"], ["worker", "--once"]):
        answer = run(*command)
        assert answer.exit_code == 5
        assert answer.stderr.startswith("root-key-missing: ")
        assert str(settings.root_key_path) in answer.stderr


def test_a_misspelled_setting_ends_every_command(run, monkeypatch):
    monkeypatch.setenv("LOTSE_BASEURL", "https://lotse.example")
    for command in (["init"], ["worker", "--once"], ["doctor"]):
        answer = run(*command)
        assert answer.exit_code == 2
        assert "LOTSE_BASE_URL" in answer.stderr


@pytest.mark.parametrize("command", ["init", "worker", "doctor", "serve"])
def test_each_command_shows_an_example(command, run):
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert f"for example: lotse {command}" in " ".join(answer.stdout.split())
