"""One table of limits against brute force and floods: fixed windows, counted in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Table
from app.kernel.errors import SlowDown
from app.kernel.scope import NOBODY
from app.kernel.work import Kernel, Work

Whom = Literal["address", "prefix", "whole"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often somebody may do something.

    Attributes:
        whom: who is counted: one address or account, one IP prefix, or the whole service.
        most: acts allowed in a window.
        window: length of the fixed window.
    """

    whom: Whom
    most: int
    window: timedelta


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

LIMITS: dict[str, tuple[Limit, ...]] = {
    "sign-in": (
        Limit("address", 10, 15 * MINUTE),
        Limit("prefix", 50, 15 * MINUTE),
    ),
    "guest-mail": (
        Limit("address", 3, HOUR),
        Limit("address", 10, DAY),
        Limit("prefix", 20, HOUR),
        Limit("whole", 2000, HOUR),
    ),
    "register": (
        Limit("address", 5, DAY),
        Limit("prefix", 30, HOUR),
    ),
    "quick-check": (Limit("prefix", 60, MINUTE),),
    "report": (
        Limit("address", 10, MINUTE),
        Limit("prefix", 20, MINUTE),
    ),
}
"""Act → what one address (or account), one IP prefix (/24, /64) and the whole service may."""


class LimitRow(Table):
    """Keys are keyed hashes: the table tells neither addresses nor who tried."""

    __tablename__ = "limits"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


def count(kernel: Kernel, act: str, *, address: str = "", ip: str = "") -> None:
    """Raise the counters of an act, in a short transaction of its own, before the act.

    Args:
        kernel: of the process.
        act: a key of `LIMITS`.
        address: e-mail address or account id the act is about.
        ip: address of the client as the proxy settings give it.

    Raises:
        SlowDown: one of the limits is reached.
    """
    if not kernel.settings.rate_limits:
        return
    over: list[timedelta] = []
    with kernel.side_write(NOBODY) as work:
        for limit in LIMITS[act]:
            ends_at = _window_end(work.now, limit.window)
            if _raised(work, act, limit, ends_at, address, ip) > limit.most:
                over.append(ends_at - work.now)
    if over:
        raise SlowDown(int(max(over).total_seconds()) + 1)


def forgive(kernel: Kernel, act: str, *, address: str, ip: str | None = None) -> None:
    """Forget the tries of an address after a success.

    The network gets back the one try that succeeded, else fifty colleagues behind one connection
    would lock each other out; its failures stay counted.

    Args:
        kernel: of the process.
        act: a key of `LIMITS`.
        address: as it was counted.
        ip: as it was counted; None where the success was not a counted try.
    """
    with kernel.side_write(NOBODY) as work:
        for limit in LIMITS[act]:
            key = _key(work, act, limit, _window_end(work.now, limit.window), address, ip or "")
            if limit.whom == "address":
                work.session.execute(delete(LimitRow).where(LimitRow.key == key))
            elif limit.whom == "prefix" and ip is not None:
                _give_one_back(work, key)


def sweep(work: Work) -> None:
    """Remove windows that ended a day ago."""
    work.session.execute(delete(LimitRow).where(LimitRow.ends_at < work.now - DAY))


def prefix_of(ip: str) -> str:
    """The network an address belongs to: /24 or /64."""
    try:
        address = ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # else all IPv4 clients of such a socket are one network
    bits = 24 if address.version == 4 else 64
    return str(ip_network((address.packed, bits), strict=False))


def _window_end(now: datetime, window: timedelta) -> datetime:
    return EPOCH + ((now - EPOCH) // window + 1) * window


def _key(work: Work, act: str, limit: Limit, ends_at: datetime, address: str, ip: str) -> bytes:
    whom = {"address": address.strip().lower(), "prefix": prefix_of(ip), "whole": ""}[limit.whom]
    return work.vault.index("limit", f"{act}|{limit.whom}|{limit.window}|{ends_at}|{whom}")


def _give_one_back(work: Work, key: bytes) -> None:
    """A window that ended meanwhile has no row to lower, or a new one that may be at 0."""
    counted = update(LimitRow).where(LimitRow.key == key, LimitRow.count > 0)
    work.session.execute(counted.values(count=LimitRow.count - 1))


def _raised(work: Work, act: str, limit: Limit, ends_at: datetime, address: str, ip: str) -> int:
    dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
    key = _key(work, act, limit, ends_at, address, ip)
    new = dialect.insert(LimitRow).values(key=key, ends_at=ends_at, count=1)
    raised = new.on_conflict_do_update(
        index_elements=[LimitRow.key], set_={"count": LimitRow.count + 1}
    ).returning(LimitRow.count)
    return int(work.session.scalars(raised).one())
