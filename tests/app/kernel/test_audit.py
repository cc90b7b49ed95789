"""The audit grows and never changes; the database itself sees to it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.assessments import service
from app.kernel.audit import AuditRow
from app.kernel.db import core
from app.kernel.scope import NOBODY
from tests import make
from tests.conftest import NOON

AUDIT = core(AuditRow)
PERSON = UUID(int=7)


@pytest.fixture
def row_id(kernel):
    with kernel.write(NOBODY) as work:
        work.audit.record("tried", "object")
        return work.session.scalars(select(AuditRow.id)).one()


def rows(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.execute(select(AUDIT)).all()


def refused(kernel, *statements):
    with pytest.raises(DBAPIError, match="append-only"), kernel.write(NOBODY) as work:
        for statement in statements:
            work.session.execute(statement)


def test_an_act_leaves_a_row_without_content(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
        service.save_answer(work, check, make.QUESTION, make.answer("no", note="Nie probiert."))
    acts = [row for row in rows(kernel) if row.object_id == str(check)]
    assert [row.action for row in acts] == ["assessment-started", "answer-saved"]
    for row in acts:
        assert (row.actor_id, row.organisation_id) == (firm.member.actor, firm.id)
        assert (row.at, row.hash) == (NOON, None)
        assert "Nie probiert" not in repr(row)


def test_who_becomes_known_only_now_is_named(kernel, firm):
    with kernel.write(NOBODY) as work:
        work.audit.record("tried", "object", actor=firm.member.actor)
    assert rows(kernel)[-1].actor_id == firm.member.actor


def test_an_act_that_fails_leaves_no_row(kernel):
    with pytest.raises(ZeroDivisionError), kernel.write(NOBODY) as work:
        work.audit.record("tried", "object")
        _ = 1 / 0
    assert rows(kernel) == []


def test_no_field_can_be_changed(kernel, row_id):
    before = rows(kernel)
    changes = (
        {"id": row_id + 1},
        {"at": NOON.replace(year=2020)},
        {"actor_id": PERSON},
        {"organisation_id": PERSON},
        {"action": "done"},
        {"object_id": "another"},
    )
    for change in changes:
        refused(kernel, update(AUDIT).values(**change))
        refused(kernel, update(AUDIT).values(**change, hash=b"1"))
    assert rows(kernel) == before


def test_no_row_can_be_removed(kernel, row_id):
    refused(kernel, delete(AUDIT))
    assert len(rows(kernel)) == 1


def test_the_hash_is_filled_once(kernel, row_id):
    with kernel.write(NOBODY) as work:
        work.session.execute(update(AUDIT).values(hash=b"1"))
    assert [row.hash for row in rows(kernel)] == [b"1"]
    refused(kernel, update(AUDIT).values(hash=b"2"))
    refused(kernel, update(AUDIT).values(hash=None))


def test_no_row_can_be_replaced(sqlite_kernel):
    kernel = sqlite_kernel
    with kernel.write(NOBODY) as work:
        work.audit.record("tried", "object")
    row = {"id": rows(kernel)[0].id, "at": NOON, "action": "forged", "object_id": "object"}
    refused(kernel, insert(AUDIT).prefix_with("OR REPLACE").values(**row))
    assert [row.action for row in rows(kernel)] == ["tried"]


@pytest.mark.postgres
@pytest.mark.parametrize("kernel", ["postgresql"], indirect=True)
def test_the_table_cannot_be_emptied(kernel, row_id):
    refused(kernel, text("TRUNCATE audit"))
    assert len(rows(kernel)) == 1
