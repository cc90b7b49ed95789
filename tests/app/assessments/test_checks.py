"""Runs: one open per catalog, resumed anywhere, frozen when finished, begun anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.assessments import service
from app.assessments.service import Incomplete
from app.assessments.tables import AssessmentRow
from app.kernel.errors import NotFound
from app.kernel.work import mine
from checklists.model import Answer, Value
from tests import make


def test_one_check_of_a_catalog_is_open_at_a_time(kernel, firm):
    with kernel.write(firm.member) as work:
        first = make.assessment(work)
        assert service.start(work, work.new_id(), make.CATALOG) == first


def test_a_second_post_meets_the_run_that_is_there(kernel, firm):
    with kernel.write(firm.member) as work:
        new_id = work.new_id()
        assert service.start(work, new_id, make.CATALOG) == new_id
        assert service.start(work, new_id, make.CATALOG) == new_id
        assert len(work.session.scalars(mine(work, AssessmentRow)).all()) == 1


def test_a_firm_cannot_begin_what_is_not_offered(kernel, firm):
    with pytest.raises(NotFound), kernel.write(firm.member) as work:
        service.start(work, work.new_id(), "kurzcheck")


def test_going_on_leads_to_the_first_open_question(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
        assert service.resume(work, check).question == "g-mobile"
        service.save_answer(work, check, "g-mobile", make.answer("no"))
        assert service.resume(work, check).question == "g-private"


def test_going_on_with_nothing_open_leads_to_the_result(kernel, firm):
    with kernel.write(firm.member) as work:
        assert service.resume(work, make.full_assessment(work)).area is None


def test_only_a_whole_check_is_finished(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
    with pytest.raises(Incomplete), kernel.write(firm.member) as work:
        service.finish(work, check)


def test_finishing_freezes_answers_result_names_and_texts(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, org_lead_owner=Value.NO)
        service.finish(work, check)
        service.finish(work, check)  # a second post changes nothing
        row = work.session.scalars(mine(work, AssessmentRow)).one()
        frozen = json.loads(service.read_snapshot(work, row.snapshot_id))
    assert frozen["finished"] is True
    assert frozen["answers"]["org-lead-owner"]["value"] == "no"
    assert frozen["result"]["points"] == 41
    assert frozen["names"] == {str(firm.member.actor): "Max"}
    assert frozen["organisation"]["name"] == "Krause Metallbau"
    assert "Rücksicherung geprobt" in json.dumps(frozen["frozen"], ensure_ascii=False)


def test_a_finished_result_is_that_of_the_snapshot(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, org_lead_owner=Value.NO)
        before = service.result_page(work, check)
        service.finish(work, check)
        after = service.result_page(work, check)
    assert after.finished_at is not None
    assert after.stand is not None
    assert after.result.as_json() == before.result.as_json()


def test_a_new_run_begins_with_the_old_answers(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, org_lead_owner=Value.NO)
        service.finish(work, check)
        again = service.start_again(work, check, work.new_id())
        assert again != check
        assert service.result_page(work, again).result.points == 41
        service.save_answer(work, again, "org-lead-owner", make.answer("yes", seen_revision=1))
        assert service.result_page(work, again).result.points == 47
        assert service.result_page(work, check).result.points == 41


def test_carried_answers_keep_who_gave_them_and_when(kernel, clock, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work)
        service.finish(work, check)
        before = clock.now
    clock.now += timedelta(days=200)
    with kernel.write(firm.owner) as work:
        again = service.start_again(work, check, work.new_id())
        page = service.area_page(work, again, "bak")
        assert service.result_page(work, again).as_of == before
        service.finish(work, again)
        frozen = json.loads(service.read_snapshot(work, newest_snapshot(work)))
    assert page.meter.saved_at == before
    assert frozen["names"] == {str(firm.member.actor): "Max"}
    assert frozen["answers"]["bak-restore-test"]["on"] == before.date().isoformat()


def test_after_midnight_an_answer_is_of_the_new_day(kernel, clock, firm):
    """Days are those of the centre: half past midnight in Berlin is the day before in UTC."""
    clock.now = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    with kernel.write(firm.member) as work:
        service.finish(work, make.full_assessment(work))
        frozen = json.loads(service.read_snapshot(work, newest_snapshot(work)))
    assert frozen["answers"]["bak-restore-test"]["on"] == "2027-03-02"
    assert frozen["started_on"] == "2027-03-02"


def newest_snapshot(work):
    query = mine(work, AssessmentRow).order_by(AssessmentRow.finished_at.desc())
    return work.session.scalars(query).first().snapshot_id


def test_the_chooser_shows_what_goes_on_and_what_is_done(kernel, firm):
    with kernel.write(firm.member) as work:
        assert [o.catalog.id for o in service.checks_page(work).offered] == ["kmu-check"]
        check = make.full_assessment(work)
        page = service.checks_page(work)
        assert [c.id for c in page.open] == [check]
        assert page.offered == ()
        service.finish(work, check)
        page = service.checks_page(work)
        assert [c.id for c in page.finished] == [check]
        assert [(o.catalog.id, o.last) for o in page.offered] == [("kmu-check", check)]


def test_answers_to_questions_of_other_catalogs_are_left_out(kernel, firm):
    with kernel.write(firm.member) as work:
        check = service.start_with(
            work,
            make.CATALOG,
            {"bak-restore-test": Answer(Value.NO), "other-thing": Answer(Value.YES)},
        )
        page = service.area_page(work, check, "bak")
    assert page.meter.done == 1
