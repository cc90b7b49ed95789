"""What the operator decides: `LOTSE_*`, read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.kernel.errors import BadSetting

Environment = Literal["development", "production"]
BASE_URL = "http://127.0.0.1:8000"
MAIL_FROM = "lotse@localhost"
SMTP_PORT = 587
MOST_PORTS, MOST_PROXIES = 65_535, 9
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Browsers leave them out of `Host` and `Origin`."""
DATABASES = ("postgresql+psycopg://", "sqlite:///")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Centre:
    """Who runs this instance; stands on the legal pages, in mails and reports.

    A value in angle brackets is a placeholder that `lotse doctor` complains about.
    """

    name: str = "Kompetenzzentrum IT-Sicherheit"
    state: str = "Sachsen"
    address: str = "<Straße Nummer, PLZ Ort>"
    email: str = "<kontakt@example.org>"
    phone: str = "<Telefon>"
    represented_by: str = "<Name der vertretungsberechtigten Person>"
    supervisor: str = "<Aufsichtsbehörde>"
    privacy_contact: str = "<Datenschutzbeauftragte Person, Anschrift, E-Mail>"
    accessibility_contact: str = "<Ansprechstelle für Barrierefreiheit, E-Mail>"

    def placeholders(self) -> tuple[str, ...]:
        """Names of the settings that nobody has filled in yet."""
        return tuple(
            f"LOTSE_CENTRE_{item.name.upper()}"
            for item in fields(self)
            if getattr(self, item.name).startswith("<")
        )


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server, and how we sign in to it.

    Attributes:
        user: empty means nobody signs in.
        security: `starttls` raises a plain connection, `tls` begins with it, `none` is for a
            server on the same machine.
    """

    host: str
    port: int = SMTP_PORT
    user: str = ""
    password: str = field(default="", repr=False)
    security: Literal["starttls", "tls", "none"] = "starttls"


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen value for the whole process.

    Attributes:
        data: folder of database, mailbox and, in development, secrets.
        base_url: address people see, without a slash at the end.
        database_url: empty means SQLite in the data folder.
        root_key_file: empty means `secrets/root.key` in the data folder (development only).
        trusted_proxies: how many proxies in front may speak for the client.
        rate_limits: False only for load tests; refused in production.
    """

    data: Path
    base_url: str = BASE_URL
    environment: Environment = "development"
    database_url: str = field(default="", repr=False)  # it may hold a password
    root_key_file: str = ""
    mail_from: str = MAIL_FROM
    smtp: Smtp | None = None
    trusted_proxies: int = 0
    rate_limits: bool = True
    security_contact: str = ""
    centre: Centre = Centre()

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Browsers take `__Host-` over https only; development has none."""
        return "__Host-lotse" if self.secure else "lotse"

    @property
    def quick_cookie(self) -> str:
        """The cookie of a quick check that a guest asked to keep."""
        return "__Host-lotse-kurzcheck" if self.secure else "lotse-kurzcheck"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'lotse.db'}"

    @property
    def root_key_path(self) -> Path:
        return Path(self.root_key_file) if self.root_key_file else self.data / "secrets/root.key"

    def at(self, base_url: str) -> Settings:
        """The same settings for a server that answers elsewhere."""
        return replace(self, base_url=base_url)


PLAIN = {
    "LOTSE_DATA": "folder of database, mailbox and (in development) secrets",
    "LOTSE_BASE_URL": "address people see, such as https://lotse.example.org",
    "LOTSE_ENV": "development (default, loopback only) or production",
    "LOTSE_DATABASE_URL": "postgresql+psycopg://…; empty: SQLite in the data folder",
    "LOTSE_ROOT_KEY_FILE": "file of the root key; in production outside the data folder",
    "LOTSE_MAIL_FROM": "sender address of all mails",
    "LOTSE_SMTP_HOST": "mail server; empty: mails are written to the local mailbox",
    "LOTSE_SMTP_PORT": "port of the mail server (587)",
    "LOTSE_SMTP_USER": "account at the mail server",
    "LOTSE_SMTP_PASSWORD": "password at the mail server",
    "LOTSE_SMTP_SECURITY": "starttls (default), tls or none",
    "LOTSE_TRUSTED_PROXIES": "how many proxies in front may set X-Forwarded-* (0)",
    "LOTSE_RATE_LIMITS": "on (default) or off; off is refused in production",
    "LOTSE_SECURITY_CONTACT": "mailto: or https: address for security.txt",
}
"""Every setting but those of the centre, with its meaning; docs are checked against it."""

KNOWN = {
    **PLAIN,
    **{f"LOTSE_CENTRE_{item.name.upper()}": f"centre: {item.name}" for item in fields(Centre)},
}
FOR_TESTS = frozenset({"LOTSE_CHROMIUM", "LOTSE_BROWSER_TESTS"})


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check `LOTSE_*`.

    Raises:
        BadSetting: an unknown name (with the nearest right one) or a value that cannot be.
    """
    given = os.environ if environ is None else environ
    for name in given:
        if name.startswith("LOTSE_") and name not in KNOWN and name not in FOR_TESTS:
            nearest = get_close_matches(name, KNOWN, n=1, cutoff=0)
            raise BadSetting(name, f"unknown; did you mean {nearest[0]}?")
    values = {name: given.get(name, "").strip() for name in KNOWN}
    environment = _one_of(values, "LOTSE_ENV", ("development", "production"))
    settings = Settings(
        data=Path(values["LOTSE_DATA"] or "var").resolve(),
        base_url=_base_url(values["LOTSE_BASE_URL"] or BASE_URL),
        environment="production" if environment == "production" else "development",
        database_url=_database_url(values["LOTSE_DATABASE_URL"]),
        root_key_file=values["LOTSE_ROOT_KEY_FILE"],
        mail_from=values["LOTSE_MAIL_FROM"] or MAIL_FROM,
        smtp=_smtp(values),
        trusted_proxies=_number(values, "LOTSE_TRUSTED_PROXIES", 0, MOST_PROXIES),
        rate_limits=_one_of(values, "LOTSE_RATE_LIMITS", ("on", "off")) == "on",
        security_contact=values["LOTSE_SECURITY_CONTACT"],
        centre=_centre(values),
    )
    _check_production(settings)
    return settings


