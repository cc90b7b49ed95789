"""Who may call a view. The gate in `app.web` enforces it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from app.kernel.scope import Scope

FirmRole = Literal["viewer", "member", "owner"]
LADDER: tuple[FirmRole, ...] = ("viewer", "member", "owner")
"""A role may do what the roles before it may."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """The marker of a view.

    Attributes:
        public: everybody, signed in or not.
        link: whoever holds a mailed link of this purpose; the link itself is checked inside.
        signed_in: any person with a session.
        firm: the least role in the active firm.
        on: kind of object, for the audit and docs/access.md.
        action: act on it, as in `access_table.py`.
        no_cookie: the view ignores who is signed in; nothing is looked up for it.
    """

    public: bool
    link: str | None
    signed_in: bool
    firm: FirmRole | None
    on: str | None
    action: str | None
    no_cookie: bool

    @property
    def for_guests(self) -> bool:
        return self.public or self.link is not None

    def allows(self, scope: Scope) -> bool:
        if self.for_guests:
            return True
        if self.firm is None:
            return scope.actor is not None
        return not scope.roles.isdisjoint(LADDER[LADDER.index(self.firm) :])


def access(
    *,
    public: bool = False,
    link: str | None = None,
    signed_in: bool = False,
    firm: FirmRole | None = None,
    on: str | None = None,
    action: str | None = None,
    no_cookie: bool = False,
) -> Callable[[View], View]:
    """Mark a view, for example `@access(firm="member", on="assessment", action="answer")`."""
    if [public, link is not None, signed_in, firm is not None].count(True) != 1:
        raise TypeError("say who may: exactly one of public, link, signed_in, firm")

    def mark(view: View) -> View:
        view.__dict__["access"] = Access(public, link, signed_in, firm, on, action, no_cookie)
        return view

    return mark


def marker_of(view: Callable[..., Any]) -> Access | None:
    return view.__dict__.get("access")
