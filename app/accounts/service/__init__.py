"""The door of accounts."""

from __future__ import annotations

from app.accounts.passwords import hash_password, problems_with
from app.accounts.service.persons import (
    NewPerson,
    Person,
    add_person,
    choose_language,
    find,
    join,
    name_of,
    names,
    names_of,
)
from app.accounts.service.resets import Reset, request_reset, reset, reset_behind
from app.accounts.service.sessions import (
    end_session,
    identify,
    note_seen,
    start_session,
    sweep_sessions,
)
from app.accounts.service.signing_in import Known, Proven, check, look_up, sign_in

__all__ = [
    "Known",
    "NewPerson",
    "Person",
    "Proven",
    "Reset",
    "add_person",
    "check",
    "choose_language",
    "end_session",
    "find",
    "hash_password",
    "identify",
    "join",
    "look_up",
    "name_of",
    "names",
    "names_of",
    "note_seen",
    "problems_with",
    "request_reset",
    "reset",
    "reset_behind",
    "sign_in",
    "start_session",
    "sweep_sessions",
]
