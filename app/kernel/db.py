"""The database: engine, bases of all tables, the guard between firms."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    Table as CoreTable,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExecutionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from app.kernel.errors import BadSetting
from app.kernel.scope import NOBODY, Scope

PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged saves when the power fails
    "foreign_keys=ON",
    "secure_delete=ON",
    "recursive_triggers=ON",  # else INSERT OR REPLACE walks round the audit's trigger
    "trusted_schema=OFF",
)

PAUSE_S = 0.0003
"""Between two tries to become the writer; a write holds the database for about a millisecond."""

THREADS = 8
"""Of one web process; the pool holds a connection for each and two for side writes."""

POSTGRESQL = {"connect_timeout": 5, "options": "-c lock_timeout=5000"}
"""As SQLite's busy timeout: who waits longer for another's row is told to come again."""

TEXT_OR_PARAMETER = re.compile(r"'(?:[^']|'')*'|%\(\w+\)s")
INNERMOST = re.compile(r"\(([^()]*)\)")
SET_OPERATION = re.compile(r"\b(?:UNION|INTERSECT|EXCEPT)\b")
BY_FIRM = re.compile(r"\bORGANISATION_ID\s*(?:=|IN\b)")


class TenantLeak(Exception):
    """A statement that could touch another firm. A bug, never somebody's mistake."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in SQLite, timestamptz in PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"naive time: {value}")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """Base of all mapped classes."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Owned:
    """A table of one firm: the firm is the first part of its key."""

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


def core(row: type[Table]) -> CoreTable:
    """The table behind a mapped class, for Core statements on hot paths."""
    table = row.__table__
    assert isinstance(table, CoreTable)
    return table


def owned_fk(column: str, parent: str) -> ForeignKeyConstraint:
    """Point to a parent of the same firm; another firm's cannot be named."""
    return ForeignKeyConstraint(
        ["organisation_id", column], [f"{parent}.organisation_id", f"{parent}.id"]
    )


def open_engine(url: str) -> Engine:
    """Open a database; what its connections carry decides who may read and write.

    Raises:
        BadSetting: the address cannot be read.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSetting("LOTSE_DATABASE_URL", "cannot be read") from error
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_pre_ping=not url.startswith("sqlite"),
        pool_size=THREADS + 2,
        pool_timeout=5,
        connect_args={} if url.startswith("sqlite") else POSTGRESQL,
    )
    event.listen(engine, "before_cursor_execute", _guard_statement)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("lotse_write", False)
    dbapi = connection.connection.dbapi_connection
    assert dbapi is not None
    cursor = dbapi.cursor()
    cursor.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    if not writes:
        cursor.execute("BEGIN")
    elif not _begins_writing(cursor):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what is wrong, as SQLAlchemy does
    cursor.close()


def _begins_writing(cursor: DBAPICursor) -> bool:
    """Wait for the one writer of the database; False when it was not our turn in time.

    SQLite's own wait doubles its pauses up to 100 ms. With two processes that write a
    millisecond at a time, the one that pauses starves beside the other's queue: eight clients
    got less done than two.
    """
    wait_ms = int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        deadline = time.monotonic() + wait_ms / 1000
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    return False
                time.sleep(PAUSE_S)
            else:
                return True
    finally:
        cursor.execute(f"PRAGMA busy_timeout={wait_ms}")


def _scope_of(connection: Connection) -> Scope:
    scope: Scope = connection.get_execution_options().get("lotse_scope", NOBODY)
    return scope


def _guard_statement(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,
    context: ExecutionContext | None,
    executemany: bool,  # noqa: FBT001  (the event's signature)
) -> None:
    """Refuse a statement about firms' tables that does not carry the firm in scope."""
    if not _touches_firms(statement):
        return
    scope = _scope_of(connection)
    if scope.sees_all_firms:
        return
    if scope.organisation is None or not _filters_by_firm(statement):
        raise TenantLeak(statement)
    # Compiled parameters have names, and one row each even where one statement inserts many.
    named = getattr(context, "compiled_parameters", None)
    rows = named or (parameters if executemany else [parameters])
    if not all(_carries(row, scope.organisation) for row in rows):
        raise TenantLeak(statement)


@lru_cache(4096)
def _touches_firms(statement: str) -> bool:
    if statement.lstrip().upper().startswith(("CREATE", "PRAGMA", "BEGIN", "ALTER", "DROP")):
        return False
    return _names_owned(statement)


def _names_owned(text: str) -> bool:
    tables = [
        mapper.local_table.description
        for mapper in Table.registry.mappers
        if issubclass(mapper.class_, Owned)
    ]
    return bool(tables) and (
        re.search(rf"\b({'|'.join(tables)})\b", text, re.IGNORECASE) is not None
    )


@lru_cache(4096)
def _filters_by_firm(statement: str) -> bool:
    """Each SELECT in a statement must filter by itself: half of a UNION covers that half."""
    rest = TEXT_OR_PARAMETER.sub("?", statement.upper())
    while (inner := INNERMOST.search(rest)) is not None:
        text = inner[1]
        if re.search(r"\bSELECT\b", text):
            if not _halves_filter(text):
                return False
            text = ""
        elif _open_to_all(text):
            return False
        else:
            text = re.sub(r"\bOR\b", ",", text)  # stays between its brackets
        rest = f"{rest[: inner.start()]} {text} {rest[inner.end() :]}"
    return _halves_filter(rest)


def _halves_filter(text: str) -> bool:
    return all(_filters(half) for half in SET_OPERATION.split(text))


def _filters(text: str) -> bool:
    if text.lstrip().startswith("INSERT"):
        _into, _select, text = text.partition("SELECT")  # values carry the firm themselves
    if not _names_owned(text):
        return True
    _target, _from, source = text.partition("FROM")
    _columns, _where, condition = text.partition("WHERE")
    return BY_FIRM.search(condition) is not None and not _open_to_all(source or condition)


def _open_to_all(condition: str) -> bool:
    """Whether an OR stands beside the filter and lifts it."""
    condition = re.split(r"\b(?:GROUP|ORDER) BY\b", condition, maxsplit=1)[0]
    return re.search(r"\bOR\b", condition) is not None and BY_FIRM.search(condition) is not None


def _carries(parameters: Mapping[str, Any] | Sequence[Any], firm: UUID) -> bool:
    spellings = (firm, str(firm), firm.hex)  # drivers differ
    if not isinstance(parameters, Mapping):
        return any(value in spellings for value in parameters)
    for name, value in parameters.items():
        if name.startswith("organisation_id"):
            values = value if isinstance(value, (list, tuple)) else (value,)
            if any(one not in spellings for one in values):
                return False
    return any(
        value in spellings or (isinstance(value, (list, tuple)) and firm in value)
        for value in parameters.values()
    )


def _guard_rows(session: Session, _context: object, _instances: object) -> None:
    """Refuse objects of another firm: batched inserts hide them from the text guard."""
    scope = _scope_of(session.connection())
    if scope.sees_all_firms:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Owned) and row.organisation_id != scope.organisation:
            raise TenantLeak(type(row).__name__)


# A closed session must not begin anew: that would be a transaction nobody commits.
sessions = sessionmaker(close_resets_only=False)
event.listen(sessions, "before_flush", _guard_rows)
