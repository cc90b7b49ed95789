"""Sealed values: a key for each firm, and each value bound to its place.

root key    32 bytes in a file; wraps data keys, never in the database or a backup
data key    AES-256, one per firm, one for the "centre" (persons, jobs), one for the "index"
value       0x01 | key version u16 | nonce 12 | ciphertext and tag (AES-256-GCM)
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hmac import digest
from typing import Any
from unicodedata import normalize
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from app.kernel.db import Table, TenantLeak, core
from app.kernel.errors import SealedDamaged, WrongRootKey
from app.kernel.scope import Scope

CENTRE = "centre"
"""Owner of the key for persons and jobs."""
INDEX = "index"
"""Owner of the key for look-ups by address and for limits; a new root key changes nothing."""
SHARED = frozenset({CENTRE, INDEX})
FORMAT = b"\x01"
NONCE_BYTES = 12
PADDING_BYTES = 256
"""Without padding the length of the ciphertext tells `yes` from `partly`."""
CANARY = "lotse"


class DataKeyRow(Table):
    __tablename__ = "data_keys"

    owner: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes]


KEYS = select(core(DataKeyRow).c.version, core(DataKeyRow).c.wrapped).where(
    core(DataKeyRow).c.owner == bindparam("owner")
)


class CanaryRow(Table):
    """One sealed word: tells at the start whether the root key is the right one."""

    __tablename__ = "canary"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands. Moved elsewhere it does not open."""

    table: str
    column: str
    row: str
    owner: str

    def bound_to(self, version: int) -> bytes:
        return f"v1|{self.table}|{self.column}|{self.row}|{self.owner}|{version}".encode()


def place(column: InstrumentedAttribute[Any], row: object, owner: UUID | str) -> Place:
    """Name the place of a value: mapped column, row id as text, whose key."""
    return Place(column.class_.__tablename__, column.key, str(row), str(owner))


@dataclass(frozen=True, slots=True)
class Vault:
    """Opens the key of the firm in scope and the centre's, and no other."""

    root: AESGCM
    session: Session
    scope: Scope
    _opened: dict[str, dict[int, bytes]] = field(default_factory=dict)
    _ciphers: dict[tuple[str, int], AESGCM] = field(default_factory=dict)

    def seal(self, value: Any, place: Place) -> bytes:
        """Seal a JSON value, padded to a multiple of 256 bytes."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return self.seal_bytes(text.ljust(-len(text) // PADDING_BYTES * -PADDING_BYTES), place)

    def open(self, sealed: bytes, place: Place) -> Any:
        """Open what `seal` made.

        Raises:
            SealedDamaged: changed, or moved from another place.
        """
        return json.loads(self.open_bytes(sealed, place))

    def seal_bytes(self, text: bytes, place: Place) -> bytes:
        """Seal bytes as they are; the length shows."""
        version = self._newest_version(place.owner)
        key = self._key(place.owner, version)
        return FORMAT + version.to_bytes(2) + _encrypt(key, text, place.bound_to(version))

    def open_bytes(self, sealed: bytes, place: Place) -> bytes:
        """Open what `seal_bytes` made.

        Raises:
            SealedDamaged: changed, or moved from another place.
        """
        if sealed[:1] != FORMAT or len(sealed) < 3 + NONCE_BYTES:
            raise SealedDamaged(place.table, place.column)
        version = int.from_bytes(sealed[1:3])
        try:
            return _decrypt(self._key(place.owner, version), sealed[3:], place.bound_to(version))
        except InvalidTag as error:
            raise SealedDamaged(place.table, place.column) from error

    def index(self, purpose: str, text: str) -> bytes:
        """Return a keyed hash by which a sealed value can be found again (HMAC-SHA256)."""
        return digest(self._keys_of(INDEX)[1], f"{purpose}|{text}".encode(), "sha256")

    def email_key(self, address: str) -> bytes:
        """The look-up key of an e-mail address."""
        return self.index("email", normalize("NFC", address).strip().lower())

    def make_key(self, owner: UUID | str) -> None:
        """Make the first key of an owner, in the work that makes the owner."""
        self._refuse_foreign(str(owner))
        wrapped = _encrypt(self.root, AESGCM.generate_key(256), _wrapping(str(owner), 1))
        self.session.add(DataKeyRow(owner=str(owner), version=1, wrapped=wrapped))
        self.session.flush()

    def plant_canary(self) -> None:
        """Seal the word by which the root key is known again."""
        self.session.add(
            CanaryRow(id=1, sealed=self.seal(CANARY, place(CanaryRow.sealed, 1, CENTRE)))
        )
        self.session.flush()

    def check_canary(self) -> None:
        """Refuse to go on with a root key that did not make this database.

        Raises:
            WrongRootKey: the key file belongs to another database.
        """
        row = self.session.get(CanaryRow, 1)
        try:
            if row is None or self.open(row.sealed, place(CanaryRow.sealed, 1, CENTRE)) != CANARY:
                raise WrongRootKey("canary")
        except SealedDamaged as error:
            raise WrongRootKey("canary") from error

    def _newest_version(self, owner: str) -> int:
        versions = self._keys_of(owner)
        if not versions:
            raise LookupError("no data key")
        return max(versions)

    def _key(self, owner: str, version: int) -> AESGCM:
        if (owner, version) not in self._ciphers:
            key = self._keys_of(owner).get(version)
            if key is None:
                raise SealedDamaged("data_keys", owner)
            self._ciphers[owner, version] = AESGCM(key)
        return self._ciphers[owner, version]

    def _keys_of(self, owner: str) -> dict[int, bytes]:
        """All versions of an owner's key, unwrapped: one query per owner and work."""
        self._refuse_foreign(owner)
        if owner not in self._opened:
            rows = self.session.connection().execute(KEYS, {"owner": owner})
            self._opened[owner] = {n: self._unwrap(owner, n, wrapped) for n, wrapped in rows}
        return self._opened[owner]

    def _unwrap(self, owner: str, version: int, wrapped: bytes) -> bytes:
        try:
            return _decrypt(self.root, wrapped, _wrapping(owner, version))
        except InvalidTag as error:
            raise SealedDamaged("data_keys", owner) from error

    def _refuse_foreign(self, owner: str) -> None:
        if owner not in SHARED and owner != str(self.scope.organisation):
            raise TenantLeak("key of another firm")


def _wrapping(owner: str, version: int) -> bytes:
    return f"key|{owner}|{version}".encode()


def _encrypt(key: AESGCM, text: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + key.encrypt(nonce, text, bound_to)


def _decrypt(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
