"""Who acts, and for which firm."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

Work_contra = TypeVar("Work_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Scope:
    """Travels with the unit of work; the tenant guard reads it there.

    Attributes:
        actor: the person who acts; None for guests, the worker and the command line.
        organisation: the one firm whose rows may be touched.
        roles: rights in that firm: `viewer`, `member` or `owner`.
        reason: why all firms may be touched; empty where they may not.
    """

    actor: UUID | None = None
    organisation: UUID | None = None
    roles: frozenset[str] = frozenset()
    reason: str = field(default="", kw_only=True)

    @property
    def sees_all_firms(self) -> bool:
        return bool(self.reason)


NOBODY = Scope()


def everything(reason: str) -> Scope:
    """Work over all firms. A house test lists the places that may ask for it."""
    return Scope(reason=reason)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sits behind a request, as the gate needs to know it.

    Attributes:
        scope: rights of this very moment.
        language: stored choice of the person; None for guests.
        session_seen_at: when the session was last noted as used; None for guests.
    """

    scope: Scope = NOBODY
    language: str | None = None
    session_seen_at: datetime | None = None


GUEST = Visitor()


class Identify(Protocol[Work_contra]):
    """Who sits behind a cookie? `accounts` knows, `main` tells the gate whom to ask.

    Generic, because `work` imports this module and not the other way round.
    """

    def __call__(self, work: Work_contra, token: str) -> Visitor: ...


class NoteSeen(Protocol[Work_contra]):
    """Note that a session was used just now."""

    def __call__(self, work: Work_contra, token: str) -> None: ...
