"""Sealed values open in their own place, with their own key, unchanged, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select, update

from app.accounts.tables import PersonRow
from app.assessments import service
from app.assessments.tables import AnswerRow, SnapshotRow
from app.kernel.db import TenantLeak
from app.kernel.errors import SealedDamaged, WrongRootKey
from app.kernel.scope import NOBODY, Scope
from app.kernel.vault import CENTRE, DataKeyRow, Place, place
from app.kernel.work import mine
from tests import make


@pytest.fixture
def kernel(sqlite_kernel):
    return sqlite_kernel


def here(firm, row="1"):
    return place(AnswerRow.sealed, row, firm.id)


def stored(work, check):
    query = mine(work, AnswerRow).where(AnswerRow.assessment_id == check)
    return work.session.scalars(query.with_only_columns(AnswerRow.sealed)).one()


def answered(work, value, note=""):
    check = make.assessment(work)
    service.save_answer(work, check, make.QUESTION, make.answer(value, note=note))
    return check


def moved(firm):
    """Places that differ from `here` in one part each."""
    home = here(firm)
    return {
        "another row": replace(home, row="2"),
        "another column": replace(home, column="note"),
        "another table": place(SnapshotRow.sealed, "1", firm.id),
        "the centre's": replace(home, owner=CENTRE),
    }


@pytest.mark.parametrize("way", ["another row", "another column", "another table", "the centre's"])
def test_a_value_moved_elsewhere_does_not_open(way, kernel, firm):
    with kernel.read(firm.member) as work:
        sealed = work.vault.seal({"value": "yes"}, here(firm))
        assert work.vault.open(sealed, here(firm)) == {"value": "yes"}
        with pytest.raises(SealedDamaged):
            work.vault.open(sealed, moved(firm)[way])


def test_a_value_moved_to_another_firm_does_not_open(kernel, firm, other_firm):
    with kernel.read(firm.member) as work:
        sealed = work.vault.seal("ours", here(firm))
    with kernel.read(other_firm.member) as work, pytest.raises(SealedDamaged):
        work.vault.open(sealed, here(other_firm))


def test_an_answer_swapped_in_the_database_is_shown_as_damaged(kernel, firm):
    with kernel.write(firm.member) as work:
        check = make.assessment(work)
        for question, value in (("bak-restore-test", "no"), ("bak-restore-plan", "yes")):
            service.save_answer(work, check, question, make.answer(value))
        own = AnswerRow.organisation_id == firm.id
        good = work.session.scalars(
            select(AnswerRow.sealed).where(own, AnswerRow.question_id == "bak-restore-plan")
        ).one()
        work.session.execute(
            update(AnswerRow)
            .where(own, AnswerRow.question_id == "bak-restore-test")
            .values(sealed=good)
        )
    with pytest.raises(SealedDamaged), kernel.read(firm.member) as work:
        service.area_page(work, check, "bak")


def test_every_changed_byte_is_noticed(kernel, firm):
    with kernel.read(firm.member) as work:
        sealed = work.vault.seal("secret", here(firm))
        for position in range(len(sealed)):
            broken = bytearray(sealed)
            broken[position] ^= 1
            with pytest.raises(SealedDamaged):
                work.vault.open(bytes(broken), here(firm))
        for short in (b"", b"\x01", sealed[:14], sealed[:-1]):
            with pytest.raises(SealedDamaged):
                work.vault.open(short, here(firm))


def test_the_same_value_never_looks_the_same(kernel, firm):
    with kernel.read(firm.member) as work:
        assert len({work.vault.seal("yes", here(firm)) for _ in range(50)}) == 50


def test_the_length_tells_no_answer_apart(kernel, firm):
    lengths = set()
    for value in ("yes", "partly", "no", "unknown"):
        with kernel.write(firm.member) as work:
            lengths.add(len(stored(work, answered(work, value))))
            work.session.rollback()
    with kernel.write(firm.member) as work:
        lengths.add(len(stored(work, answered(work, "no", note="Nur der Server."))))
    assert len(lengths) == 1


@pytest.mark.parametrize("length", [0, 1, 253, 254, 255, 600])
def test_padding_goes_up_to_the_next_256_bytes(length, kernel, firm):
    with kernel.read(firm.member) as work:
        sealed = work.vault.seal("x" * length, here(firm))
        head_and_tag = 1 + 2 + 12 + 16
        assert (len(sealed) - head_and_tag) % 256 == 0
        assert work.vault.open(sealed, here(firm)) == "x" * length


def test_another_firms_key_is_refused(kernel, firm, other_firm):
    with kernel.read(other_firm.member) as work:
        sealed = work.vault.seal("theirs", here(other_firm))
    with kernel.read(firm.member) as work:
        with pytest.raises(TenantLeak):
            work.vault.open(sealed, here(other_firm))
        with pytest.raises(TenantLeak):
            work.vault.seal("ours", here(other_firm))
    with kernel.write(firm.member) as work, pytest.raises(TenantLeak):
        work.vault.make_key(other_firm.id)
    with kernel.read(NOBODY) as work, pytest.raises(TenantLeak):
        work.vault.open(sealed, here(other_firm))


def test_the_wrong_root_key_opens_nothing(kernel, firm):
    with kernel.read(firm.member) as work:
        sealed = work.vault.seal("ours", here(firm))
    stranger = replace(kernel, root_key=AESGCM(AESGCM.generate_key(256)))
    with stranger.read(firm.member) as work:
        with pytest.raises(SealedDamaged):
            work.vault.open(sealed, here(firm))
        with pytest.raises(WrongRootKey):
            work.vault.check_canary()
    with kernel.read(NOBODY) as work:
        work.vault.check_canary()


def test_a_data_key_cannot_be_given_to_another_owner(kernel, firm, other_firm):
    with kernel.write(NOBODY) as work:
        keys = {key.owner: key for key in work.session.scalars(select(DataKeyRow))}
        keys[str(firm.id)].wrapped = keys[str(other_firm.id)].wrapped
    with kernel.read(firm.member) as work, pytest.raises(SealedDamaged):
        work.vault.seal("ours", here(firm))


def test_a_lost_data_key_is_damage_not_emptiness(kernel, firm):
    with kernel.write(firm.member) as work:
        sealed = work.vault.seal("ours", here(firm))
        work.session.execute(delete(DataKeyRow).where(DataKeyRow.owner == str(firm.id)))
    with kernel.read(firm.member) as work, pytest.raises(SealedDamaged):
        work.vault.open(sealed, here(firm))


def test_old_values_open_after_the_key_was_renewed(kernel, firm):
    with kernel.write(firm.member) as work:
        old = work.vault.seal("old", here(firm))
        text, nonce = AESGCM.generate_key(256), bytes(12)
        wrapped = nonce + kernel.root_key.encrypt(nonce, text, f"key|{firm.id}|2".encode())
        work.session.add(DataKeyRow(owner=str(firm.id), version=2, wrapped=wrapped))
    with kernel.read(firm.member) as work:
        new = work.vault.seal("new", here(firm))
        assert [work.vault.open(one, here(firm)) for one in (old, new)] == ["old", "new"]
        assert [int.from_bytes(one[1:3]) for one in (old, new)] == [1, 2]


def test_an_address_is_found_however_it_is_written(kernel):
    with kernel.read(NOBODY) as work:
        keys = {
            work.vault.email_key(spelling)
            for spelling in ("Jürgen@firma.example", " JU\u0308RGEN@FIRMA.EXAMPLE ")
        }
        assert len(keys) == 1
        assert keys != {work.vault.email_key("j@firma.example")}
        assert work.vault.index("email", "x") != work.vault.index("limit", "x")


def test_nothing_of_a_person_lies_open_in_the_database(kernel, firm):
    with kernel.read(NOBODY) as work:
        rows = work.session.execute(select(PersonRow.__table__)).all()
    assert b"Olga" not in b"".join(repr(row).encode() for row in rows)
    assert b"example" not in b"".join(repr(row).encode() for row in rows)


def test_a_place_is_named_by_its_column(firm):
    assert here(firm, "7") == Place("answers", "sealed", "7", str(firm.id))


def test_a_firm_without_a_key_is_a_bug_not_a_new_key(kernel):
    scope = Scope(organisation=kernel.new_id())
    with kernel.write(scope) as work, pytest.raises(LookupError):
        work.vault.seal("x", Place("answers", "sealed", "1", str(scope.organisation)))
