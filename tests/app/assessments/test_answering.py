"""Saving answers: once, for one firm, without losing what another person wrote."""

from __future__ import annotations

import threading

import pytest

from app.assessments import service
from app.assessments.service import Conflict, Saved
from app.kernel.errors import Closed, NotFound
from checklists.errors import ChecklistError, TooLong
from checklists.model import Value
from tests import make


@pytest.fixture
def check(kernel, firm):
    with kernel.write(firm.member) as work:
        return make.assessment(work)


def save(kernel, scope, check, given, question=make.QUESTION):
    with kernel.write(scope) as work:
        return service.save_answer(work, check, question, given)


def test_a_saved_answer_is_there(kernel, firm, check):
    saved = save(kernel, firm.member, check, make.answer("partly", note="halb"))
    assert isinstance(saved, Saved)
    assert (saved.revision, saved.around.area.id, saved.is_gate) == (1, "bak", False)
    assert (saved.around.meter.done, saved.next_question) == (1, "bak-restore-plan")
    with kernel.read(firm.viewer) as work:
        page = service.area_page_at(work, check, make.QUESTION)
    shown = next(q.shown for q in page.questions if q.question.id == make.QUESTION)
    assert (shown.value, shown.note, shown.seen_revision) == ("partly", "halb", 1)


def test_partly_with_nothing_ticked_is_an_answer(kernel, firm, check):
    assert isinstance(save(kernel, firm.member, check, make.answer("partly")), Saved)


def test_the_same_answer_again_is_a_repeat(kernel, firm, check):
    save(kernel, firm.member, check, make.answer("yes"))
    assert save(kernel, firm.member, check, make.answer("yes")).revision == 1


def test_the_second_of_two_people_sees_what_the_first_saved(kernel, firm, check):
    save(kernel, firm.member, check, make.answer("yes"))
    outcome = save(kernel, firm.owner, check, make.answer("no", note="nein"))
    assert isinstance(outcome, Conflict)
    assert (outcome.answer.value, outcome.by) == (Value.YES, firm.member.actor)
    with kernel.read(firm.owner) as work:
        page = service.conflict_page(
            work, check, make.QUESTION, make.answer("no", note="nein"), outcome
        )
    assert page.by == "Max"
    assert (page.ours.value, page.ours.note, page.ours.seen_revision) == ("no", "nein", 1)


def test_the_same_answer_far_behind_is_a_conflict(kernel, firm, check):
    for revision, value in enumerate(("yes", "no", "yes")):
        save(kernel, firm.member, check, make.answer(value, seen_revision=revision))
    assert isinstance(save(kernel, firm.owner, check, make.answer("yes")), Conflict)


def test_a_conflict_is_settled_with_the_newest_revision(kernel, firm, check):
    save(kernel, firm.member, check, make.answer("yes"))
    save(kernel, firm.owner, check, make.answer("no"))
    assert save(kernel, firm.owner, check, make.answer("no", seen_revision=1)).revision == 2


def test_another_firms_check_is_not_there(kernel, other_firm, check):
    with pytest.raises(NotFound):
        save(kernel, other_firm.owner, check, make.answer("yes"))


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (make.QUESTION, make.answer("maybe")),
        (make.QUESTION, make.answer("not_applicable")),
        ("g-remote", make.answer("partly")),
        ("no-such-question", make.answer("yes")),
    ],
)
def test_what_the_question_does_not_offer_is_refused(kernel, firm, check, question, given):
    with pytest.raises(ChecklistError):
        save(kernel, firm.member, check, given, question)


def test_a_note_has_its_limit(kernel, firm, check):
    with pytest.raises(TooLong):
        save(kernel, firm.member, check, make.answer("yes", note="x" * 4001))


def test_many_first_answers_at_once_lose_none(kernel, firm, check):
    """On PostgreSQL two first answers to one question would collide without the lock."""
    outcomes: list[object] = []

    def one(number: int) -> None:
        given = make.answer("no", note=f"von {number}")
        outcomes.append(save(kernel, firm.member, check, given))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    assert sum(isinstance(outcome, Saved) for outcome in outcomes) == 1


def test_a_save_says_whether_its_requirement_is_done(kernel, firm, check):
    first = save(kernel, firm.member, check, make.answer("yes"), "bak-restore-test")
    second = save(kernel, firm.member, check, make.answer("yes"), "bak-restore-plan")
    assert (first.block_is_done, second.block_is_done) == (False, True)


def test_a_gates_no_hides_what_it_holds_and_keeps_the_answers(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, g_remote=Value.NO)
        page = service.area_page(work, check, "net")
        hidden = [b for b in page.blocks if b.standing == "hidden"]
        assert [block.id for block in hidden] == ["block-net-remote"]
        assert hidden[0].hidden_by == page.catalog.question("g-remote")
        service.save_answer(work, check, "g-remote", make.answer("yes", seen_revision=1))
        again = service.area_page(work, check, "net")
        assert all(block.standing == "done" for block in again.blocks)


def test_progress_counts_what_applies(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work, g_remote=Value.NO)
        page = service.area_page(work, check, "org")
    assert (page.meter.done, page.meter.all, page.meter.minutes) == (51, 51, 0)


def test_one_requirement_stands_open_at_a_time(kernel, firm, check):
    with kernel.read(firm.member) as work:
        page = service.area_page(work, check, "org")
    assert [b.standing for b in page.blocks].count("now") == 1
    assert page.blocks[0].standing == "now"
    assert page.blocks[0].requirement is None


def test_a_closed_check_takes_no_answer(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.full_assessment(work)
        service.finish(work, check)
    with pytest.raises(Closed):
        save(kernel, firm.member, check, make.answer("no", seen_revision=1))
