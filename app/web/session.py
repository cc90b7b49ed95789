"""The one cookie of a signed-in person; what it stands for lies in the database."""

from __future__ import annotations

from flask import Response

from app.kernel.settings import Settings

FLAGS = {"httponly": True, "samesite": "Lax", "path": "/"}


def give(response: Response, settings: Settings, token: str) -> None:
    """Sign the browser in; without an expiry date the cookie ends with the browser."""
    response.set_cookie(settings.cookie, token, secure=settings.secure, **FLAGS)  # type: ignore[arg-type]  # one dict for both cookies


def take(response: Response, settings: Settings) -> None:
    """Sign the browser out, and let it forget what it has kept."""
    response.delete_cookie(settings.cookie, secure=settings.secure, **FLAGS)  # type: ignore[arg-type]  # one dict for both cookies
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
