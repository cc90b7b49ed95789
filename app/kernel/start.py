"""From settings to a kernel: data folder, root key, database, schema."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.kernel.db import open_engine
from app.kernel.errors import (
    Migrating,
    NewKeyRefused,
    RootKeyMissing,
    SchemaAhead,
    StartRefused,
    WrongRootKey,
)
from app.kernel.i18n import _
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings
from app.kernel.vault import CENTRE, INDEX, DataKeyRow
from app.kernel.work import BUSY_S, Kernel

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


def init(settings: Settings, metadata: MetaData, *, new_key: bool = False) -> Kernel:
    """Make what is missing: data folder, keys, database, schema. Running it twice is fine.

    Args:
        settings: of the instance.
        metadata: all tables.
        new_key: make the root key. In development an empty database gets one unasked;
            in production somebody has to say that this is the beginning.

    Raises:
        StartRefused: the data folder cannot be written, or the database does not answer.
        NewKeyRefused: `new_key` where a key or a filled database is.
        RootKeyMissing: a database without its key, or production without a key file.
        WrongRootKey: the key does not open this database.
        SchemaAhead: the database was written by newer code.
    """
    _make_folder(settings.data)
    engine = _reached(settings)
    with _closed_on_error(engine):
        with _one_at_a_time(settings, engine):
            schema = schema_of(engine)
            if schema is not None and schema > head():
                raise SchemaAhead(f"{schema} > {head()}")
            if new_key:
                _refuse_second_key(settings, schema)
            may_make = schema is None and (new_key or not settings.production)
            kernel = Kernel(settings, engine, _root_key(settings, may_make=may_make))
            if schema != head():
                _migrate(engine, metadata)
            _first_keys(kernel)
        return _checked(kernel)


def open_kernel(settings: Settings) -> Kernel:
    """Open an instance that exists.

    Raises:
        StartRefused: the database does not answer.
        RootKeyMissing: no key file.
        WrongRootKey: the key does not open this database.
        Migrating: the schema is older than the code; `lotse init` brings it up.
        SchemaAhead: the schema is newer than the code.
    """
    if not settings.database_url and not (settings.data / "lotse.db").exists():
        raise Migrating
    engine = _reached(settings)
    with _closed_on_error(engine):
        schema = schema_of(engine)
        if schema is None or schema < head():
            raise Migrating
        if schema > head():
            raise SchemaAhead(f"{schema} > {head()}")
        return _checked(Kernel(settings, engine, _root_key(settings, may_make=False)))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"LOTSE_DATA {folder} ({error.strerror})") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartRefused(f"LOTSE_DATA {folder} ({os.strerror(errno.EACCES)})")


def _reached(settings: Settings) -> Engine:
    engine = open_engine(settings.database)
    try:
        _connect(engine)
    except DBAPIError as error:
        engine.dispose()
        says = _("Die Datenbank antwortet nicht (%(kind)s).", kind=type(error).__name__)
        where = "LOTSE_DATABASE_URL" if settings.database_url else settings.data / "lotse.db"
        raise StartRefused(f"{says} {where}") from error
    return engine


def _connect(engine: Engine) -> None:
    """Connect once; two that turn an empty file into WAL at once do not wait by themselves."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            engine.connect().close()
        except OperationalError as error:
            if "database is locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _checked(kernel: Kernel) -> Kernel:
    try:
        with kernel.read(NOBODY) as work:
            work.vault.check_canary()
    except WrongRootKey as error:
        raise WrongRootKey(str(kernel.settings.root_key_path)) from error
    return kernel


@contextmanager
def _closed_on_error(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _first_keys(kernel: Kernel) -> None:
    """Make the keys of a database that has none: a new one, or one whose `init` was killed."""
    with kernel.write(NOBODY) as work:
        if work.session.scalars(select(DataKeyRow.owner).limit(1)).first() is not None:
            return
        for owner in (CENTRE, INDEX):
            work.vault.make_key(owner)
        work.vault.plant_canary()


def _refuse_second_key(settings: Settings, schema: str | None) -> None:
    path = settings.root_key_path
    if os.path.lexists(path):
        raise NewKeyRefused(_("%(file)s gibt es schon.", file=path))
    if schema is not None:
        raise NewKeyRefused(_("Die Datenbank hat schon einen. Er fehlt hier: %(file)s", file=path))


def _root_key(settings: Settings, *, may_make: bool) -> AESGCM:
    path = settings.root_key_path
    try:
        if not path.exists():
            if not may_make:
                raise RootKeyMissing(str(path))
            _make_root_key(path)
        key = path.read_bytes()
    except OSError as error:  # another account's, a folder, a disk that takes nothing
        raise RootKeyMissing(f"{path} ({error.strerror})") from error
    if len(key) != KEY_BYTES:
        raise RootKeyMissing(f"{path} ({len(key)} bytes)")
    return AESGCM(key)


def _make_root_key(path: Path) -> None:
    """Write it whole and down to the disk: without it what the database keeps is lost."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.unlink(missing_ok=True)
    private = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(private, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _migrate(engine: Engine, metadata: MetaData) -> None:
    from alembic import command  # noqa: PLC0415  (loaded only when the schema differs)
    from alembic.config import Config  # noqa: PLC0415  (loaded only when the schema differs)

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    config.attributes["metadata"] = metadata
    command.upgrade(config, "head")


@contextmanager
def _one_at_a_time(settings: Settings, engine: Engine) -> Iterator[None]:
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 0"))
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
