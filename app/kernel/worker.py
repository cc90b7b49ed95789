"""Does due work: claims jobs, calls their handlers, keeps the clock.

Runs in a process of its own. Claims in the database keep any number of workers apart, and a
pass that runs twice changes nothing, so no lock decides who keeps the clock.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import delete

from app.kernel import limits, links
from app.kernel.jobs import Job, JobRow, LeaseLost
from app.kernel.logs import note
from app.kernel.scope import NOBODY
from app.kernel.work import Handler, Kernel, Work

TICK_S = 1
SWEEP_S = 60
HEARTBEAT_S = 20
KEEP_PAYLOADS = timedelta(days=30)
JOBS_PER_TICK = 50

Pass = Callable[[Kernel], None]
"""Regular work of a feature; it may be called at any time and twice."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Does jobs and regular passes, one at a time.

    Attributes:
        kernel: of the process.
        handlers: kind of job → who does it.
        passes: regular work of features, after each sweep of our own tables.
    """

    kernel: Kernel
    handlers: Mapping[str, Handler]
    passes: Sequence[Pass]
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def tick(self) -> int:
        """Do what is due and return how many jobs that were."""
        for done in range(JOBS_PER_TICK):
            if self._stop.is_set() or not self._one_job():
                return done
        return JOBS_PER_TICK

    def sweep(self) -> None:
        """Remove what has ended: windows of limits, links, old payloads, what features name."""
        with self.kernel.write(NOBODY) as work:
            limits.sweep(work)
            links.sweep(work)
            _forget_old_jobs(work)
        for regular in self.passes:
            self._guarded(partial(regular, self.kernel))

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; the job in hand is finished first."""
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415  (worker only)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        clock = BackgroundScheduler(timezone="UTC", daemon=False)
        for task, every_s in ((self.tick, TICK_S), (self.sweep, SWEEP_S)):
            clock.add_job(
                self._guarded,
                "interval",
                args=(task,),
                seconds=every_s,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        clock.start()
        note("worker-started")
        self._stop.wait()
        clock.shutdown(wait=True)
        note("worker-stopped")

    def _guarded(self, task: Callable[[], object]) -> None:
        """A pass that fails is noted and comes again; the clock goes on."""
        try:
            task()
        except Exception as error:  # noqa: BLE001  (whatever it is, the next tick must come)
            note("pass-failed", error=error)

    def _one_job(self) -> bool:
        with self.kernel.write(NOBODY) as work:
            job = work.jobs.claim()
        if job is None:
            return False
        try:
            self._try(job)
        except LeaseLost:
            note("lease-lost", kind=job.kind, job_id=job.id)
        return True

    def _try(self, job: Job) -> None:
        try:
            with self._heartbeat(job):
                self.handlers[job.kind](self.kernel, job)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  (any failure is a try that failed)
            note("job-failed", error=error, kind=job.kind, job_id=job.id)
            with self.kernel.write(NOBODY) as work:
                work.jobs.fail(job, type(error).__name__)

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[None]:
        """Renew the lease of a long job, so that no second worker takes it."""
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(HEARTBEAT_S):
                try:
                    with self.kernel.write(NOBODY) as work:
                        work.jobs.renew(job)
                except LeaseLost:
                    return
                except Exception as error:  # noqa: BLE001  (busy now; the next beat may come through)
                    note("heartbeat-failed", error=error, kind=job.kind, job_id=job.id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _forget_old_jobs(work: Work) -> None:
    """Payloads carry addresses: they go 30 days after the job has ended, however it ended."""
    work.session.execute(delete(JobRow).where(JobRow.done_at < work.now - KEEP_PAYLOADS))
