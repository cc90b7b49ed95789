"""Due work: written with the act, claimed by one worker, tried again, given up at last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock

import pytest
from sqlalchemy import select, update

from app.kernel.jobs import LEASE, OF_MAILS, RETRIES, JobRow, LeaseLost, job_place
from app.kernel.scope import NOBODY

SECOND = timedelta(seconds=1)


def later(kernel, wait):
    """Another process at another time: it shares the database, but not the lock."""
    return replace(kernel.at(kernel.clock() + wait), _one_writer=Lock())


def enqueue(kernel, *payloads, kind="report", **options):
    with kernel.write(NOBODY) as work:
        for payload in payloads:
            work.jobs.enqueue(kind, {"n": payload}, **options)


def claim(kernel):
    with kernel.write(NOBODY) as work:
        return work.jobs.claim()


def finish(kernel, job, **outcome):
    with kernel.write(NOBODY) as work:
        work.jobs.finish(job, **outcome)


def claimed_in_order(kernel):
    return [job.payload["n"] for job in iter(lambda: claim(kernel), None)]


def only_row(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.execute(select(JobRow.__table__)).one()


def test_a_job_comes_and_goes_with_its_act(kernel, firm):
    with kernel.write(firm.member) as work:
        work.jobs.enqueue("report", {"n": 1})
    with pytest.raises(ZeroDivisionError), kernel.write(firm.member) as work:
        work.jobs.enqueue("report", {"n": 2})
        _ = 1 / 0
    job = claim(kernel)
    assert job is not None
    assert (job.kind, job.payload, job.organisation_id, job.tries) == (
        "report",
        {"n": 1},
        firm.id,
        1,
    )
    assert claim(kernel) is None


def test_many_workers_never_get_the_same_job(kernel):
    enqueue(kernel, *range(40))

    def work_off(_number):
        return claimed_in_order(later(kernel, 0 * SECOND))

    with ThreadPoolExecutor(4) as pool:
        claimed = [number for numbers in pool.map(work_off, range(4)) for number in numbers]
    assert sorted(claimed) == list(range(40))


def test_the_smaller_priority_goes_first_then_the_older_job(kernel):
    enqueue(kernel, "report one", "report two")
    enqueue(kernel, "mail", priority=-1)
    assert claimed_in_order(kernel) == ["mail", "report one", "report two"]


def test_jobs_with_the_same_order_key_go_one_after_the_other(kernel):
    enqueue(kernel, 1, 2, order_key="person/7")
    enqueue(kernel, 3)
    first, other = claim(kernel), claim(kernel)
    assert [first.payload["n"], other.payload["n"]] == [1, 3]
    assert claim(kernel) is None  # 2 waits for 1
    with kernel.write(NOBODY) as work:
        work.jobs.fail(first, "TimeoutError")
    assert claim(kernel) is None  # also while 1 waits for its next try
    again = claim(later(kernel, RETRIES[0]))
    assert again.payload["n"] == 1
    finish(kernel, again)
    assert claim(kernel).payload["n"] == 2


@pytest.mark.parametrize("state", ["done", "failed", "dropped"])
def test_whatever_has_ended_holds_up_nobody(state, sqlite_kernel):
    enqueue(sqlite_kernel, 1, 2, order_key="person/7")
    finish(sqlite_kernel, claim(sqlite_kernel), state=state)
    assert claim(sqlite_kernel).payload["n"] == 2


def test_the_job_of_a_dead_worker_is_claimed_again(kernel):
    enqueue(kernel, 1)
    dead = claim(kernel)
    assert claim(later(kernel, LEASE - SECOND)) is None
    second = later(kernel, LEASE + SECOND)
    job = claim(second)
    assert (dead.tries, job.tries) == (1, 2)
    for late in (
        lambda jobs: jobs.finish(dead),
        lambda jobs: jobs.renew(dead),
        lambda jobs: jobs.fail(dead, "late"),
    ):
        with pytest.raises(LeaseLost), kernel.write(NOBODY) as work:
            work.jobs.enqueue("report", {"n": "result of the dead"})
            late(work.jobs)
    finish(second, job)
    assert claim(later(kernel, 3 * LEASE)) is None  # nothing of the dead one was kept


def test_a_heartbeat_keeps_the_job(kernel):
    enqueue(kernel, 1)
    job = claim(kernel)
    half = later(kernel, LEASE / 2)
    with half.write(NOBODY) as work:
        work.jobs.renew(job)
    assert claim(later(kernel, LEASE + SECOND)) is None
    finish(half, job)


@pytest.mark.parametrize(("kind", "retries"), [("report", RETRIES), ("mail", OF_MAILS)])
def test_a_failing_job_comes_again_later_and_is_given_up_at_last(kind, retries, sqlite_kernel):
    enqueue(sqlite_kernel, 1, kind=kind)
    at = sqlite_kernel
    for wait in retries:
        job = claim(at)
        with at.write(NOBODY) as work:
            work.jobs.fail(job, "TimeoutError")
        assert claim(later(at, wait - SECOND)) is None
        at = later(at, wait)
    job = claim(at)
    assert job.tries == len(retries) + 1
    with at.write(NOBODY) as work:
        work.jobs.fail(job, "TimeoutError")
    row = only_row(sqlite_kernel)
    assert (row.state, row.last_reply, row.done_at) == ("failed", "TimeoutError", at.clock())
    assert claim(later(at, timedelta(days=400))) is None


def test_a_job_that_kills_every_worker_is_given_up(sqlite_kernel):
    enqueue(sqlite_kernel, "deadly", "harmless", order_key="person/7")
    at = sqlite_kernel
    for _ in range(len(RETRIES) + 1):
        assert claim(at).payload["n"] == "deadly"
        at = later(at, LEASE + SECOND)
    assert claim(at).payload["n"] == "harmless"


def test_a_damaged_payload_holds_up_nobody(kernel):
    enqueue(kernel, "damaged", "whole")
    with kernel.write(NOBODY) as work:
        first = work.session.scalars(select(JobRow).order_by(JobRow.id)).first()
        first.payload = first.payload[:-1] + bytes([first.payload[-1] ^ 1])
    assert claimed_in_order(kernel) == ["whole"]
    with kernel.read(NOBODY) as work:
        states = select(JobRow.state, JobRow.last_reply).order_by(JobRow.id)
        assert work.session.execute(states).all()[0] == ("failed", "sealed-damaged")


def test_a_key_is_given_once(kernel):
    for number in (1, 2):
        enqueue(kernel, number, key="reminder/2027-03-01")
    finish(kernel, claim(kernel))
    enqueue(kernel, 3, key="reminder/2027-03-01")
    assert claim(kernel) is None
    assert only_row(kernel).state == "done"


def test_a_key_is_given_once_to_many_threads(kernel):
    def pass_(_number):
        enqueue(later(kernel, 0 * SECOND), 1, 2, key="reminder")
        enqueue(later(kernel, 0 * SECOND), 1, key="another")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pass_, range(8)))
    assert claimed_in_order(kernel) == [1, 1]


def test_jobs_without_a_key_are_all_done(kernel):
    enqueue(kernel, 1, 1)
    assert claimed_in_order(kernel) == [1, 1]


def test_the_payload_is_sealed_and_bound_to_its_row(kernel):
    enqueue(kernel, "olga@firma.example", "max@firma.example")
    with kernel.write(NOBODY) as work:
        rows = work.session.scalars(select(JobRow).order_by(JobRow.id)).all()
        assert all(b"firma" not in row.payload for row in rows)
        assert work.vault.open(rows[0].payload, job_place(rows[0].id)) == {
            "n": "olga@firma.example"
        }
        work.session.execute(update(JobRow).values(payload=rows[0].payload))
    assert claimed_in_order(kernel) == ["olga@firma.example"]


def test_a_number_is_never_given_again(kernel):
    enqueue(kernel, 1)
    first = claim(kernel)
    finish(kernel, first)
    with kernel.write(NOBODY) as work:
        work.session.delete(work.session.get(JobRow, first.id))
    enqueue(kernel, 2)
    assert claim(kernel).id > first.id


def test_what_is_not_due_is_left(kernel, clock):
    enqueue(kernel, 1)
    clock.now -= timedelta(days=1)  # the clock was set back
    assert claim(kernel) is None
    clock.now += timedelta(days=1)
    assert claim(kernel) is not None
