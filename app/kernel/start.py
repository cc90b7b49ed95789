"""From settings to a kernel: data folder, root key, database, schema."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, MetaData, inspect, text

from app.kernel.db import open_engine
from app.kernel.errors import Migrating, RootKeyMissing, SchemaAhead
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings
from app.kernel.vault import CENTRE, INDEX
from app.kernel.work import Kernel

MIGRATIONS = Path(__file__).parent / "migrations"
KEY_BYTES = 32


def head() -> str:
    """The schema this code wants; read from file names, so that Alembic need not be loaded."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def schema_of(engine: Engine) -> str | None:
    """The schema the database has; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def init(settings: Settings, metadata: MetaData) -> Kernel:
    """Make what is missing: data folder, keys, database, schema. Running it twice is fine.

    Raises:
        RootKeyMissing: a database without its key, or production without a key file.
        WrongRootKey: the key does not open this database.
        SchemaAhead: the database was written by newer code.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    schema = schema_of(engine)
    key = _root_key(settings, may_make=schema is None)
    if schema != head():
        _migrate(settings, engine, metadata)
    kernel = Kernel(settings, engine, key)
    if schema is None:
        _first_keys(kernel)
    return _checked(kernel)


def open_kernel(settings: Settings) -> Kernel:
    """Open an instance that exists.

    Raises:
        RootKeyMissing: no key file.
        WrongRootKey: the key does not open this database.
        Migrating: the schema is older than the code; `lotse init` brings it up.
        SchemaAhead: the schema is newer than the code.
    """
    engine = open_engine(settings.database)
    schema = schema_of(engine)
    if schema is None or schema < head():
        raise Migrating
    if schema > head():
        raise SchemaAhead(f"{schema} > {head()}")
    return _checked(Kernel(settings, engine, _root_key(settings, may_make=False)))


def _checked(kernel: Kernel) -> Kernel:
    with kernel.read(NOBODY) as work:
        work.vault.check_canary()
    return kernel


def _first_keys(kernel: Kernel) -> None:
    with kernel.write(NOBODY) as work:
        for owner in (CENTRE, INDEX):
            work.vault.make_key(owner)
        work.vault.plant_canary()


def _root_key(settings: Settings, *, may_make: bool) -> AESGCM:
    path = settings.root_key_path
    if not path.exists():
        if settings.production or not may_make:
            raise RootKeyMissing(str(path))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unreadable = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(unreadable, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise RootKeyMissing(f"{path} ({len(key)} bytes)")
    return AESGCM(key)


def _migrate(settings: Settings, engine: Engine, metadata: MetaData) -> None:
    from alembic import command  # noqa: PLC0415  (loaded only when the schema differs)
    from alembic.config import Config  # noqa: PLC0415

    schema = schema_of(engine)
    if schema is not None and schema > head():
        raise SchemaAhead(f"{schema} > {head()}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with _one_migration_at_a_time(settings, engine):
        config.attributes["engine"] = engine
        config.attributes["metadata"] = metadata
        command.upgrade(config, "head")


@contextmanager
def _one_migration_at_a_time(settings: Settings, engine: Engine) -> Iterator[None]:
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(7105)"))
            connection.commit()  # the lock is the session's, not the transaction's
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(7105)"))
                connection.commit()
        return
    with (settings.data / ".migration.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
