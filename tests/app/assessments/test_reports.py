"""Reports: frozen by the click, made by the worker, thrown away after a week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.assessments import service
from app.kernel.errors import NotFound
from app.kernel.jobs import LeaseLost
from app.kernel.scope import NOBODY
from tests import make


def draw(snapshot: bytes, language: str) -> bytes:
    return b"%PDF-" + language.encode() + str(len(snapshot)).encode()


@pytest.fixture
def asked(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work)
        report = service.request_report(work, check, work.new_id(), "de")
    return check, report


def work_off(kernel):
    with kernel.write(NOBODY) as work:
        job = work.jobs.claim()
    if job is not None:
        service.make_report(kernel, job, draw)
    return job


def test_a_report_waits_for_the_worker_and_is_there_then(kernel, firm, asked):
    check, report = asked
    with kernel.read(firm.viewer) as work:
        assert service.report_page(work, check, report).state == "waiting"
    with pytest.raises(NotFound), kernel.read(firm.viewer) as work:
        service.report_file(work, check, report)
    assert work_off(kernel)
    with kernel.read(firm.viewer) as work:
        assert service.report_page(work, check, report).state == "ready"
        file = service.report_file(work, check, report)
    assert file.content.startswith(b"%PDF-de")
    assert file.name.startswith("Lotse-Bericht-")


def test_a_second_post_makes_no_second_report(kernel, firm, asked):
    check, report = asked
    with kernel.write(firm.member) as work:
        assert service.request_report(work, check, report, "de") == report
    assert work_off(kernel)
    assert work_off(kernel) is None


def test_a_report_shows_the_state_of_its_click(kernel, firm, asked):
    check, report = asked
    with kernel.write(firm.member) as work:
        service.save_answer(work, check, make.QUESTION, make.answer("no", seen_revision=1))
        later = service.request_report(work, check, work.new_id(), "en")
    work_off(kernel)
    work_off(kernel)
    with kernel.read(firm.member) as work:
        names = {service.report_file(work, check, one).name for one in (report, later)}
    assert len(names) == 2


def test_a_report_that_cannot_be_drawn_says_so_and_can_be_asked_for_again(kernel, firm, asked):
    check, report = asked

    def breaks(_snapshot: bytes, _language: str) -> bytes:
        raise ValueError("no such font")

    with kernel.write(NOBODY) as work:
        job = work.jobs.claim()
    service.make_report(kernel, job, breaks)
    with kernel.read(firm.member) as work:
        assert service.report_page(work, check, report).state == "failed"
    assert work_off(kernel) is None
    with kernel.write(firm.member) as work:
        service.request_report(work, check, report, "de")
    assert work_off(kernel)
    with kernel.read(firm.member) as work:
        assert service.report_page(work, check, report).state == "ready"


def test_another_firm_finds_no_report(kernel, other_firm, asked):
    check, report = asked
    with pytest.raises(NotFound), kernel.read(other_firm.owner) as work:
        service.report_page(work, check, report)


def test_a_report_of_another_check_is_not_there(kernel, firm, asked):
    check, report = asked
    with kernel.write(firm.member) as work:
        service.finish(work, check)
        other = make.assessment(work)
    with pytest.raises(NotFound), kernel.read(firm.member) as work:
        service.report_page(work, other, report)


def test_after_a_week_the_file_goes_and_can_be_made_again(kernel, clock, firm, asked):
    check, report = asked
    work_off(kernel)
    with kernel.read(firm.member) as work:
        before = service.report_file(work, check, report)
    clock.now += timedelta(days=6, hours=23)
    service.drop_old_reports(kernel)
    with kernel.read(firm.member) as work:
        assert service.report_page(work, check, report).state == "ready"
    clock.now += timedelta(hours=2)
    service.drop_old_reports(kernel)
    with kernel.read(firm.member) as work:
        assert service.report_page(work, check, report).state == "gone"
    with kernel.write(firm.member) as work:
        service.request_report(work, check, report, "de")
    work_off(kernel)
    with kernel.read(firm.member) as work:
        assert service.report_file(work, check, report) == before


def test_a_worker_that_took_too_long_leaves_the_result_to_the_other(kernel, clock, firm, asked):
    with kernel.write(NOBODY) as work:
        slow = work.jobs.claim()
    clock.now += timedelta(minutes=2)
    assert work_off(kernel)
    with pytest.raises(LeaseLost):
        service.make_report(kernel, slow, draw)
