"""`lotse serve`: what it says about an address, and what its server may log."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner
from gunicorn.config import Config

from app.kernel.logs import start_logging
from app.main import lotse
from app.web.serving import OurLog, WorkerChild


@pytest.fixture
def logging_as_before():
    root, ours = logging.getLogger(), logging.getLogger("lotse")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    raises = logging.raiseExceptions
    yield
    logging.raiseExceptions = raises
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture
def serve(tmp_path, monkeypatch):
    monkeypatch.setenv("LOTSE_DATA", str(tmp_path / "data"))

    def serve(*arguments):
        return CliRunner().invoke(lotse, ["serve", *arguments])

    return serve


@pytest.mark.parametrize(("family", "host"), [("AF_INET", "127.0.0.1"), ("AF_INET6", "::1")])
def test_a_taken_port_is_said_in_a_line(family, host, serve):
    with socket.create_server((host, 0), family=getattr(socket, family)) as taken:
        port = taken.getsockname()[1]
        answer = serve("--host", host, "--port", str(port))
    assert answer.exit_code == 5
    assert answer.stderr.startswith("port-taken: ")


def test_an_address_that_is_not_ours_is_not_called_taken(serve, monkeypatch):
    monkeypatch.setenv("LOTSE_ENV", "production")
    monkeypatch.setenv("LOTSE_BASE_URL", "https://lotse.example")
    monkeypatch.setenv("LOTSE_ROOT_KEY_FILE", "/etc/lotse/root.key")
    answer = serve("--host", "192.0.2.1")
    assert answer.exit_code == 5
    assert answer.stderr.startswith("start-refused: ")


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "65536"], ["--workers", "0"]])
def test_numbers_that_cannot_be_are_refused(arguments, serve):
    assert serve(*arguments).exit_code == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  (refused)
def test_development_listens_to_this_machine_only(host, serve, tmp_path):
    assert serve("--host", host).exit_code == 2
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("logging_as_before")
def test_the_server_logs_nothing_that_came_in(capsys):
    start_logging(as_json=True)
    OurLog(Config()).warning("Invalid request from ip=%s: %s", "192.0.2.7", "/passwort/geheim")
    (line,) = capsys.readouterr().err.splitlines()
    assert '"event": "gunicorn.error"' in line
    assert "192.0.2.7" not in line
    assert "geheim" not in line


def test_a_worker_that_is_just_being_started_is_stopped_too(monkeypatch):
    starting, processes = threading.Event(), []
    start = subprocess.Popen

    def start_slowly(*_arguments, **_options):
        starting.set()
        time.sleep(0.3)
        processes.append(start([sys.executable, "-c", "import time; time.sleep(30)"]))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start_slowly)
    child = WorkerChild("http://127.0.0.1:8000")
    child.start()
    starting.wait()
    child.stop()
    time.sleep(0.5)  # would a second one follow?
    (process,) = processes
    ended = process.poll() is not None
    process.kill()
    assert ended
