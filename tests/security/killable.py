"""A real `lotse serve` that can be killed whole and started again on the same folder."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from tests.browser.live import KEEPER, ROOT

START_S = 60
STOP_S = 60
LOOK_EVERY_S = 0.02
URLENCODED = "application/x-www-form-urlencoded"
PORTS = range(20_000, 32_000)
"""Below those that outgoing connections get: a client that knocks at a closed port among them
may be connected to itself, and then holds the port."""


@dataclass
class Service:
    """Web processes and worker are one process group behind a keeper.

    The keeper ends them when this test ends, however that ends.
    """

    folder: Path
    environment: Mapping[str, str]
    base_url: str
    port: int
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    def start(self) -> None:
        """Start and wait until it answers; the log goes on where it was.

        Raises:
            RuntimeError: it did not answer; the message is its log.
        """
        with self.log.open("ab") as lines:
            self._keeper = subprocess.Popen(
                [sys.executable, str(KEEPER), "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=lines,
                stderr=lines,
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline or self._keeper.poll() is not None:
                raise RuntimeError(f"no answer at port {self.port}:\n{self.log.read_text()}")
            time.sleep(LOOK_EVERY_S)

    def kill(self) -> int:
        """Send SIGKILL to the whole group, wait until all are gone, return how many they were."""
        assert self._keeper is not None
        group = next(pid for pid, parent, _group in processes() if parent == self._keeper.pid)
        members = [pid for pid, _parent, of in processes() if of == group]
        os.killpg(group, signal.SIGKILL)
        while any(of == group for _pid, _parent, of in processes()):
            time.sleep(LOOK_EVERY_S)
        self.stop()
        return len(members)

    def stop(self) -> None:
        """End it as an operator does."""
        if self._keeper is not None:
            self._keeper.communicate(timeout=STOP_S)  # closes the pipe
            self._keeper = None

    def run(self, *command: str) -> str:
        """Run another command on the same folder and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "app.main", *command],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if "LOTSE_" not in name}
        own = {"LOTSE_DATA": str(self.data), "LOTSE_BASE_URL": self.base_url}
        return {**clean, **own, **self.environment}

    def _answers(self) -> bool:
        try:
            return Client(self).get("/healthz").status == 200
        except (OSError, HTTPException):
            return False


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """A browser reduced to what the service sees of it."""

    service: Service
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 30

    @property
    def _address(self) -> tuple[str, int]:
        return "127.0.0.1", self.service.port

    def get(self, path: str, **headers: str) -> Reply:
        return self._send("GET", path, None, headers)

    def post(self, path: str, /, **fields: str) -> Reply:
        return self.post_raw(path, urlencode(fields).encode(), URLENCODED)

    def post_raw(self, path: str, body: bytes, content_type: str) -> Reply:
        return self._send("POST", path, body, {"Content-Type": content_type})

    def _send(self, method: str, path: str, body: bytes | None, more: dict[str, str]) -> Reply:
        own = {
            "Host": self.service.base_url.partition("://")[2],
            "Origin": self.service.base_url,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        # A connection each: one that rests for two seconds is closed by the service.
        with closing(HTTPConnection(*self._address, timeout=self.timeout_s)) as door:
            door.request(method, path, body, {**own, **self.headers, **more})
            answer = door.getresponse()
            reply = Reply(answer.status, answer.getheader("Location", ""), answer.read())
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                cookie, _equals, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        return reply


@contextmanager
def service(
    folder: Path, base_url: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Yield a service that is not started yet; in the end nothing of it is left running."""
    port = free_port()
    made = Service(folder, environment or {}, base_url or f"http://127.0.0.1:{port}", port)
    try:
        yield made
    finally:
        made.stop()


def free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def processes() -> Iterator[tuple[int, int, int]]:
    """All that live here: id, parent, group. Who has ended and waits for its parent is gone."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
            if state not in "ZX":
                yield int(stat.parent.name), int(parent), int(group)
