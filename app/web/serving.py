"""`lotse serve`: gunicorn in this process, one worker beside it."""

from __future__ import annotations

import errno
import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app.kernel.db import THREADS
from app.kernel.errors import PortTaken, StartRefused
from app.kernel.i18n import _
from app.kernel.logs import note, start_logging
from app.kernel.parts import Parts
from app.kernel.settings import LOOPBACK, read_settings
from app.kernel.start import init

WEB_PROCESSES = 2
TIMEOUT_S = 60
GRACE_S = 30
RESTART_AFTER_S = 2


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=WEB_PROCESSES,
    show_default=True,
    help="Web processes.",
)
@click.option("--no-worker", is_flag=True, help="No worker beside it; one runs elsewhere.")
@click.pass_obj
def serve(parts: Parts, *, host: str, port: int, workers: int, no_worker: bool) -> None:
    """Start the service; an empty data folder is filled first, for example: lotse serve."""
    settings = read_settings()
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    if not settings.production and host not in LOOPBACK:
        raise click.UsageError(_("In der Entwicklung hört der Dienst nur auf 127.0.0.1."))
    _refuse_taken(host, port)
    if not settings.production and not _environment().get("LOTSE_BASE_URL", "").strip():
        settings = settings.at(f"http://{host}:{port}")
    start_logging(as_json=settings.production, quiet=not settings.production)
    kernel = init(settings, parts.metadata())
    child = None if no_worker else WorkerChild(settings.base_url)

    def ready() -> None:
        if child is not None:
            child.start()
        click.echo(_("Lotse läuft: %(url)s", url=settings.base_url))
        click.echo(_("Daten: %(folder)s", folder=settings.data))
        click.echo(_("Strg-C beendet."))

    def end() -> None:
        if child is not None:
            child.stop()

    application = parts.create_app(kernel)
    # Nothing open may cross the fork: SQLite would take the locks of this process for its own.
    kernel.engine.dispose()
    Server(application, f"{host}:{port}", workers, ready, end).run()


def _environment() -> dict[str, str]:
    return dict(os.environ)  # noqa: TID251  (handed on to the worker child as it is)


def _refuse_taken(host: str, port: int) -> None:
    """Ask before gunicorn does: it would try five times and print a trace."""
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"{host}:{port}") from error
            raise StartRefused(f"{host}:{port} ({error.strerror})") from error


class WorkerChild:
    """The worker process beside the web: started again when it ends, stopped with the web."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the job in hand finish, then end."""
        with self._starting:  # a process being started is either known now or never begun
            self._stop.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _keep(self) -> None:
        environment = {**_environment(), "LOTSE_BASE_URL": self._base_url}
        while True:
            with self._starting:
                if self._stop.is_set():
                    return
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "app.main", "worker"], env=environment
                )
            self._process.wait()
            if not self._stop.wait(RESTART_AFTER_S):
                note("worker-restarted")


class OurLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's lines carry addresses and pieces of requests: they pass our formatter too."""

    def setup(self, cfg: object) -> None:  # noqa: ARG002  (gunicorn's signature)
        """Called by gunicorn once, instead of giving it handlers of its own."""
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel("WARNING")


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn without its command line: loads the application once, then forks."""

    def __init__(
        self,
        application: Any,
        bind: str,
        workers: int,
        ready: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        self._application = application
        self._bind, self._workers = bind, workers
        self._ready, self._end = ready, end
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": TIMEOUT_S,
            "graceful_timeout": GRACE_S,
            "preload_app": True,
            "control_socket_disable": True,  # else a socket in the home of an account without one
            "accesslog": None,
            "logger_class": OurLog,
            # What the start has made stays: the collector need not walk through it at each turn.
            "post_fork": lambda _server, _worker: gc.freeze(),
            "when_ready": lambda _server: self._ready(),
            "on_exit": lambda _server: self._end(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._application
