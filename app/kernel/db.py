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

TEXT = re.compile(r"'(?:[^']|'')*'")
PARAMETER = re.compile(r"%\(\w+\)S(?:::\w+)?|:\w+")
COMMENT = re.compile(r"--|/\*")
INNERMOST = re.compile(r"\(([^()]*)\)")
SET_OPERATION = re.compile(r"\b(?:UNION|INTERSECT|EXCEPT)\b")
AFTER_CONDITIONS = re.compile(
    r"\b(?:GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|FOR|ON CONFLICT|RETURNING)\b"
)
JOINED = re.compile(r"\b((?:LEFT |RIGHT |FULL |NATURAL )?(?:OUTER )?)(?:INNER |CROSS )?JOIN\b")
NO_CONJUNCTION = re.compile(r"\b(?:OR|ON|CASE|BETWEEN)\b")
"""Beside these an AND does not mean that both sides must hold."""
ONE_FIRM = re.compile(r"(?:(\w+)\.)?ORGANISATION_ID ?(?:= ?\?|IN ?\[\?\])")
SAME_FIRM = re.compile(r"(\w+)\.ORGANISATION_ID ?= ?(\w+)\.ORGANISATION_ID")


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
    return bool(_names_of_owned(statement.upper()))


def _names_of_owned(text: str) -> set[str]:
    """Names by which a text reads tables of firms: theirs, or what stands behind AS."""
    tables = [
        mapper.local_table.description.upper()
        for mapper in Table.registry.mappers
        if issubclass(mapper.class_, Owned)
    ]
    named = rf"\b({'|'.join(tables)})\b(?! ?\.)(?: AS (\w+))?"
    return {alias or table for table, alias in re.findall(named, text)} if tables else set()


@lru_cache(4096)
def _filters_by_firm(statement: str) -> bool:
    """Whether each table of firms in a statement is held to one firm.

    Each SELECT must do it by itself: half of a UNION covers that half, and a subquery covers
    nothing but itself, though it may lean on a table of the SELECT around it.
    """
    rest = PARAMETER.sub("?", TEXT.sub("TEXT", " ".join(statement.upper().split())))
    if COMMENT.search(rest):
        return False
    brackets: list[str] = []

    def lift(found: re.Match[str]) -> str:
        if not found[1].strip(" ?,"):
            return "[?]"
        brackets.append(found[1])
        return "[]"

    found = 1
    while found:
        rest, found = INNERMOST.subn(lift, rest)
    names = _names_of_owned(rest).union(*map(_names_of_owned, brackets))
    return all(
        _is_held(select, names)
        for text in (rest, *brackets)
        for select in SET_OPERATION.split(text)
    )


def _is_held(select: str, names_around: set[str]) -> bool:
    """Whether conditions lead from each table of firms in a SELECT to the firm in scope."""
    if select.lstrip().startswith("INSERT"):
        _into, _select, select = select.partition("SELECT")  # values carry the firm themselves
    names = _names_of_owned(select)
    if not names:
        return True
    read, _where, condition = AFTER_CONDITIONS.split(select)[0].partition(" WHERE ")
    _first, *joins = JOINED.split(read)
    ways = _ways(condition, names)
    for kind, joined in zip(joins[::2], joins[1::2], strict=True):
        table, _on, condition = joined.partition(" ON ")
        if kind.startswith(("RIGHT", "FULL", "NATURAL")):
            return False
        # An outer join filters what it joins and leaves what stands before it as it was.
        filtered = _names_of_owned(table) if kind else names
        ways |= {way for way in _ways(condition, names) if way[0] in filtered}
    held = names_around - names
    while more := {name for name, by in ways if (by == "?" or by in held) and name not in held}:
        held |= more
    return names <= held


def _ways(condition: str, names: set[str]) -> set[tuple[str, str]]:
    """Pairs of a table and what it takes its firm from: another table, or "?", a parameter."""
    if NO_CONJUNCTION.search(condition):
        return set()
    ways: set[tuple[str, str]] = set()
    for term in condition.split(" AND "):
        if one := ONE_FIRM.fullmatch(term.strip()):
            ways |= {(name, "?") for name in ([one[1]] if one[1] else names)}
        elif same := SAME_FIRM.fullmatch(term.strip()):
            ways |= {(same[1], same[2]), (same[2], same[1])}
    return ways


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
