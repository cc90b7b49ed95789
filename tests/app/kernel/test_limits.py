"""Limits count before the act, tell nothing, and lock nobody out for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock

import pytest
from sqlalchemy import select

from app.kernel import limits
from app.kernel.errors import SlowDown
from app.kernel.limits import LIMITS, LimitRow, prefix_of
from app.kernel.scope import NOBODY

OLGA, IP = "olga@firma.example", "203.0.113.7"
EACH = [(act, limit) for act, all_of_it in LIMITS.items() for limit in all_of_it]


def who(limit, number):
    """A client that shares with the others only what this limit counts."""
    return {
        "address": OLGA if limit.whom == "address" else f"person{number}@firma.example",
        "ip": IP if limit.whom == "prefix" else f"10.{number // 250}.{number % 250}.1",
    }


def only(monkeypatch, act, limit):
    monkeypatch.setitem(LIMITS, act, (limit,))


def counters(kernel):
    with kernel.read(NOBODY) as work:
        return sorted(work.session.scalars(select(LimitRow.count)))


@pytest.mark.parametrize(("act", "limit"), EACH)
def test_each_limit_holds_and_ends_with_its_window(act, limit, sqlite_kernel, clock, monkeypatch):
    most = min(limit.most, 60)  # thousands of tries would only take time
    only(monkeypatch, act, replace(limit, most=most))
    for number in range(most):
        limits.count(sqlite_kernel, act, **who(limit, number))
    with pytest.raises(SlowDown) as refused:
        limits.count(sqlite_kernel, act, **who(limit, most))
    wait = timedelta(seconds=refused.value.retry_after_s)
    assert timedelta(0) < wait <= limit.window + timedelta(seconds=1)
    clock.now += wait
    limits.count(sqlite_kernel, act, **who(limit, most))


def test_the_table_is_the_one_we_promise():
    promised = {
        ("sign-in", "address"): "10 / 0:15:00",
        ("sign-in", "prefix"): "50 / 0:15:00",
        ("guest-mail", "prefix"): "20 / 1:00:00",
        ("guest-mail", "whole"): "2000 / 1:00:00",
        ("register", "address"): "5 / 1 day, 0:00:00",
        ("register", "prefix"): "30 / 1:00:00",
        ("quick-check", "prefix"): "60 / 0:01:00",
        ("report", "address"): "10 / 0:01:00",
        ("report", "prefix"): "20 / 0:01:00",
    }
    found = {(act, one.whom): f"{one.most} / {one.window}" for act, one in EACH}
    assert found.items() >= promised.items()
    assert [one.most for act, one in EACH if (act, one.whom) == ("guest-mail", "address")] == [
        3,
        10,
    ]


def test_the_wait_is_told_in_seconds_and_whole_minutes(sqlite_kernel, clock, monkeypatch):
    only(monkeypatch, "sign-in", LIMITS["sign-in"][0])
    clock.now += timedelta(minutes=1, seconds=30)
    for _ in range(10):
        limits.count(sqlite_kernel, "sign-in", address=OLGA)
    with pytest.raises(SlowDown) as refused:
        limits.count(sqlite_kernel, "sign-in", address=OLGA)
    assert refused.value.retry_after_s == 13.5 * 60 + 1
    assert refused.value.facts == {"n": 14}


def test_one_person_at_a_limit_stops_no_other(sqlite_kernel):
    for number in range(11):
        try:
            limits.count(sqlite_kernel, "sign-in", address=OLGA, ip=f"10.0.{number}.1")
        except SlowDown:
            assert number == 10
    limits.count(sqlite_kernel, "sign-in", address="max@firma.example", ip=IP)
    limits.count(sqlite_kernel, "register", address=OLGA, ip=IP)


def test_other_spellings_of_an_address_are_the_same(sqlite_kernel, monkeypatch):
    only(monkeypatch, "sign-in", replace(LIMITS["sign-in"][0], most=1))
    limits.count(sqlite_kernel, "sign-in", address=OLGA)
    with pytest.raises(SlowDown):
        limits.count(sqlite_kernel, "sign-in", address=f" {OLGA.upper()} ")


@pytest.mark.parametrize(
    ("ip", "prefix"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("203.0.113.7/8", "unknown"),
    ],
)
def test_a_client_is_counted_by_its_network(ip, prefix):
    assert prefix_of(ip) == prefix


def test_a_success_forgives_the_address_and_not_its_network(sqlite_kernel):
    for _ in range(10):
        limits.count(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    limits.forgive(sqlite_kernel, "sign-in", address=OLGA)
    for _ in range(10):
        limits.count(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    assert counters(sqlite_kernel) == [10, 20]


def test_the_network_gets_back_the_one_try_that_succeeded(sqlite_kernel):
    for number in range(3):
        limits.count(sqlite_kernel, "sign-in", address=f"{number}@firma.example", ip=IP)
    limits.count(sqlite_kernel, "sign-in", address=OLGA, ip="198.51.100.1")
    limits.forgive(sqlite_kernel, "sign-in", address="2@firma.example", ip=IP)
    assert counters(sqlite_kernel) == [1, 1, 1, 1, 2]


def test_nothing_is_given_back_below_zero(sqlite_kernel, clock):
    limits.count(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    for _ in range(2):
        limits.forgive(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    assert counters(sqlite_kernel) == [0]
    clock.now += timedelta(minutes=15)
    limits.forgive(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    assert counters(sqlite_kernel) == [0]


def test_the_counters_tell_nothing(sqlite_kernel):
    limits.count(sqlite_kernel, "sign-in", address=OLGA, ip=IP)
    with sqlite_kernel.read(NOBODY) as work:
        stored = repr(work.session.execute(select(LimitRow.__table__)).all())
    assert not any(word in stored for word in ("olga", "firma", "203.0", "sign-in"))


def test_counting_is_exact_under_load(kernel, monkeypatch):
    only(monkeypatch, "sign-in", replace(LIMITS["sign-in"][0], most=25))

    def attempt(_number):
        try:
            limits.count(replace(kernel, _one_writer=Lock()), "sign-in", address=OLGA)
        except SlowDown:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(40))) == 25


def test_what_is_refused_is_still_counted(sqlite_kernel, monkeypatch):
    """The counter is raised before the act, so hammering on does not help."""
    only(monkeypatch, "sign-in", replace(LIMITS["sign-in"][0], most=1))
    limits.count(sqlite_kernel, "sign-in", address=OLGA)
    for _ in range(3):
        with pytest.raises(SlowDown):
            limits.count(sqlite_kernel, "sign-in", address=OLGA)
    with sqlite_kernel.read(NOBODY) as work:
        assert work.session.scalars(select(LimitRow.count)).one() == 4


def test_the_counter_survives_the_failure_of_the_act(sqlite_kernel, monkeypatch):
    only(monkeypatch, "sign-in", replace(LIMITS["sign-in"][0], most=1))
    limits.count(sqlite_kernel, "sign-in", address=OLGA)
    with pytest.raises(ZeroDivisionError), sqlite_kernel.write(NOBODY):
        _ = 1 / 0
    with pytest.raises(SlowDown):
        limits.count(sqlite_kernel, "sign-in", address=OLGA)


def test_limits_can_be_off(sqlite_kernel):
    off = replace(sqlite_kernel, settings=replace(sqlite_kernel.settings, rate_limits=False))
    for _ in range(20):
        limits.count(off, "sign-in", address=OLGA)


def test_a_sweep_keeps_windows_that_still_count(sqlite_kernel, clock):
    limits.count(sqlite_kernel, "sign-in", address=OLGA)
    for wait, left in ((timedelta(days=1), 2), (timedelta(minutes=16), 0)):
        clock.now += wait
        with sqlite_kernel.write(NOBODY) as work:
            limits.sweep(work)
            assert len(work.session.scalars(select(LimitRow.key)).all()) == left
