"""A mailed link opens one door, once, for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kernel import links
from app.kernel.errors import LinkExpired
from app.kernel.links import LIFETIMES, LinkRow
from app.kernel.mail import PATHS
from app.kernel.scope import NOBODY

OLGA, MAX = UUID(int=1), UUID(int=2)
SECOND = timedelta(seconds=1)


def mint(kernel, purpose="reset", subject=OLGA):
    with kernel.write(NOBODY) as work:
        return links.mint(work, purpose, subject)


def burn(kernel, token, purpose="reset"):
    with kernel.write(NOBODY) as work:
        return links.burn(work, purpose, token)


def look(kernel, token, purpose="reset"):
    with kernel.read(NOBODY) as work:
        return links.look(work, purpose, token)


def test_looking_uses_nothing_up_and_burning_does(kernel):
    token = mint(kernel)
    assert [look(kernel, token), look(kernel, token), burn(kernel, token)] == [OLGA] * 3
    for use in (look, burn):
        with pytest.raises(LinkExpired):
            use(kernel, token)


@pytest.mark.parametrize("purpose", LIFETIMES)
def test_a_link_ends_with_its_time(purpose, sqlite_kernel, clock):
    token = mint(sqlite_kernel, purpose)
    clock.now += LIFETIMES[purpose] - SECOND
    assert look(sqlite_kernel, token, purpose) == OLGA
    clock.now += SECOND
    for use in (look, burn):
        with pytest.raises(LinkExpired):
            use(sqlite_kernel, token, purpose)


def test_a_link_opens_no_other_door(sqlite_kernel):
    token = mint(sqlite_kernel, "register")
    for use in (look, burn):
        with pytest.raises(LinkExpired):
            use(sqlite_kernel, token, "reset")
    assert burn(sqlite_kernel, token, "register") == OLGA


@pytest.mark.parametrize("token", ["", "x", "ä\x00\N{RIGHT-TO-LEFT OVERRIDE}", "x" * 100_000])
def test_what_is_no_link_is_like_an_expired_one(token, kernel):
    mint(kernel)
    for use in (look, burn):
        with pytest.raises(LinkExpired):
            use(kernel, token)


def test_an_act_that_fails_leaves_its_link(kernel):
    token = mint(kernel)
    with pytest.raises(ZeroDivisionError), kernel.write(NOBODY) as work:
        links.burn(work, "reset", token)
        _ = 1 / 0
    assert burn(kernel, token) == OLGA


def test_using_one_ends_all_of_its_kind_for_that_person(kernel):
    first, second, other_kind = mint(kernel), mint(kernel), mint(kernel, "register")
    of_max = mint(kernel, subject=MAX)
    burn(kernel, second)
    with pytest.raises(LinkExpired):
        burn(kernel, first)
    assert look(kernel, other_kind, "register") == OLGA
    assert look(kernel, of_max) == MAX


def test_of_many_posts_at_once_one_acts(kernel):
    token = mint(kernel)

    def post(_number):
        try:
            return burn(replace(kernel, _one_writer=Lock()), token)
        except LinkExpired:
            return None

    with ThreadPoolExecutor(4) as pool:
        acted = [found for found in pool.map(post, range(8)) if found]
    assert acted == [OLGA]


def test_the_database_knows_no_token(sqlite_kernel):
    tokens = {mint(sqlite_kernel) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)  # 256 bits
    with sqlite_kernel.read(NOBODY) as work:
        stored = repr(work.session.execute(select(LinkRow.__table__)).all())
    assert not any(token in stored for token in tokens)


def test_a_sweep_removes_links_that_ended_a_day_ago(sqlite_kernel, clock):
    mint(sqlite_kernel)
    for wait, left in ((LIFETIMES["reset"] + timedelta(days=1), 1), (SECOND, 0)):
        clock.now += wait
        with sqlite_kernel.write(NOBODY) as work:
            links.sweep(work)
            assert len(work.session.scalars(select(LinkRow.hash)).all()) == left


def test_each_purpose_has_a_page():
    assert PATHS.keys() == LIFETIMES.keys()
