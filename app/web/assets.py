"""Static files: hashed addresses that may be kept for ever, sent packed where possible."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from app.kernel.access import access
from app.kernel.errors import NotFound

STATIC = Path(__file__).parent / "static"
VERSIONED = ("kern/", "fonts/")
"""Their version stands in the path."""
FOR_EVER = "public, max-age=31536000, immutable"

blueprint = Blueprint("assets", __name__)


@cache
def _hash(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:8]


@cache
def asset(name: str) -> str:
    """The address of a static file, for templates; the same in every request."""
    if name.startswith(VERSIONED):
        return f"/static/{name}"
    return f"/static/{name}?v={_hash(name)}"


@blueprint.get("/static/<path:name>")
@access(public=True, no_cookie=True)
def static_file(name: str) -> Response:
    path = _found(name)
    packed = path.with_name(f"{path.name}.gz")
    if packed.is_file() and request.accept_encodings["gzip"] > 0:
        response = send_from_directory(STATIC, f"{name}.gz", mimetype=_type(path))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(STATIC, name, mimetype=_type(path))
    response.vary.add("Accept-Encoding")
    # Under a hash that is not this content's, a shared cache would keep the wrong file for ever.
    for_ever = name.startswith(VERSIONED) or request.args.get("v") == _hash(name)
    response.headers["Cache-Control"] = FOR_EVER if for_ever else "public, max-age=3600"
    return response


def _found(name: str) -> Path:
    try:
        path = (STATIC / name).resolve()
        if path.is_relative_to(STATIC) and path.is_file() and path.suffix != ".gz":
            return path
    except (OSError, ValueError) as error:  # too long for a file name, or with U+0000
        raise NotFound from error
    raise NotFound


TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}


def _type(path: Path) -> str:
    return TYPES.get(path.suffix, "text/plain; charset=utf-8")