def _check_production(settings: Settings) -> None:
    if not settings.production:
        return
    if not settings.secure:
        raise BadSetting("LOTSE_BASE_URL", "must begin with https:// in production")
    if not settings.rate_limits:
        raise BadSetting("LOTSE_RATE_LIMITS", "cannot be off in production")
    if not settings.root_key_file:
        raise BadSetting("LOTSE_ROOT_KEY_FILE", "is needed in production")
    if settings.root_key_path.resolve().is_relative_to(settings.data):
        raise BadSetting("LOTSE_ROOT_KEY_FILE", "must lie outside LOTSE_DATA in production")


def _base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    plain = host.isascii() and "@" not in parts.netloc and parts.path in {"", "/"}
    if parts.scheme not in DEFAULT_PORTS or not host or not plain:
        raise BadSetting("LOTSE_BASE_URL", "must look like https://lotse.example.org")
    host = f"[{host}]" if ":" in host else host
    named = "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{named}"  # as browsers send it


def _database_url(url: str) -> str:
    if url and not url.startswith(DATABASES):
        raise BadSetting("LOTSE_DATABASE_URL", f"must begin with one of: {', '.join(DATABASES)}")
    return url


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = values[name] or allowed[0]
    if value not in allowed:
        raise BadSetting(name, f"must be one of: {', '.join(allowed)}")
    return value


def _number(values: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = values[name] or str(default)
    if not value.isascii() or not value.isdigit() or int(value) > most:
        raise BadSetting(name, f"must be a whole number up to {most}")
    return int(value)


def _smtp(values: Mapping[str, str]) -> Smtp | None:
    security = _one_of(values, "LOTSE_SMTP_SECURITY", ("starttls", "tls", "none"))
    if not values["LOTSE_SMTP_HOST"]:
        return None
    return Smtp(
        host=values["LOTSE_SMTP_HOST"],
        port=_number(values, "LOTSE_SMTP_PORT", SMTP_PORT, MOST_PORTS),
        user=values["LOTSE_SMTP_USER"],
        password=values["LOTSE_SMTP_PASSWORD"],
        security="tls" if security == "tls" else "none" if security == "none" else "starttls",
    )


def _centre(values: Mapping[str, str]) -> Centre:
    given = {
        item.name: values[f"LOTSE_CENTRE_{item.name.upper()}"]
        for item in fields(Centre)
        if values[f"LOTSE_CENTRE_{item.name.upper()}"]
    }
    return replace(Centre(), **given)
