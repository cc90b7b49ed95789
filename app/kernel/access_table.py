"""Who may do what, as data. Markers of views are checked against it, docs come from it."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.access import FirmRole

ACTIONS: Mapping[str, str] = {
    "read": "r",
    "answer": "w",
    "start": "w",
    "finish": "w",
    "report": "w",
}
"""Acts named in markers → kind of right."""

TABLE: Mapping[str, Mapping[FirmRole, str]] = {
    "assessment": {"viewer": "r", "member": "rw", "owner": "rw"},
    "report": {"viewer": "r", "member": "rw", "owner": "rw"},
}
"""Resource → role in the firm → rights. Whoever has no role in the firm has none at all."""


def may(role: FirmRole | None, on: str, action: str) -> bool:
    """Say what the table says."""
    return role is not None and ACTIONS[action] in TABLE[on].get(role, "")
