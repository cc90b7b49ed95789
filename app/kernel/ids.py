"""Identifiers and secrets: random, made before the row, never counted."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4


def new_id() -> UUID:
    return uuid4()


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_token() -> str:
    """32 random bytes for a cookie or a link, as text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. No salt: 256 random bits cannot be guessed."""
    return sha256(token.encode()).digest()
