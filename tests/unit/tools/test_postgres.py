from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.postgres import fresh_database, postgres_server, template_database

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]
HOLD = (
    "from tests.postgres import postgres_server\n"
    "with postgres_server() as url:\n"
    "    print(url, flush=True)\n"
    "    input()\n"
)


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def folder_of(url: str) -> Path:
    return Path(str(make_url(url).query["host"]))


def another_user(run_id: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env={**os.environ, "PYTEST_XDIST_TESTRUNUID": run_id},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def ask(url: str, question: str) -> str:
    with psycopg.connect(plain(url)) as server:
        row = server.execute(question.encode()).fetchone()
    assert row
    return str(row[0])


def gone_soon(folder: Path) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        left = [folder, folder.with_suffix(".lock"), folder.with_suffix(".log")]
        if not any(path.exists() for path in left):
            return True
        time.sleep(0.05)
    return False


def test_it_has_no_network_port_and_is_gone_after_its_last_user(monkeypatch):
    run_id = f"test-{os.getpid()}-shared"
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run_id)
    first, first_url = another_user(run_id)
    with first, postgres_server() as url:
        assert url == first_url
        assert ask(url, "SHOW listen_addresses") == ""
        first.communicate("\n", timeout=30)
        assert ask(url, "SELECT 1") == "1"  # one left, one still there
    assert gone_soon(folder_of(url))


def test_a_user_that_is_killed_leaves_no_server_and_no_file():
    process, url = another_user(f"test-{os.getpid()}-killed")
    with process:
        pid = int((folder_of(url) / "data/postmaster.pid").read_text().splitlines()[0])
        process.send_signal(signal.SIGKILL)
    assert gone_soon(folder_of(url))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_a_killed_keeper_left_is_cleared_by_the_next_one():
    process, url = another_user(f"test-{os.getpid()}-orphan")
    with process:
        server = int((folder_of(url) / "data/postmaster.pid").read_text().splitlines()[0])
        keeper = int(Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()[1])
        os.kill(keeper, signal.SIGKILL)
        process.kill()
    assert folder_of(url).exists()
    other, other_url = another_user(f"test-{os.getpid()}-next")
    with other:
        assert not folder_of(url).exists()
        other.communicate("\n", timeout=30)
    assert gone_soon(folder_of(other_url))


def test_a_template_is_filled_once_and_copied(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", f"test-{os.getpid()}-template")
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(plain(url)) as server:
            server.execute("CREATE TABLE kept AS SELECT 7 AS n")

    with postgres_server() as base:
        for _worker in range(2):
            assert template_database(base, "migrated", fill) == "migrated"
        one, two = fresh_database(base, "migrated"), fresh_database(base, "migrated")
        assert one != two
        with psycopg.connect(plain(one)) as server:
            server.execute("UPDATE kept SET n = 8")
        assert (ask(one, "SELECT n FROM kept"), ask(two, "SELECT n FROM kept")) == ("8", "7")
    assert len(filled) == 1


def test_a_template_whose_filling_failed_is_made_anew(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", f"test-{os.getpid()}-broken")

    def broken(url: str) -> None:
        raise LookupError(url)

    with postgres_server() as base:
        with pytest.raises(LookupError):
            template_database(base, "migrated", broken)
        template_database(base, "migrated", lambda _url: None)
        assert ask(fresh_database(base, "migrated"), "SELECT 1") == "1"
