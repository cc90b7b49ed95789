"""Whoever kills the service loses nothing that was acknowledged, and nothing is done twice."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.assessments import service as assessments
from app.assessments.service.storing import stored_answers
from app.kernel.audit import AuditRow
from app.kernel.jobs import JobRow
from app.kernel.mail import mailbox, send
from app.kernel.scope import everything
from app.kernel.settings import Settings
from app.kernel.start import init, open_kernel
from app.kernel.work import Kernel
from app.kernel.worker import JOBS_PER_TICK
from app.main import metadata
from checklists import load_library
from tests import make, postgres
from tests.security.dump import dump
from tests.security.killable import LOOK_EVERY_S, Client, Service, service
from tests.security.saving import Saver

CLIENTS = 8
PROCESSES = 4
"""Two for the web, the one that keeps them, the worker; a killed one may be on its way."""
LONGEST_LIFE_S = 1.0
FIRST_SAVE_S = WORKER_S = 30
LATER = timedelta(minutes=3)
"""The leases of killed workers have ended by then."""
PARTS = [part.id for part in load_library().catalog(make.CATALOG).parts]
LOOKING = everything("a test looks at the books")


@dataclass(frozen=True, slots=True)
class Instance:
    """A service that does not run yet, with a firm and its check.

    While it is killed and started nobody else may hold the database: the service itself has to
    bring back what the write-ahead log holds.
    """

    service: Service
    settings: Settings
    firm: make.Firm
    check: UUID

    @property
    def tokens(self) -> tuple[str, str]:
        return self.firm.cookie(self.firm.owner), self.firm.cookie(self.firm.member)

    def ask_for_mail(self) -> None:
        email = f"vera@{self.firm.id.hex}.example"
        assert Client(self.service).post("/passwort-vergessen", email=email).status == 200

    def ask_for_report(self, report: UUID) -> None:
        path = f"/checks/{self.check}/berichte"
        client = Client(self.service, {"lotse": self.tokens[0]})
        assert client.post(path, id=str(report), language="de").status == 303


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with service(tmp_path, environment={"LOTSE_RATE_LIMITS": "off"}) as made:
        yield prepared(made)


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_server: str) -> Iterator[Instance]:
    database = postgres.fresh_database(postgres_server)
    environment = {"LOTSE_RATE_LIMITS": "off", "LOTSE_DATABASE_URL": database}
    with service(tmp_path, environment=environment) as made:
        yield prepared(made, database)


def prepared(made: Service, database: str = "") -> Instance:
    settings = Settings(data=made.data, base_url=made.base_url, database_url=database)
    kernel = init(settings, metadata())
    firm = make.firm(kernel)
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
    kernel.engine.dispose()
    return Instance(made, settings, firm, check)


def test_ten_kills_lose_nothing_and_double_nothing(instance: Instance):
    kill_and_look(instance, kills=10)


@pytest.mark.postgres
def test_the_same_holds_on_postgresql(on_postgres: Instance):
    kill_and_look(on_postgres, kills=3)


@pytest.mark.long
def test_a_hundred_kills_lose_nothing_and_double_nothing(instance: Instance):
    kill_and_look(instance, kills=100)


def test_half_a_mail_is_not_in_the_mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def killed(_self: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    settings = Settings(data=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        send(settings, EmailMessage(), "00000001.eml")
    assert list(mailbox(settings).iterdir()) != []
    assert list(mailbox(settings).glob("*.eml")) == []


def kill_and_look(instance: Instance, kills: int) -> None:
    savers = [
        Saver(
            instance.service,
            instance.tokens[number // 2 % 2],
            instance.check,
            PARTS[number::CLIENTS],
            patient=number % 2 == 0,
        )
        for number in range(CLIENTS)
    ]
    report = uuid4()
    _live_and_die(instance, savers, report, kills)
    later = (datetime.now(UTC) + LATER).isoformat()
    for _ in range(1 + kills // JOBS_PER_TICK):
        instance.service.run("worker", "--once", "--now", later)
    assert [problem for saver in savers for problem in saver.problems] == []
    if not instance.settings.database_url:
        _is_whole(instance.settings.data / "lotse.db")
    kernel = open_kernel(instance.settings)
    try:
        _every_answer_is_there_once(kernel, instance, savers)
        _every_job_is_done_once(kernel, instance, report, mails=kills)
    finally:
        kernel.engine.dispose()


def _live_and_die(instance: Instance, savers: list[Saver], report: UUID, kills: int) -> None:
    instance.service.start()
    for saver in savers:
        saver.start()
    for life in range(kills):
        instance.ask_for_mail()
        if life == 0:  # the first kill meets the worker at its work
            instance.ask_for_report(report)
            _wait_until_it_is_drawn(instance)
        else:
            _wait_for_a_save(savers)
            time.sleep(secrets.SystemRandom().uniform(0, LONGEST_LIFE_S))
        assert instance.service.kill() >= PROCESSES
        instance.service.start()
    for saver in savers:
        saver.finish()
    instance.service.stop()


def _wait_for_a_save(savers: list[Saver]) -> None:
    """Without one in each life there would be nothing to lose."""
    before, deadline = _acknowledged(savers), time.monotonic() + FIRST_SAVE_S
    while _acknowledged(savers) == before:
        assert time.monotonic() < deadline, [saver.problems for saver in savers]
        time.sleep(LOOK_EVERY_S)


def _wait_until_it_is_drawn(instance: Instance) -> None:
    state, deadline = "", time.monotonic() + WORKER_S
    while state != "running":
        assert state != "done", "drawn before anybody saw it begin"
        assert time.monotonic() < deadline, "the worker does not begin"
        time.sleep(LOOK_EVERY_S)
        jobs = dump(instance.settings.database)["jobs"]
        [state] = [job["state"] for job in jobs if job["kind"] == "report"]


def _acknowledged(savers: list[Saver]) -> int:
    return sum(saver.acknowledged.total() for saver in savers)


def _is_whole(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _every_answer_is_there_once(kernel: Kernel, instance: Instance, savers: list[Saver]) -> None:
    with kernel.read(instance.firm.viewer) as work:
        stored = stored_answers(work, instance.check)
    with kernel.read(LOOKING) as work:
        saved = select(AuditRow.id).where(AuditRow.action == "answer-saved")
        acts = len(work.session.scalars(saved).all())
    revisions = Counter({question: item.revision for question, item in stored.items()})
    acknowledged = sum((saver.acknowledged for saver in savers), Counter[str]())
    sent = sum((saver.sent for saver in savers), Counter[str]())
    there = {q: (item.answer.value.value, item.answer.note) for q, item in stored.items()}
    assert there == {question: last for saver in savers for question, last in saver.last.items()}
    assert revisions == sum((saver.revisions for saver in savers), Counter[str]())
    assert acknowledged <= revisions <= sent
    assert acts == revisions.total()


def _every_job_is_done_once(
    kernel: Kernel, instance: Instance, report: UUID, *, mails: int
) -> None:
    with kernel.read(LOOKING) as work:
        jobs = work.session.execute(select(JobRow.kind, JobRow.state, JobRow.tries)).all()
    assert [tries > 1 for kind, _state, tries in jobs if kind == "report"] == [True]
    assert Counter((kind, state) for kind, state, _tries in jobs) == {
        ("mail", "done"): mails,
        ("report", "done"): 1,
    }
    delivered = [path.read_bytes() for path in mailbox(kernel.settings).glob("*.eml")]
    numbers = {mail.partition(b"\nMessage-ID: ")[2].partition(b"\n")[0] for mail in delivered}
    assert len(delivered) == len(numbers) == mails
    with kernel.read(instance.firm.viewer) as work:
        file = assessments.report_file(work, instance.check, report)
    assert file.content.startswith(b"%PDF-")
