"""All rows of a database as they lie there, read through the bare driver."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

Rows = dict[str, list[dict[str, Any]]]
"""Table → rows, each with its columns by name, in an order of their own."""


def dump(database: str) -> Rows:
    """Read every table, those of the migrations too.

    Args:
        database: address as SQLAlchemy spells it.
    """
    url = make_url(database)
    read = _from_sqlite(url.database or "") if url.drivername == "sqlite" else _from_postgres(url)
    return {name: sorted(rows, key=repr) for name, rows in read}


def without(rows: Rows, *side_writes: str) -> Rows:
    """Leave out whole tables (`limits`) or single columns (`sessions.seen_at`)."""
    columns = {name for name in side_writes if "." in name}
    return {
        table: sorted(
            ({c: v for c, v in row.items() if f"{table}.{c}" not in columns} for row in found),
            key=repr,
        )
        for table, found in rows.items()
        if table not in side_writes
    }


def _from_sqlite(path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (name,) in connection.execute(query).fetchall():
            found = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608  (our table names)
            yield name, [dict(row) for row in found]


def _from_postgres(url: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, row_factory=psycopg.rows.dict_row) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        for row in connection.execute(query).fetchall():
            name = row["tablename"]
            everything = sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))
            yield name, connection.execute(everything).fetchall()
