from __future__ import annotations

import threading
from unicodedata import normalize

import pytest

from app.accounts import passwords
from app.kernel.errors import Busy

FIRM, EMAIL = "Metallbau Krause GmbH", "jens.krause@krause-metall.example"


def problem(password: str) -> str | None:
    return passwords.problem_with(password, firm=FIRM, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "passwort1234",
        "Sommer2026!!!!",
        "!!!Willkommen!!!",
        "passwort1passwort1",
        "qwertzuiopü1",
        "aaaaaaaaaaaaa",
        "1234567890123",
        "!§$%&/()=?!§$%",
        "Metallbau2026",
        "metallbaukrause1",
        "Metallbau Krause 99",
        "jens.krause12345",
        EMAIL,
        "Krause-Metall!!1",
        "lotselotselotse",
        "Lotse2026!!!!!",
    ],
)
def test_what_others_guess_is_refused(password):
    assert problem(password) == passwords.TOO_EASY


@pytest.mark.parametrize(
    "password",
    [
        "vier Wörter Kaffee Amboss",
        "xy1x2y3z4ddl",
        "Krauses Esel frisst Späne",
        "ß" * 2 + "Feilspan7x",
    ],
)
def test_what_nobody_guesses_is_taken(password):
    assert problem(password) is None


def test_twelve_to_128_characters():
    assert problem("elf Zeichen") == passwords.TOO_SHORT
    assert problem("elf Zeichen!") is None
    assert problem("abc defghi " * 11 + "1234567") is None
    assert problem("abc defghi " * 11 + "12345678") == passwords.TOO_LONG


def test_a_password_fits_however_its_umlauts_are_typed():
    stored = passwords.hash_password(normalize("NFC", "Späne und Öl 7"))
    assert passwords.fits(stored, normalize("NFD", "Späne und Öl 7"))
    assert not passwords.fits(stored, "Spaene und Oel 7")


def test_nobodys_hash_costs_what_a_real_one_costs_and_fits_nothing():
    assert not passwords.is_outdated(passwords.NOBODYS_HASH)
    assert not passwords.fits(passwords.NOBODYS_HASH, "")


def test_a_damaged_hash_fits_nothing():
    assert not passwords.fits("not a hash", "vier Wörter Kaffee Amboss")


def test_hashes_of_other_parameters_are_made_anew():
    assert passwords.is_outdated(passwords.NOBODYS_HASH.replace("m=19456", "m=4096"))


def test_whoever_waits_too_long_for_a_slot_comes_again(monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    taken, done = threading.Barrier(3), threading.Event()

    def hold():
        with passwords._slot():
            taken.wait()
            done.wait()

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    taken.wait()
    with pytest.raises(Busy):
        passwords.hash_password("vier Wörter Kaffee Amboss")
    done.set()
    for thread in threads:
        thread.join()
    assert passwords.hash_password("vier Wörter Kaffee Amboss")


def test_the_docstring_says_how_long_the_list_is():
    assert f"{len(passwords._common()):,} entries" in passwords.__doc__
