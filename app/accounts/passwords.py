"""Passwords: which are taken, and how they are stored.

The list of refused words holds 2,258 entries, made for this project: German and English words
that people are known to choose, names, clubs, places, keyboard rows, the usual pairs and
spellings with signs inside. It is not one of the published lists of broken passwords. Families
such as `Sommer2026!!!!` need no entries: digits and signs at the ends are taken off first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.errors import Busy
from app.kernel.i18n import _, mark

SHORTEST, LONGEST = 12, 128
"""Characters of a password."""

COMMON = Path(__file__).parent / "data/common_passwords.txt"

TOO_SHORT = mark("Bitte nehmen Sie mindestens zwölf Zeichen.")
TOO_LONG = mark("Bitte nehmen Sie höchstens 128 Zeichen.")
TOO_EASY = mark(
    "Dieses Passwort erraten andere leicht. Nehmen Sie zum Beispiel fünf Wörter,"
    " die nichts miteinander zu tun haben."
)

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with 19 MiB; the library's 64 MiB would take 3.2 GB for 50 sign-ins at once.

Source: OWASP Password Storage Cheat Sheet, "Argon2id", read 2026-11-22.
"""

NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$Y2hqdkhibWtzd2ZxZ2xyYQ"
    "$2mK0mPRLCCKGfDo0PVSRv/SDSjTeNuLsDrzoPGZQvdI"
)
"""Checked for unknown addresses, so that they take as long as known ones. Fits no password."""

WAIT_S = 0.5
_slots = BoundedSemaphore(2)
"""Each hash takes a core for 35 ms and 19 MiB: two at once, the others wait or come again."""


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_S):
        raise Busy
    try:
        yield
    finally:
        _slots.release()


def hash_password(password: str) -> str:
    """Make what is stored. Takes 35 ms: never inside a transaction.

    Raises:
        Busy: two others are being made.
    """
    with _slot():
        return HASHER.hash(normalize("NFC", password))


def fits(stored: str, password: str) -> bool:
    """Say whether a password is the one behind a stored hash; as slow as `hash_password`.

    Raises:
        Busy: two others are being checked.
    """
    with _slot():
        try:
            return HASHER.verify(stored, normalize("NFC", password)[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def problem_with(password: str, *, firm: str, email: str) -> str | None:
    """Say why a new password is not taken, as a marked sentence; None if it is taken.

    Args:
        password: any characters.
        firm: name of the firm; a password must not be made of it.
        email: own address, likewise.
    """
    password = normalize("NFC", password)
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    word = _without_repeats(_core(_without_repeats(password.casefold())))
    own = {
        "lotse",
        *_spellings(firm),
        *_spellings(*email.partition("@")),
        _letters(email.casefold()),
    }
    if len(word) < 2 or word in _common() or _letters(word) in own:
        return TOO_EASY
    return None


def problems_with(password: str, *, firm: str, email: str) -> dict[str, str]:
    """Say the same for the field `password` of a form, in the language that is spoken."""
    problem = problem_with(password, firm=firm, email=email)
    return {"password": _(problem)} if problem else {}


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _core(text: str) -> str:
    """Take digits and signs off the ends: people put them there to satisfy rules."""
    letters = [place for place, sign in enumerate(text) if sign.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _without_repeats(text: str) -> str:
    """`passwortpasswort` is no better than `passwort`."""
    again = (text + text).find(text, 1)
    return text[:again] if text else ""


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


def _spellings(*names: str) -> Iterator[str]:
    """Letters of a name, of each of its words, and of all but the last (`GmbH`, `example`)."""
    for name in names:
        words = re.split(r"[\s.-]+", name.casefold())
        yield from map(_letters, (*words, "".join(words), "".join(words[:-1])))
