"""House rules about tables: times are UTC, names are given, what is free text is sealed."""

from __future__ import annotations

import pytest
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    String,
    Table as CoreTable,
    Uuid,
)

from app.kernel.db import Owned, Table
from app.main import metadata

CLEAR_TEXT = {
    "audit.action": "kebab-case, from the code",
    "audit.object_id": "an id",
    "data_keys.owner": "an id, or one of two words",
    "jobs.kind": "from the code",
    "jobs.key": "made of ids",
    "jobs.order_key": "made of ids",
    "jobs.state": "one of five words",
    "jobs.last_reply": "a type or a status, never input",
    "links.purpose": "from the code",
    "organisations.name": "the firm's name is no secret",
    "organisations.kind": "from a list",
    "organisations.size": "from a list",
    "organisations.branch": "from a list",
    "organisations.district": "from a list",
    "persons.password_hash": "argon2id",
    "persons.language": "from a list",
    "memberships.role": "from a list",
    "assessments.catalog": "an id of content",
    "assessments.edition": "an id of content",
    "answers.question_id": "an id of content",
    "reports.language": "from a list",
    "reports.state": "from a list",
}
"""Columns that hold text as it is, and why that tells nobody anything."""


def clear_columns(tables: MetaData) -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        for column in table.columns
        if isinstance(column.type, String)
    }


def wrong_times(tables: MetaData) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        for column in table.columns
        if isinstance(column.type, DateTime)  # ours wraps it, and is none itself
    ]


def unnamed(tables: MetaData) -> list[str]:
    return [
        f"{table.name}: {constraint}"
        for table in tables.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]


def unindexed(tables: MetaData) -> list[str]:
    """Foreign keys that no index and no primary key begins with."""
    missing = []
    for table in tables.sorted_tables:
        begins = [[c.name for c in index.columns] for index in table.indexes]
        begins.append([c.name for c in table.primary_key.columns])
        for key in table.foreign_key_constraints:
            columns = [c.name for c in key.columns]
            if not any(start[: len(columns)] == columns for start in begins):
                missing.append(f"{table.name}: {columns}")
    return missing


def test_text_is_sealed_or_listed_with_a_reason():
    assert clear_columns(metadata()) == set(CLEAR_TEXT)


def test_times_are_utc():
    assert not wrong_times(metadata())


def test_constraints_have_names():
    assert not unnamed(metadata())


def test_foreign_keys_have_an_index():
    assert not unindexed(metadata())


def test_tables_with_a_firm_and_an_id_are_owned():
    shared = {"audit", "jobs", "memberships", "sessions"}
    for mapper in Table.registry.mappers:
        table = mapper.local_table
        if "organisation_id" in table.columns and table.description not in shared:
            assert issubclass(mapper.class_, Owned), table.description


@pytest.fixture
def bad() -> MetaData:
    """A table that breaks each rule."""
    tables = MetaData()
    CoreTable("parents", tables, Column("id", Uuid, primary_key=True))
    child = CoreTable(
        "diaries",
        tables,
        Column("id", Uuid, primary_key=True),
        Column("parent_id", Uuid),
        Column("secret", String),
        Column("at", DateTime),
    )
    child.append_constraint(_foreign_key())
    return tables


def _foreign_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["parent_id"], ["parents.id"])


@pytest.mark.parametrize("rule", [clear_columns, wrong_times, unnamed, unindexed])
def test_a_table_that_breaks_the_rule_is_found(rule, bad: MetaData):
    assert rule(bad)
