"""A service that really runs, with a door to its database for what a test needs quickly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from app.accounts import service as accounts
from app.kernel.ids import token_hash
from app.kernel.links import LIFETIMES, LinkRow
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings
from app.kernel.start import open_kernel
from app.kernel.work import Kernel

KEEPER = Path(__file__).with_name("keeper.py")
ROOT = Path(__file__).parents[2]
START_S = 60
STOP_S = 60
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """Address of a running instance, and a kernel of our own on the same database."""

    url: str
    kernel: Kernel

    def set_password(self, email: str, password: str) -> None:
        """Give somebody made by `make.firm` a password, the way the person would."""
        password_hash = accounts.hash_password(password)
        token = f"made-for-{email}"
        with self.kernel.write(NOBODY) as work:
            person = accounts.find(work, email)
            assert person is not None
            row = LinkRow(
                hash=token_hash(token),
                purpose="reset",
                subject_id=person.id,
                expires_at=work.now + LIFETIMES["reset"],
            )
            work.add(row)
        with self.kernel.read(NOBODY) as work:
            behind = accounts.reset_behind(work, token)
        with self.kernel.write(behind.scope) as work:
            accounts.reset(work, token, password_hash)


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Service]:
    """Run `lotse serve` with its worker on a free port of loopback.

    Args:
        folder: holds its data and its log.
        environment: settings of the operator besides folder and limits.

    Raises:
        RuntimeError: it ended or did not answer; the message is its log.
    """
    port = free_port()
    url, data, log = f"http://127.0.0.1:{port}", folder / "data", folder / "service.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
    settings = {"LOTSE_DATA": str(data), "LOTSE_RATE_LIMITS": "off", **environment}
    command = [sys.executable, str(KEEPER), "--port", str(port), "--workers", "1"]
    with log.open("wb") as lines:
        keeper = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**clean, **settings},
            stdin=subprocess.PIPE,
            stdout=lines,
            stderr=lines,
        )
    try:
        _wait_for(url, keeper, log)
        kernel = open_kernel(Settings(data=data, base_url=url))
        try:
            yield Service(url, kernel)
        finally:
            kernel.engine.dispose()
    finally:
        keeper.communicate(timeout=STOP_S)  # closes the pipe, which ends the service


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, keeper: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and keeper.poll() is None:
        with suppress(OSError):
            front = HTTPConnection(urlsplit(url).netloc, timeout=START_S)
            front.request("GET", "/")
            front.getresponse().read()
            front.close()
            return
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError(f"lotse serve does not answer at {url}:\n{log.read_text()}")
