"""Headers of every answer, errors too, in one place."""

from __future__ import annotations

from flask import Flask, Response, request

from app.kernel.access import marker_of
from app.kernel.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # `no-referrer` would make our own Origin `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
DOWNLOAD_POLICY = "sandbox; default-src 'none'"
NEVER_KEPT = "no-store"
KEPT_A_MINUTE = "public, max-age=60"
KEPT_FOR_BACK = "private, no-cache"
"""For the answer to a post that shows nobody's name: with `no-store` the browser's own "back"
finds an error instead of the page (ERR_CACHE_MISS), for it does not send a post again by itself."""


def install(flask: Flask, settings: Settings) -> None:
    """Set the headers after each request, unless the view has set its own."""

    @flask.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = _keeping(flask, settings, response)
        return response


def _keeping(flask: Flask, settings: Settings, response: Response) -> str:
    """Public pages may be kept a minute by those who are not signed in."""
    marker = marker_of(flask.view_functions[request.endpoint]) if request.endpoint else None
    fresh = (
        request.method in {"GET", "HEAD"}
        and response.status_code == 200
        and marker is not None
        and marker.public
        and settings.cookie not in request.cookies
        and settings.quick_cookie not in request.cookies
        and "Set-Cookie" not in response.headers
    )
    if not fresh:
        return NEVER_KEPT
    response.vary.add("Cookie")
    return KEPT_A_MINUTE
