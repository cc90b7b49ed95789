from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, func, select

from app.accounts import service
from app.accounts.service.sessions import IDLE, LONGEST, MOST_SESSIONS
from app.accounts.tables import MembershipRow, PersonRow, SessionRow
from app.kernel.errors import SignInFailed
from app.kernel.scope import GUEST, NOBODY
from app.main import create_worker

PASSWORD = "vier Wörter Kaffee Amboss"


def who(kernel, token):
    with kernel.read(NOBODY) as work:
        return service.identify(work, token)


def mail_of(firm):
    return f"max@{firm.id.hex}.example"


def set_password(kernel, firm):
    hashed = service.hash_password(PASSWORD)
    with kernel.write(firm.member) as work:
        work.session.get(PersonRow, firm.member.actor).password_hash = hashed


def test_a_token_names_person_firm_role_and_language(kernel, firm):
    found = who(kernel, firm.cookie(firm.member))
    assert found.scope == firm.member
    assert (found.language, found.session_seen_at) == ("de", kernel.clock())


def test_a_wrong_token_is_a_guest(kernel, firm):
    assert who(kernel, "nonsense") == GUEST


def test_a_cookie_is_answered_by_one_statement(kernel, firm):
    seen = []
    event.listen(kernel.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    who(kernel, firm.cookie(firm.member))
    assert len([sentence for sentence in seen if "sessions" in sentence]) == 1


def test_a_session_ends_when_nobody_uses_it(kernel, firm, clock):
    token = firm.cookie(firm.member)
    clock.now += IDLE - timedelta(minutes=1)
    assert who(kernel, token).scope == firm.member
    with kernel.write(firm.member) as work:
        service.note_seen(work, token)
    clock.now += IDLE - timedelta(minutes=1)
    assert who(kernel, token).scope == firm.member
    for _ in range(2):
        clock.now += timedelta(minutes=1)
        assert who(kernel, token) == GUEST


def test_a_session_ends_after_a_week_however_much_it_is_used(kernel, firm, clock):
    token = firm.cookie(firm.member)
    end = clock.now + LONGEST
    while clock.now < end - IDLE:
        clock.now += IDLE / 2
        with kernel.write(firm.member) as work:
            service.note_seen(work, token)
    clock.now = end
    assert who(kernel, token) == GUEST


def test_whoever_left_the_firm_is_a_guest_at_once(kernel, firm):
    with kernel.write(firm.owner) as work:
        work.session.execute(
            delete(MembershipRow).where(MembershipRow.person_id == firm.member.actor)
        )
    assert who(kernel, firm.cookie(firm.member)) == GUEST


def test_the_eleventh_session_ends_the_oldest(kernel, firm, clock):
    tokens = [firm.cookie(firm.member)]
    for _ in range(MOST_SESSIONS):
        clock.now += timedelta(minutes=1)
        with kernel.write(firm.member) as work:
            tokens.append(service.start_session(work))
    signed_in = [who(kernel, token).scope == firm.member for token in tokens]
    assert signed_in == [False] + [True] * MOST_SESSIONS
    assert who(kernel, firm.cookie(firm.owner)).scope == firm.owner


def test_signing_out_ends_one_session(kernel, firm):
    with kernel.write(firm.member) as work:
        second = service.start_session(work)
    with kernel.write(NOBODY) as work:
        service.end_session(work, second)
        service.end_session(work, second)
    assert who(kernel, second) == GUEST
    assert who(kernel, firm.cookie(firm.member)).scope == firm.member


def test_ended_sessions_are_swept_a_day_later(kernel, firm, clock):
    clock.now += IDLE + timedelta(hours=23)
    create_worker(kernel).sweep()
    assert count(kernel) == 3
    clock.now += timedelta(hours=2)
    create_worker(kernel).sweep()
    assert count(kernel) == 0


def count(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.scalar(select(func.count()).select_from(SessionRow))


def test_the_right_password_starts_a_session(kernel, firm):
    set_password(kernel, firm)
    with kernel.read(NOBODY) as work:
        known = service.look_up(work, mail_of(firm).upper())
    proven = service.check(known, PASSWORD)
    with kernel.write(proven.scope) as work:
        token = service.sign_in(work, proven, instead_of=firm.cookie(firm.member))
    assert who(kernel, token).scope == firm.member
    assert who(kernel, firm.cookie(firm.member)) == GUEST


def test_a_hash_of_old_parameters_is_replaced_at_sign_in(kernel, firm):
    set_password(kernel, firm)
    with kernel.read(NOBODY) as work:
        known = service.look_up(work, mail_of(firm))
    proven = service.Proven(known.scope, known.password_hash, "new hash")
    with kernel.write(proven.scope) as work:
        service.sign_in(work, proven)
    with kernel.read(NOBODY) as work:
        assert service.look_up(work, mail_of(firm)).password_hash == "new hash"


def test_a_password_set_meanwhile_ends_what_the_old_one_had_proven(kernel, firm):
    set_password(kernel, firm)
    with kernel.read(NOBODY) as work:
        known = service.look_up(work, mail_of(firm))
    proven = service.check(known, PASSWORD)
    with kernel.write(firm.member) as work:
        work.session.get(PersonRow, firm.member.actor).password_hash = "of the new one"
    with kernel.write(proven.scope) as work, pytest.raises(SignInFailed):
        service.sign_in(work, proven)
    with kernel.read(NOBODY) as work:
        assert service.look_up(work, mail_of(firm)).password_hash == "of the new one"


@pytest.mark.parametrize("email", ["max@{}.example", "niemand@{}.example"])
def test_wrong_password_and_unknown_address_fail_alike(kernel, firm, email):
    with kernel.read(NOBODY) as work:
        known = service.look_up(work, email.format(firm.id.hex))
    with pytest.raises(SignInFailed):
        service.check(known, "not the password")


def test_names_are_sealed_and_found_again(kernel, firm):
    with kernel.read(firm.member) as work:
        assert service.names(work) == ("Krause Metallbau", "Max")
        assert service.name_of(work, firm.owner.actor) == "Olga"
        assert service.name_of(work, work.new_id()) is None
        both = [firm.owner.actor, firm.viewer.actor, work.new_id()]
        assert set(service.names_of(work, both).values()) == {"Olga", "Vera"}
        sealed = work.session.scalars(select(PersonRow.sealed)).all()
    assert not any(b"Olga" in value or b"olga@" in value for value in sealed)
    with kernel.read(NOBODY) as work:
        assert service.names(work) == (None, None)


def test_one_address_is_one_person(kernel, firm):
    with kernel.read(NOBODY) as work:
        found = service.find(work, mail_of(firm).upper())
        assert found is not None
        assert found.name == "Max"
        assert service.find(work, "nobody@krause.example") is None


def test_the_language_is_the_persons(kernel, firm):
    with kernel.write(firm.member) as work:
        service.choose_language(work, "en")
    assert who(kernel, firm.cookie(firm.member)).language == "en"
    assert who(kernel, firm.cookie(firm.owner)).language == "de"
