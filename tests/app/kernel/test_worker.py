"""The worker does what is due, whatever happens to a single job."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from app.kernel import limits, links, worker as module
from app.kernel.jobs import LEASE, JobRow
from app.kernel.limits import LimitRow
from app.kernel.links import LinkRow
from app.kernel.scope import NOBODY
from app.kernel.worker import KEEP_PAYLOADS, Worker

DAY = timedelta(days=1)


@pytest.fixture
def kernel(sqlite_kernel):
    return sqlite_kernel


def enqueue(kernel, *kinds):
    with kernel.write(NOBODY) as work:
        for kind in kinds:
            work.jobs.enqueue(kind, {"for": kind})


def done(kernel, job):
    with kernel.write(NOBODY) as work:
        work.jobs.finish(job)


def states(kernel):
    with kernel.read(NOBODY) as work:
        return dict(work.session.execute(select(JobRow.kind, JobRow.state)).all())


def worker(kernel, *passes, **handlers):
    return Worker(kernel, {"fine": done, **handlers}, passes)


def test_a_tick_does_what_is_due_and_counts_it(kernel):
    enqueue(kernel, "fine", "fine")
    assert worker(kernel).tick() == 2
    assert states(kernel) == {"fine": "done"}
    assert worker(kernel).tick() == 0


def test_a_handler_gets_kernel_and_job_outside_any_transaction(kernel):
    got = []

    def handler(given, job):
        got.append((given, job.payload))
        done(given, job)  # would raise inside a write

    enqueue(kernel, "report")
    worker(kernel, report=handler).tick()
    assert got == [(kernel, {"for": "report"})]


def test_a_failing_handler_holds_up_nobody_and_is_tried_again(kernel, clock, caplog):
    tries = []

    def broken(_kernel, job):
        tries.append(job.tries)
        raise ValueError("olga@firma.example")

    enqueue(kernel, "broken", "fine")
    assert worker(kernel, broken=broken).tick() == 2
    assert states(kernel) == {"broken": "ready", "fine": "done"}
    with kernel.read(NOBODY) as work:
        reply = work.session.scalars(select(JobRow.last_reply).where(JobRow.kind == "broken"))
        assert reply.one() == "ValueError"  # and not its text
    clock.now += timedelta(minutes=1)
    worker(kernel, broken=broken).tick()
    assert tries == [1, 2]
    assert [record.msg for record in caplog.records] == ["job-failed", "job-failed"]


def test_a_kind_that_nobody_knows_is_tried_again(kernel):
    enqueue(kernel, "of the next version")
    worker(kernel).tick()
    assert states(kernel) == {"of the next version": "ready"}


def test_what_a_handler_wrote_before_it_failed_is_its_own_affair(kernel):
    def half(kernel, job):
        with kernel.write(NOBODY) as work:
            work.jobs.enqueue("fine", {})
            work.jobs.finish(job)
            raise ValueError

    enqueue(kernel, "half")
    worker(kernel, half=half).tick()
    assert states(kernel) == {"half": "ready"}  # result and "done" come together or not at all


def test_a_job_that_another_worker_has_taken_over_is_left_to_it(kernel, clock, caplog):
    def slow(kernel, job):
        clock.now += LEASE + timedelta(seconds=1)
        with kernel.write(NOBODY) as work:
            assert work.jobs.claim() is not None  # by the other worker
        done(kernel, job)

    caplog.set_level("INFO", "lotse")
    enqueue(kernel, "slow")
    assert worker(kernel, slow=slow).tick() == 1
    assert states(kernel) == {"slow": "running"}
    assert [record.msg for record in caplog.records] == ["lease-lost"]


def test_a_failure_after_the_lease_is_left_to_the_other_too(kernel, clock):
    def slow(kernel, job):
        clock.now += LEASE + timedelta(seconds=1)
        with kernel.write(NOBODY) as work:
            work.jobs.claim()
        raise ValueError

    enqueue(kernel, "slow")
    assert worker(kernel, slow=slow).tick() == 1
    assert states(kernel) == {"slow": "running"}


def lease(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.scalars(select(JobRow.lease_until)).one()


def test_a_long_job_keeps_its_lease(kernel, clock, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.01)

    def long(kernel, job):
        clock.now += LEASE / 2
        wanted, waited = clock.now + LEASE, threading.Event()
        for _ in range(500):
            if lease(kernel) == wanted:
                break
            waited.wait(0.01)
        assert lease(kernel) == wanted
        done(kernel, job)

    enqueue(kernel, "long")
    worker(kernel, long=long).tick()
    assert states(kernel) == {"long": "done"}


def test_a_heartbeat_that_fails_beats_on(kernel, monkeypatch, caplog):
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.01)
    beats = threading.Semaphore(0)

    def stumbling():
        if threading.current_thread() is not threading.main_thread():
            beats.release()
            raise OSError
        return kernel.clock()

    def long(kernel, job):
        assert beats.acquire(timeout=5)
        assert beats.acquire(timeout=5)
        done(kernel, job)

    enqueue(kernel, "long")
    worker(replace(kernel, clock=stumbling), long=long).tick()
    assert states(kernel) == {"long": "done"}
    assert "heartbeat-failed" in [record.msg for record in caplog.records]


def test_a_sweep_removes_what_has_ended_and_twice_is_once(kernel, clock):
    limits.count(kernel, "register", address="olga@firma.example", ip="203.0.113.7")
    with kernel.write(NOBODY) as work:
        links.mint(work, "reset", work.new_id())
    enqueue(kernel, "fine", "broken")
    worker(kernel).tick()

    def left():
        with kernel.read(NOBODY) as work:
            return [
                len(work.session.execute(select(table)).all())
                for table in (LimitRow, LinkRow, JobRow)
            ]

    before = left()
    worker(kernel).sweep()
    assert left() == before  # nothing has ended yet
    clock.now += KEEP_PAYLOADS + timedelta(seconds=1)
    for _ in range(2):
        worker(kernel).sweep()
        assert left() == [0, 0, 1]
    assert states(kernel) == {"broken": "ready"}


def test_passes_of_features_are_called_and_a_broken_one_stops_no_other(kernel, caplog):
    called: list[object] = []

    def broken(_kernel):
        raise ValueError

    worker(kernel, broken, called.append).sweep()
    assert called == [kernel]
    assert [record.msg for record in caplog.records] == ["pass-failed"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_worker_after_the_job_in_hand(number, kernel, monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.01)
    begun, finished = threading.Event(), []

    def slow(kernel, job):
        begun.set()
        os.kill(os.getpid(), number)
        threading.Event().wait(0.1)
        done(kernel, job)
        finished.append(job.id)

    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    enqueue(kernel, "slow", "slow", "slow")
    try:
        worker(kernel, slow=slow).run()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert begun.is_set()
    assert len(finished) == 1
    with kernel.read(NOBODY) as work:
        assert sorted(work.session.scalars(select(JobRow.state))) == ["done", "ready", "ready"]


def test_the_clock_goes_on_after_a_pass_that_failed(kernel, monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.01)
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    swept, stop = threading.Semaphore(0), partial(os.kill, os.getpid(), signal.SIGTERM)
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def broken(_kernel):
        swept.release()
        raise ValueError

    def watch():
        for _ in range(2):
            assert swept.acquire(timeout=10)
        stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        worker(kernel, broken).run()
    finally:
        watcher.join()
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
