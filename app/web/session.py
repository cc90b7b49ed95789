"""The cookie of a signed-in person, and the one a guest may ask for. There is no third."""

from __future__ import annotations

from datetime import timedelta

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


def keep(response: Response, settings: Settings, sealed: str, duration: timedelta) -> None:
    """Keep a quick check in the browser, because the guest asked for it."""
    name = settings.quick_cookie
    response.set_cookie(name, sealed, duration, secure=settings.secure, **FLAGS)  # type: ignore[arg-type]  # one dict for all cookies


def drop(response: Response, settings: Settings) -> None:
    """Forget a kept quick check: it lies in the registration now."""
    response.delete_cookie(settings.quick_cookie, secure=settings.secure, **FLAGS)  # type: ignore[arg-type]  # one dict for all cookies
