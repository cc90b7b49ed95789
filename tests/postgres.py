"""A PostgreSQL of our own, for as long as the tests run.

It listens in a folder and on no network port, and the processes of one test run share it. Who
uses it holds a lock that ends with the process, however that ends; `postgres_keeper.py` stops
the server when nobody holds the lock any more. So a run that was killed leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

KEEPER = Path(__file__).with_name("postgres_keeper.py")
START_S = 90
"""A server that does not answer by then will not."""
TEMPLATE_LOCK = 4107
"""Any number: who holds it in the server may make a template."""
_numbers = count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the address of the server's first database; all workers of a run get the same.

    Raises:
        RuntimeError: no server here, or it did not start; the message tells which.
    """
    run_id = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    short = sha256(run_id.encode()).hexdigest()[:8]  # paths of sockets end at 107 characters
    folder = Path(tempfile.gettempdir()) / f"lotse-postgres-{short}"
    lock = hold(folder.with_suffix(".lock"))
    try:
        command = [sys.executable, str(KEEPER), str(folder)]
        started = subprocess.run(
            command, capture_output=True, text=True, timeout=START_S, check=False
        )
        if started.returncode:
            raise RuntimeError(started.stderr.strip())
        yield f"postgresql+psycopg://lotse@/postgres?host={folder}"
    finally:
        os.close(lock)


def hold(path: Path) -> int:
    """Return a descriptor that keeps the server alive until it is closed."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(descriptor)):
                return descriptor
        os.close(descriptor)  # the keeper of the server before removed this file meanwhile


def template_database(base_url: str, name: str, fill: Callable[[str], None]) -> str:
    """Make the template `name` once per run and return that name.

    Args:
        base_url: what `postgres_server` gave.
        name: other workers that ask for the same name wait and find it made.
        fill: gets the address of an empty database; closes all its connections again.
    """
    url, making = make_url(base_url), f"{name}_in_the_making"
    with _connect(base_url) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        made = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not made:
            _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", making)
            _execute(server, "CREATE DATABASE {}", making)
            fill(url.set(database=making).render_as_string(hide_password=False))
            _execute(server, "ALTER DATABASE {} RENAME TO {}", making, name)
    return name


def fresh_database(base_url: str, template: str = "template0") -> str:
    """Return the address of a new database, a copy of `template`.

    Args:
        base_url: what `postgres_server` gave.
        template: a database to which nobody is connected.
    """
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _connect(base_url) as server:
        _execute(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    return make_url(base_url).set(database=name).render_as_string(hide_password=False)


def _connect(base_url: str) -> psycopg.Connection:
    url = make_url(base_url).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _execute(server: psycopg.Connection, statement: str, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
