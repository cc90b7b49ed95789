"""One transaction, one instant, one scope: what is acknowledged is there, once."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock

import pytest
from sqlalchemy import delete, event, func, select, text, update
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError

from app.kernel import db, work as unit
from app.kernel.db import core, open_engine
from app.kernel.errors import Busy, DiskFull
from app.kernel.i18n import BERLIN
from app.kernel.ids import utc_now
from app.kernel.jobs import JobRow
from app.kernel.limits import LimitRow
from app.kernel.scope import NOBODY
from tests.conftest import NOON

KEY = b"counter"


def row(count=0):
    return LimitRow(key=KEY, ends_at=NOON, count=count)


def counted(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.scalars(select(LimitRow.count)).all()


def another_process(kernel):
    """It shares the database, but not the lock of this process."""
    return replace(kernel, _one_writer=Lock())


def test_a_write_is_there_afterwards(kernel):
    with kernel.write(NOBODY) as work:
        work.add(row(count=3))
    assert counted(kernel) == [3]


def test_a_read_cannot_write(kernel):
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), kernel.read(NOBODY) as work:
        work.add(row())
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), kernel.read(NOBODY) as work:
        work.session.execute(text("DELETE FROM limits"))
    assert counted(kernel) == []


def test_a_connection_that_read_can_write_the_next_time(kernel):
    for _ in range(3):
        counted(kernel)
    with kernel.write(NOBODY) as work:
        work.add(row())
    assert counted(kernel) == [0]


def test_an_exception_leaves_nothing_behind(kernel):
    with pytest.raises(ZeroDivisionError), kernel.write(NOBODY) as work:
        work.add(row())
        work.jobs.enqueue("mail", {})
        _ = 1 / 0
    assert counted(kernel) == []
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count(JobRow.id))) == 0


def test_a_write_inside_a_write_is_refused_at_once(kernel):
    for inner in (kernel.write, kernel.side_write, another_process(kernel).write):
        with (
            kernel.write(NOBODY),
            pytest.raises(RuntimeError, match="pass the work on"),
            inner(NOBODY),
        ):
            pass
    with kernel.write(NOBODY) as work:
        work.add(row())  # the lock is free again


def test_a_read_inside_a_write_sees_what_was_committed(kernel):
    with kernel.write(NOBODY) as work:
        work.add(row())
        assert counted(kernel) == []
    assert counted(kernel) == [0]


def test_the_clock_is_read_after_the_transaction_has_begun(kernel):
    order = []
    event.listen(kernel.engine, "begin", lambda _connection: order.append("begin"))

    def clock():
        order.append("clock")
        return NOON

    with replace(kernel, clock=clock).write(NOBODY):
        assert order == ["begin", "clock"]


def test_a_kernel_can_be_told_the_time(kernel):
    later = NOON + timedelta(days=3)
    with kernel.at(later).read(NOBODY) as work:
        assert work.now == later
    with (
        kernel.write(NOBODY),
        pytest.raises(RuntimeError, match="pass the work on"),
        kernel.at(later).write(NOBODY),
    ):
        pass


def test_work_ends_with_its_block(kernel):
    with kernel.write(NOBODY) as work:
        pass
    with pytest.raises(InvalidRequestError):
        work.session.scalars(select(LimitRow.count))


def test_times_come_back_aware_and_in_utc(kernel):
    in_berlin = NOON.astimezone(BERLIN)
    with kernel.write(NOBODY) as work:
        work.add(LimitRow(key=KEY, ends_at=in_berlin, count=0))
    with kernel.read(NOBODY) as work:
        stored = work.session.scalars(select(LimitRow.ends_at)).one()
    assert (stored, stored.utcoffset()) == (NOON, timedelta(0))


def test_a_naive_time_is_refused(kernel):
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive time"), kernel.read(NOBODY) as work:
        work.session.scalars(select(JobRow.id).where(JobRow.due_at < naive))


def test_read_then_write_in_many_threads_loses_nothing(kernel):
    with kernel.write(NOBODY) as work:
        work.add(row())

    def raise_it(number):
        mine = another_process(kernel) if number % 2 else kernel
        for _ in range(40):
            with mine.write(NOBODY) as work:
                locked = select(LimitRow.count).where(LimitRow.key == KEY).with_for_update()
                seen = work.session.scalars(locked).one()
                work.session.execute(update(core(LimitRow)).values(count=seen + 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(raise_it, range(6)))
    assert counted(kernel) == [240]


def test_now_grows_with_the_order_of_commits(sqlite_kernel):
    """Who commits later has the later time, whatever thread was first at the door."""
    kernel = replace(sqlite_kernel, clock=utc_now)

    def add(number):
        with kernel.write(NOBODY) as work:
            work.audit.record("tried", number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(60)))
    with kernel.read(NOBODY) as work:
        times = work.session.scalars(text("SELECT at FROM audit ORDER BY id")).all()
    assert len(times) == 60
    assert times == sorted(times)


def test_a_writer_elsewhere_means_busy_and_then_it_works(sqlite_kernel, monkeypatch):
    monkeypatch.setattr(db, "PRAGMAS", ("busy_timeout=50", *db.PRAGMAS[1:]))
    settings = sqlite_kernel.settings
    kernel = replace(sqlite_kernel, engine=open_engine(settings.database))
    elsewhere = sqlite3.connect(settings.data / "lotse.db", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), kernel.write(NOBODY) as work:
        work.add(row())
    assert counted(kernel) == []  # reading goes on meanwhile
    elsewhere.execute("ROLLBACK")
    elsewhere.close()
    with kernel.write(NOBODY) as work:
        work.add(row())
    assert counted(kernel) == [0]
    kernel.engine.dispose()


def test_a_writer_in_this_process_means_busy_too(sqlite_kernel, monkeypatch):
    monkeypatch.setattr(unit, "BUSY_S", 0.05)

    def write():
        with pytest.raises(Busy), sqlite_kernel.write(NOBODY):
            pass

    with sqlite_kernel.write(NOBODY), ThreadPoolExecutor(1) as pool:
        pool.submit(write).result()


@pytest.mark.postgres
@pytest.mark.parametrize("kernel", ["postgresql"], indirect=True)
def test_a_row_that_another_holds_means_busy(kernel, monkeypatch):
    monkeypatch.setitem(db.POSTGRESQL, "options", "-c lock_timeout=50")
    waiting = replace(kernel, engine=open_engine(kernel.settings.database))
    with kernel.write(NOBODY) as work:
        work.add(row())

    def write():
        with pytest.raises(Busy), waiting.write(NOBODY) as work:
            work.session.execute(update(LimitRow).values(count=2))

    with kernel.write(NOBODY) as work, ThreadPoolExecutor(1) as pool:
        work.session.execute(update(LimitRow).values(count=1))
        pool.submit(write).result()
    assert counted(waiting) == [1]
    waiting.engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("kernel", ["postgresql"], indirect=True)
def test_a_database_that_was_restarted_is_found_again(kernel):
    counted(kernel)
    with kernel.write(NOBODY) as work, ThreadPoolExecutor(1) as pool:
        others = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pool.submit(counted, kernel).result()
        work.session.execute(others)
    assert counted(kernel) == []


def test_no_connection_left_means_busy(sqlite_kernel, monkeypatch):
    engine = sqlite_kernel.engine
    monkeypatch.setattr(engine.pool, "_timeout", 0.05)
    taken = [engine.connect() for _ in range(db.THREADS + 2 + 10)]
    with pytest.raises(Busy):
        counted(sqlite_kernel)
    for connection in taken:
        connection.close()
    assert counted(sqlite_kernel) == []


def test_a_full_disk_is_said_and_reading_goes_on(sqlite_kernel):
    kernel = sqlite_kernel
    kernel.engine.dispose()  # the next connection is the only one, and has no room
    with kernel.write(NOBODY) as work:
        work.add(row())
        pages = work.session.execute(text("PRAGMA page_count")).scalar()
        work.session.execute(text(f"PRAGMA max_page_count = {pages}"))

    def fill():
        with kernel.write(NOBODY) as work:
            for _ in range(200):
                work.jobs.enqueue("mail", {"text": "x" * 4000})

    with pytest.raises(DiskFull):
        fill()
    assert counted(kernel) == [0]
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count(JobRow.id))) == 0
    with kernel.write(NOBODY) as work:
        work.session.execute(text("PRAGMA max_page_count = 1000000"))
    fill()  # without a restart
    with kernel.read(NOBODY) as work:
        assert work.session.scalar(select(func.count(JobRow.id))) == 200


def test_what_was_acknowledged_is_in_the_files(sqlite_kernel, tmp_path):
    """As after a power cut: a copy of the files, taken while the service runs, opens whole."""
    for number in range(5):
        with sqlite_kernel.write(NOBODY) as work:
            work.session.execute(delete(LimitRow))
            work.add(row(count=number))
        copy = tmp_path / f"copy-{number}"
        copy.mkdir()
        for path in sqlite_kernel.settings.data.glob("lotse.db*"):
            shutil.copy(path, copy)
        found = sqlite3.connect(copy / "lotse.db")
        assert found.execute("SELECT count FROM limits").fetchall() == [(number,)]
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found.close()


def test_connections_are_set_for_safety(sqlite_kernel):
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }
    with sqlite_kernel.read(NOBODY) as work:
        found = {name: work.session.scalar(text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted


def test_an_unknown_error_of_the_database_stays_a_bug(kernel):
    with pytest.raises(DBAPIError), kernel.read(NOBODY) as work:
        work.session.execute(text("SELECT nothing FROM nowhere"))


def test_many_units_of_work_leave_nothing_in_memory(kernel):
    counted(kernel)
    registered = len(event.registry._key_to_collection)
    for _ in range(50):
        counted(kernel)
    assert len(event.registry._key_to_collection) <= registered + 5
