"""A statement that could touch another firm never reaches the database."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError, SAWarning
from sqlalchemy.orm import aliased

from app.assessments.tables import AnswerRow, AssessmentRow
from app.kernel.db import TenantLeak, core
from app.kernel.scope import NOBODY, everything
from app.kernel.work import mine
from app.organisations.tables import OrganisationRow
from tests import make
from tests.conftest import NOON

CHECKS = core(AssessmentRow)
FACTS = {"catalog": "another", "edition": "2026.1", "started_at": NOON}
ANSWERS_OF_A_CHECK: ColumnElement[bool] = and_(
    AnswerRow.organisation_id == AssessmentRow.organisation_id,
    AnswerRow.assessment_id == AssessmentRow.id,
)
OTHER_ANSWERS = aliased(AnswerRow)
SAME_QUESTION = OTHER_ANSWERS.question_id == AnswerRow.question_id
SAME_FIRM = OTHER_ANSWERS.organisation_id == AnswerRow.organisation_id
CHECKS_OF_A_FIRM = AssessmentRow.organisation_id == OrganisationRow.id


def of(firm_id):
    return select(AssessmentRow).where(AssessmentRow.organisation_id == firm_id)


def answers_of(firm_id):
    return select(AnswerRow).where(AnswerRow.organisation_id == firm_id)


def check_row(firm_id, number=7):
    return AssessmentRow(organisation_id=firm_id, id=UUID(int=number), **FACTS)


def answer_row(firm_id, check):
    return AnswerRow(
        organisation_id=firm_id,
        assessment_id=check,
        question_id=make.QUESTION,
        sealed=b"",
        revision=1,
        saved_at=NOON,
    )


def values(firm_id, number):
    return {**FACTS, "organisation_id": firm_id, "id": UUID(int=number), "catalog": str(number)}


@pytest.fixture
def ours(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
        work.add(answer_row(firm.id, check))
        return check


@pytest.fixture
def theirs(kernel, other_firm):
    with kernel.write(other_firm.member) as work:
        check = make.assessment(work)
        work.add(answer_row(other_firm.id, check))
        return check


def copy_of(query):
    """Insert a new check for each that the query finds."""
    columns = (
        CHECKS.c.organisation_id,
        literal(UUID(int=9)),
        literal("a copy"),
        CHECKS.c.edition,
        CHECKS.c.started_at,
    )
    return insert(CHECKS).from_select(
        ["organisation_id", "id", *FACTS], query.with_only_columns(*columns)
    )


def change_and_read_again(session, firm_id, check):
    row = session.get(AssessmentRow, (firm_id, check))
    row.edition = "2"
    session.flush()
    session.expire(row)
    assert row.edition == "2"


def remove(session, firm_id, check):
    session.delete(session.scalars(answers_of(firm_id)).one())
    session.flush()


def add(session, firm_id, check):
    session.add(check_row(firm_id))
    session.flush()


def get(session, firm_id, check):
    assert session.get(AssessmentRow, (firm_id, check)).id == check
    assert session.get(AssessmentRow, (firm_id, UUID(int=1))) is None


def add_many(session, firm_id, check):
    session.execute(insert(AssessmentRow), [values(firm_id, 1), values(firm_id, 2)])


def add_many_that_come_back(session, firm_id, check):
    batch = [values(firm_id, 1), values(firm_id, 2)]
    came_back = session.scalars(insert(AssessmentRow).returning(AssessmentRow.id), batch)
    assert set(came_back) == {UUID(int=1), UUID(int=2)}


ACTS = (
    change_and_read_again,
    remove,
    add,
    get,
    add_many,
    add_many_that_come_back,
)


def right(firm, check):
    """Statements that services may use, for a firm and one of its checks."""
    return {
        "select": of(firm),
        "children": answers_of(firm).where(AnswerRow.assessment_id == check),
        "join": select(AssessmentRow.id, AnswerRow.sealed)
        .join(AnswerRow, ANSWERS_OF_A_CHECK)
        .where(AssessmentRow.organisation_id == firm),
        "outer join to the parent": select(AnswerRow.question_id, AssessmentRow.catalog)
        .outerjoin(AssessmentRow, ANSWERS_OF_A_CHECK)
        .where(AnswerRow.organisation_id == firm),
        "outer join to another's answers": select(AnswerRow.question_id, OTHER_ANSWERS.sealed)
        .outerjoin(OTHER_ANSWERS, and_(SAME_QUESTION, SAME_FIRM))
        .where(AnswerRow.organisation_id == firm),
        "outer join held by a parameter": select(AnswerRow.question_id, OTHER_ANSWERS.sealed)
        .outerjoin(OTHER_ANSWERS, and_(SAME_QUESTION, OTHER_ANSWERS.organisation_id == firm))
        .where(AnswerRow.organisation_id == firm),
        "inner join in words": text(
            "SELECT b.sealed FROM answers AS a INNER JOIN answers AS b"
            " ON b.question_id = a.question_id AND b.organisation_id = a.organisation_id"
            " WHERE a.organisation_id = :firm LIMIT 3"
        ).bindparams(firm=firm),
        "case beside the filter": of(firm).order_by(case((AssessmentRow.id == check, 0), else_=1)),
        "join from the firm": select(OrganisationRow.name, AssessmentRow.id)
        .join(AssessmentRow, CHECKS_OF_A_FIRM)
        .where(AssessmentRow.organisation_id == firm),
        "text": text("SELECT id FROM assessments WHERE organisation_id = :firm").bindparams(
            firm=firm
        ),
        "either of two, in brackets": of(firm).where(
            or_(AssessmentRow.id == check, AssessmentRow.finished_at.is_not(None))
        ),
        "count of a subquery": select(func.count()).select_from(of(firm).subquery()),
        "cte": select(of(firm).cte().c.id),
        "exists": of(firm).where(exists().where(ANSWERS_OF_A_CHECK)),
        "both halves of a union": union_all(
            of(firm).with_only_columns(AssessmentRow.id),
            answers_of(firm).with_only_columns(AnswerRow.assessment_id),
        ),
        "update of a list of one": update(CHECKS)
        .where(CHECKS.c.organisation_id.in_([firm]))
        .values(edition="2"),
        "grouped and ordered": of(firm)
        .with_only_columns(AssessmentRow.catalog, func.count())
        .group_by(AssessmentRow.catalog, AssessmentRow.organisation_id)
        .order_by(AssessmentRow.organisation_id),
        "many rows in one statement": insert(CHECKS).values([values(firm, 3), values(firm, 4)]),
        "insert from select": copy_of(select(CHECKS).where(CHECKS.c.organisation_id == firm)),
        "bulk update": update(AssessmentRow)
        .where(AssessmentRow.organisation_id == firm)
        .values(edition="2"),
        "bulk delete": delete(AnswerRow).where(AnswerRow.organisation_id == firm),
    }


def wrong(firm, other):
    """Statements that could reach other firms, though most look harmless."""
    return {
        "rows": select(AssessmentRow),
        "a column": select(AssessmentRow.id),
        "count": select(func.count()).select_from(AssessmentRow),
        "the id alone": select(AssessmentRow).where(AssessmentRow.id == UUID(int=1)),
        "join from the firm": select(OrganisationRow.name, AssessmentRow.id).join(
            AssessmentRow, CHECKS_OF_A_FIRM
        ),
        "join of children": select(AssessmentRow.id, AnswerRow.sealed).join(
            AnswerRow, ANSWERS_OF_A_CHECK
        ),
        "in a subquery": select(OrganisationRow.id).where(
            OrganisationRow.id.in_(select(AssessmentRow.organisation_id))
        ),
        "subquery beside a filter": of(firm).where(
            AssessmentRow.id.in_(select(AnswerRow.assessment_id))
        ),
        "scalar subquery": select(select(func.count(AssessmentRow.id)).scalar_subquery()),
        "alias": select(aliased(AssessmentRow).id),
        "cte": select(select(AssessmentRow.id).cte().c.id),
        "union": union_all(select(AssessmentRow.id), select(AnswerRow.assessment_id)),
        "union, one half filtered": union_all(
            of(firm).with_only_columns(AssessmentRow.id), select(AnswerRow.assessment_id)
        ),
        "union, other half filtered": union_all(
            select(AnswerRow.assessment_id), of(firm).with_only_columns(AssessmentRow.id)
        ),
        "union with another firm": union_all(of(firm), of(other)),
        "core": select(CHECKS.c.id),
        "text": text("SELECT id FROM assessments"),
        "text with a comparison of nothing": text(
            "SELECT organisation_id FROM assessments WHERE :firm = :firm"
        ).bindparams(firm=firm),
        "entities from text": select(AssessmentRow).from_statement(
            text("SELECT * FROM assessments")
        ),
        "update": update(AssessmentRow).values(edition="2"),
        "update of core": update(CHECKS).values(edition="2"),
        "delete": delete(AnswerRow),
        "or true": select(AssessmentRow).where(or_(AssessmentRow.organisation_id == firm, true())),
        "or something else": select(AssessmentRow).where(
            or_(AssessmentRow.organisation_id == firm, AssessmentRow.edition == "2026.1")
        ),
        "or in brackets": text(
            "SELECT id FROM assessments WHERE edition <> '' AND (organisation_id = :firm OR 1 = 1)"
        ).bindparams(firm=firm),
        "or in the join": (
            select(AnswerRow.sealed)
            .join(AssessmentRow, or_(ANSWERS_OF_A_CHECK, AssessmentRow.catalog != ""))
            .where(AssessmentRow.organisation_id == firm)
        ),
        "or of two firms": select(AssessmentRow).where(
            or_(AssessmentRow.organisation_id == firm, AssessmentRow.organisation_id == other)
        ),
        "in a list of two": select(AssessmentRow).where(
            AssessmentRow.organisation_id.in_([firm, other])
        ),
        "all but ours": select(AssessmentRow).where(AssessmentRow.organisation_id != firm),
        "outer join to all answers": select(OTHER_ANSWERS.sealed)
        .select_from(AnswerRow)
        .outerjoin(OTHER_ANSWERS, SAME_QUESTION)
        .where(AnswerRow.organisation_id == firm),
        "outer join that filters only what it joins": select(AnswerRow.sealed)
        .outerjoin(OTHER_ANSWERS, and_(SAME_FIRM, AnswerRow.organisation_id == firm))
        .where(AnswerRow.question_id == make.QUESTION),
        "full join": select(OTHER_ANSWERS.sealed)
        .select_from(AnswerRow)
        .join(OTHER_ANSWERS, and_(SAME_QUESTION, SAME_FIRM), full=True)
        .where(AnswerRow.organisation_id == firm),
        "not ours": select(AssessmentRow).where(not_(and_(AssessmentRow.organisation_id == firm))),
        "neither ours nor another": select(AssessmentRow).where(
            not_(and_(AssessmentRow.catalog == "", AssessmentRow.organisation_id == firm))
        ),
        "the firms of a table": select(AssessmentRow).where(
            AssessmentRow.organisation_id.in_(select(OrganisationRow.id))
        ),
        "subquery leaning on a table without a guard": select(OrganisationRow.name).where(
            exists().where(CHECKS_OF_A_FIRM)
        ),
        **{
            where: text(f"SELECT id FROM assessments WHERE {where}").bindparams(firm=firm)  # noqa: S608
            for where in (
                "organisation_id = organisation_id AND id <> :firm",
                "id <> :firm -- AND organisation_id = :firm",
                "id <> :firm /* AND organisation_id = :firm */",
                "id <> :firm AND '' < ' AND organisation_id = :firm'",
                "NOT organisation_id = :firm",
                "(organisation_id = :firm) < 2",
                "organisation_id = :firm IS NOT NULL",
                "coalesce(organisation_id = :firm, 1) < 2",
                "CASE WHEN organisation_id = :firm THEN 1 ELSE 1 END = 1",
                "CASE WHEN 1 = 1 AND organisation_id = :firm AND 1 = 1 THEN 1 ELSE 1 END = 1",
                "1 BETWEEN 0 AND organisation_id = :firm AND 1 = 1",
                "organisation_id = '1' AND id <> :firm",
            )
        },
        "a copy": text(
            "CREATE TABLE copy AS SELECT id FROM assessments WHERE id <> :firm"
        ).bindparams(firm=firm),
        "all rows": text("INSERT INTO other SELECT * FROM assessments"),
        "a join inside an outer join": text(
            "SELECT a.id FROM assessments AS a LEFT JOIN answers AS b JOIN answers AS c"
            " ON b.organisation_id = :firm AND 1 = 1 ON c.organisation_id = b.organisation_id"
            " AND a.organisation_id = :firm AND b.organisation_id = a.organisation_id"
        ).bindparams(firm=firm),
        "names without a join": text(
            "SELECT b.id FROM assessments AS a, assessments AS b WHERE a.organisation_id = :firm"
        ).bindparams(firm=firm),
        "insert from select": copy_of(select(CHECKS)),
        "insert of a mixed batch in one statement": insert(CHECKS).values(
            [values(firm, 1), values(other, 2)]
        ),
    }


def refused(kernel, scope, act):
    """Whether the guard stops an act; what it lets through is rolled back."""
    try:
        with kernel.write(scope) as work:
            act(work.session)
            work.session.rollback()
    except TenantLeak:
        return True
    return False


def executing(statement):
    return lambda session: session.execute(statement)


def all_right(firm_id, check):
    """Each right shape as something that can be tried on a session."""
    return {
        **{act.__name__: partial(act, firm_id=firm_id, check=check) for act in ACTS},
        **{name: executing(statement) for name, statement in right(firm_id, check).items()},
    }


def test_a_firm_reaches_its_own_rows(kernel, firm, ours, theirs):
    shapes = all_right(firm.id, ours)
    stopped = [name for name, act in shapes.items() if refused(kernel, firm.member, act)]
    assert stopped == []


def test_a_firm_reaches_no_other(kernel, firm, other_firm, theirs):
    shapes = all_right(other_firm.id, theirs)
    leaks = [name for name, act in shapes.items() if not refused(kernel, firm.member, act)]
    assert leaks == []


def test_nobody_reaches_anything(kernel, firm, ours):
    shapes = all_right(firm.id, ours)
    leaks = [name for name, act in shapes.items() if not refused(kernel, NOBODY, act)]
    assert leaks == []


def test_a_statement_that_could_reach_others_is_refused(kernel, firm, other_firm):
    shapes = {name: executing(one) for name, one in wrong(firm.id, other_firm.id).items()}
    leaks = [name for name, act in shapes.items() if not refused(kernel, firm.member, act)]
    assert leaks == []


def test_no_entrance_is_without_a_guard(kernel, firm):
    with kernel.write(firm.member) as work:
        connection = work.session.connection()
        with pytest.raises(TenantLeak):
            connection.execute(select(CHECKS.c.id))
        with pytest.raises(TenantLeak):
            connection.exec_driver_sql("SELECT id FROM assessments")
        with pytest.raises(TenantLeak):
            work.session.query(AssessmentRow).all()


def test_one_foreign_row_spoils_the_batch(kernel, firm, other_firm):
    batch = [values(firm.id, 1), values(other_firm.id, 2)]
    for statement in (insert(AssessmentRow), insert(AssessmentRow).returning(AssessmentRow.id)):
        with pytest.raises(TenantLeak), kernel.write(firm.member) as work:
            work.session.execute(statement, batch)


def test_one_foreign_object_spoils_the_flush(kernel, firm, other_firm):
    with pytest.raises(TenantLeak), kernel.write(firm.member) as work:
        work.session.add_all([check_row(firm.id), check_row(other_firm.id)])
        work.session.flush()


def test_a_row_cannot_be_given_to_another_firm(kernel, firm, other_firm, ours):
    with pytest.raises(TenantLeak), kernel.write(firm.member) as work:
        work.session.get(AssessmentRow, (firm.id, ours)).organisation_id = other_firm.id
        work.session.flush()
    with pytest.raises(TenantLeak), kernel.write(firm.member) as work:
        given_away = of(firm.id).whereclause
        work.session.execute(update(CHECKS).where(given_away).values(organisation_id=other_firm.id))


def test_a_child_cannot_hang_on_another_firms_parent(kernel, firm, theirs):
    with pytest.raises(IntegrityError), kernel.write(firm.member) as work:
        work.add(answer_row(firm.id, theirs))


def test_a_join_without_condition_is_a_warning_and_so_an_error(kernel, firm):
    half = select(AssessmentRow.catalog, AnswerRow.sealed).where(
        AssessmentRow.organisation_id == firm.id
    )
    with pytest.raises(SAWarning, match="cartesian"), kernel.read(firm.member) as work:
        work.session.execute(half)


def test_another_firms_id_finds_nothing(kernel, firm, theirs):
    with kernel.read(firm.member) as work:
        query = mine(work, AssessmentRow).where(AssessmentRow.id == theirs)
        assert work.session.scalars(query).all() == []


def test_mine_needs_a_firm(kernel):
    with pytest.raises(TenantLeak), kernel.read(NOBODY) as work:
        mine(work, AssessmentRow)


def test_work_over_all_firms_says_why(kernel, ours, theirs):
    with kernel.read(everything("a test counts checks")) as work:
        assert set(work.session.scalars(select(AssessmentRow.id))) == {ours, theirs}


def test_the_scope_ends_with_its_work(kernel, firm, ours):
    with kernel.read(firm.member) as work:
        session = work.session
    with pytest.raises(Exception, match="closed"):
        session.scalars(of(firm.id))
