from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.kernel.scope import everything
from app.kernel.settings import Settings
from app.kernel.start import init, open_kernel
from app.kernel.work import Kernel
from app.main import create_app, metadata
from tests import make, postgres

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
BASE_URL = "https://lotse.example"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`LOTSE_BROWSER_TESTS=off` is for machines on which no Chromium runs."""
    if os.environ.get("LOTSE_BROWSER_TESTS") == "off":
        left_out = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("LOTSE_BROWSER_TESTS") == "off":
        terminalreporter.write_line(
            "LOTSE_BROWSER_TESTS=off: the journeys in a browser were left out", yellow=True
        )


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to the world."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0] if isinstance(address, tuple) else ""
            assert host in {"127.0.0.1", "::1", "localhost"}, f"no network in tests: {host}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated data folder, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    init(Settings(data=folder, base_url=BASE_URL), metadata()).engine.dispose()
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.postgres_server() as base_url:
        yield base_url


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A migrated database of this test process, emptied between tests, and its key."""
    folder = tmp_path_factory.mktemp("postgres")
    url = postgres.fresh_database(postgres_server)
    init(Settings(data=folder, base_url=BASE_URL, database_url=url), metadata()).engine.dispose()
    return url, folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _on_sqlite(template: Path, folder: Path) -> Settings:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return Settings(data=folder, base_url=BASE_URL)


def _on_postgres(template: tuple[str, Path], folder: Path) -> Settings:
    url, keys = template
    shutil.copytree(keys, folder, dirs_exist_ok=True)
    settings = Settings(data=folder, base_url=BASE_URL, database_url=url)
    kernel = open_kernel(settings)
    kept = {"alembic_version", "data_keys", "canary"}
    names = ", ".join(t.name for t in metadata().sorted_tables if t.name not in kept)
    options = {"lotse_write": True, "lotse_scope": everything("tests begin empty")}
    with kernel.engine.execution_options(**options).begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM data_keys WHERE owner NOT IN ('centre', 'index')"))
    kernel.engine.dispose()
    return settings


@pytest.fixture
def sqlite_kernel(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Kernel]:
    """For tests in which the database makes no difference."""
    kernel = replace(open_kernel(_on_sqlite(sqlite_template, tmp_path / "data")), clock=clock)
    yield kernel
    kernel.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kernel(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Kernel]:
    """A fresh instance on each database."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        settings = _on_sqlite(template, tmp_path / "data")
    else:
        template = request.getfixturevalue("postgres_template")
        settings = _on_postgres(template, tmp_path / "data")
    kernel = replace(open_kernel(settings), clock=clock)
    yield kernel
    kernel.engine.dispose()


@pytest.fixture
def firm(kernel: Kernel) -> make.Firm:
    return make.firm(kernel)


@pytest.fixture
def other_firm(kernel: Kernel) -> make.Firm:
    return make.firm(kernel, name="Andere GmbH")


@pytest.fixture
def flask(kernel: Kernel) -> Flask:
    flask = create_app(kernel)
    flask.testing = False  # a bug is shown as people would see it
    return flask
