"""What is wrong with this instance, and what to do about it.

Looks and never changes. A finding is `fine`, a `note` (works, but somebody should know) or
`wrong` (exit code 1).
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import stat
from collections.abc import Callable, Iterator
from ctypes import CDLL
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import yaml
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.db import open_engine
from app.kernel.errors import Busy, DiskFull, LotseError
from app.kernel.i18n import _
from app.kernel.ids import utc_now
from app.kernel.jobs import JobRow
from app.kernel.mail import KIND, TIMEOUT_S, mailbox
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings
from app.kernel.start import head, open_kernel, schema_of
from app.kernel.work import Kernel

State = Literal["fine", "note", "wrong"]
LEAST_FREE_BYTES = 1024**3
OLDEST_JOB = timedelta(minutes=10)
OLDEST_MAIL = timedelta(hours=1)
NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"})
"""SQLite's WAL needs shared memory of one machine."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        id: kebab-case, stable.
        says: the state in a sentence.
        cure: what to do; empty where nothing is to be done.
    """

    id: str
    state: State
    says: str
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at settings, keys, disk, database and mail, in this order."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _settings,
        _root_key,
        _disk,
        _database,
        _mail,
        _libraries,
    )
    return [finding for look in looks for finding in look(settings)]


def _settings(settings: Settings) -> Iterator[Finding]:
    environment = _("Produktion") if settings.production else _("Entwicklung")
    yield Finding("environment", "fine", _("Betriebsart: %(kind)s", kind=environment))
    yield Finding("base-url", "fine", _("Adresse: %(url)s", url=settings.base_url))
    if not settings.rate_limits:
        yield Finding(
            "limits",
            "note",
            _("Die Begrenzungen gegen zu viele Anfragen sind aus."),
            _("Entfernen Sie LOTSE_RATE_LIMITS=off."),
        )
    if settings.production and not settings.trusted_proxies:
        yield Finding(
            "trusted-proxies",
            "note",
            _("Alle Besucher scheinen vom Proxy zu kommen. Begrenzungen treffen dann alle."),
            _(
                "Setzen Sie LOTSE_TRUSTED_PROXIES auf die Zahl der Proxys davor, meist 1. "
                "Jeder muss X-Forwarded-For und X-Forwarded-Proto setzen."
            ),
        )
    if missing := settings.centre.placeholders():
        yield Finding(
            "placeholders",
            "note",
            _("Im Impressum und auf den Rechtsseiten stehen noch Platzhalter."),
            _("Setzen Sie %(names)s.", names=", ".join(missing)),
        )
    if not settings.security_contact:
        yield Finding(
            "security-contact",
            "note",
            _("Es gibt keine Adresse für Hinweise auf Sicherheitslücken."),
            _("Setzen Sie LOTSE_SECURITY_CONTACT, zum Beispiel mailto:…"),
        )


def _root_key(settings: Settings) -> Iterator[Finding]:
    path = settings.root_key_path
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:  # absent, or in a folder that is closed to us
        yield Finding(
            "root-key",
            "wrong",
            _("Der Schlüssel fehlt: %(file)s", file=path),
            _(
                "Legen Sie die Schlüsseldatei zurück. "
                "Ganz am Anfang macht `lotse init --new-key` eine."
            ),
        )
        return
    if mode & 0o077:
        yield Finding(
            "root-key",
            "wrong",
            _("Andere Konten können den Schlüssel lesen: %(file)s", file=path),
            f"chmod 600 {path}",
        )
        return
    yield Finding("root-key", "fine", _("Schlüssel: %(file)s", file=path))
    if path.resolve().is_relative_to(settings.data):
        yield Finding(
            "root-key-place",
            "note",
            _("Der Schlüssel liegt im Datenordner."),
            _("Für den Betrieb gehört er woanders hin: LOTSE_ROOT_KEY_FILE."),
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        yield Finding(
            "data-folder",
            "wrong",
            _("Den Datenordner gibt es nicht: %(folder)s", folder=settings.data),
            "lotse init",
        )
        return
    writable = os.access(settings.data, os.W_OK)
    yield Finding(
        "data-folder",
        "fine" if writable else "wrong",
        _("Datenordner: %(folder)s", folder=settings.data),
        "" if writable else _("Geben Sie dem Konto des Dienstes das Schreibrecht."),
    )
    free = shutil.disk_usage(settings.data).free
    enough = free >= LEAST_FREE_BYTES
    yield Finding(
        "disk-free",
        "fine" if enough else "note",
        _("Frei: %(size)s GB", size=round(free / 1024**3, 1)),
        "" if enough else _("Schaffen Sie Platz. Unter 200 MB wird nichts mehr gespeichert."),
    )
    if not settings.database_url and _file_system(settings.data) in NETWORK_DISKS:
        yield Finding(
            "network-disk",
            "wrong",
            _("Die Datenbank liegt auf einem Netzlaufwerk."),
            _("SQLite braucht eine Platte dieser Maschine. Sonst nehmen Sie PostgreSQL."),
        )


def _file_system(folder: Path) -> str:
    """The type of the file system, from the longest mount point that holds the folder."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    rows = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    holding = [row for row in rows if folder.is_relative_to(row[0])]
    return max(holding, key=lambda row: len(row[0]), default=["", ""])[1]


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not (settings.data / "lotse.db").exists():
        yield Finding("database", "wrong", _("Es gibt noch keine Datenbank."), "lotse init")
        return
    engine = open_engine(settings.database)
    try:
        yield from _examined(settings, engine)
    except (SQLAlchemyError, Busy, DiskFull) as error:
        yield Finding(
            "database",
            "wrong",
            _("Die Datenbank antwortet nicht (%(kind)s).", kind=type(error).__name__),
            _("Prüfen Sie LOTSE_DATABASE_URL und ob der Server läuft."),
        )
    finally:
        engine.dispose()


def _examined(settings: Settings, engine: Engine) -> Iterator[Finding]:
    schema = schema_of(engine)
    if schema != head():
        yield Finding(
            "schema",
            "wrong",
            _(
                "Das Schema der Datenbank ist %(is)s, gebraucht wird %(want)s.",
                **{"is": schema or "-", "want": head()},
            ),
            "lotse init",
        )
        return
    on_sqlite = engine.dialect.name == "sqlite"
    if on_sqlite:
        with engine.connect() as connection:
            whole = connection.execute(text("PRAGMA quick_check")).scalar()
        if whole != "ok":
            yield Finding(
                "database",
                "wrong",
                _("Die Datenbankdatei ist beschädigt."),
                _("Halten Sie den Dienst an und spielen Sie eine Sicherung zurück."),
            )
            return
    kind = "SQLite" if on_sqlite else "PostgreSQL"
    yield Finding(
        "database", "fine", _("Datenbank: %(kind)s, Schema %(schema)s", kind=kind, schema=schema)
    )
    try:
        kernel = open_kernel(settings)
    except LotseError as error:
        yield Finding(
            "root-key-fits", "wrong", error.code, _("Nehmen Sie den richtigen Schlüssel.")
        )
        return
    try:
        yield from _examined_jobs(kernel)
    finally:
        kernel.engine.dispose()


def _examined_jobs(kernel: Kernel) -> Iterator[Finding]:
    ready, now = JobRow.state == "ready", utc_now()
    kinds = (
        (ready, JobRow.due_at < now - OLDEST_JOB),
        (ready, JobRow.due_at < now - OLDEST_MAIL, JobRow.kind == KIND),
        (JobRow.state == "failed",),
    )
    with kernel.read(NOBODY) as work:
        waiting, late, failed = (
            work.session.scalars(select(func.count(JobRow.id)).where(*these)).one()
            for these in kinds
        )
    yield Finding(
        "job-queue",
        "note" if waiting else "fine",
        _("Aufträge warten seit über zehn Minuten: %(count)s", count=waiting)
        if waiting
        else _("Kein Auftrag wartet zu lange."),
        _("Läuft `lotse worker`?") if waiting else "",
    )
    yield Finding(
        "mail-queue",
        "note" if late else "fine",
        _("Mails warten seit über einer Stunde.") if late else _("Keine Mail wartet zu lange."),
        _("Läuft `lotse worker`? Nimmt der Mailserver an?") if late else "",
    )
    if failed:
        yield Finding(
            "jobs-failed",
            "note",
            _("Gescheiterte Aufträge: %(count)s", count=failed),
            _("Die Art des Fehlers steht im Protokoll unter job-failed."),
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp is None:
        yield Finding(
            "mail",
            "wrong" if settings.production else "fine",
            _("Mails liegen im lokalen Postfach: %(folder)s", folder=mailbox(settings)),
            _("Setzen Sie LOTSE_SMTP_HOST.") if settings.production else "",
        )
        return
    try:
        with smtplib.SMTP(settings.smtp.host, settings.smtp.port, timeout=TIMEOUT_S) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        reason = type(error).__name__
        if isinstance(error, socket.gaierror):
            reason = _("Name unbekannt")
        yield Finding(
            "mail",
            "wrong",
            _("Der Mailserver antwortet nicht: %(reason)s", reason=reason),
            _("Prüfen Sie LOTSE_SMTP_HOST und LOTSE_SMTP_PORT."),
        )
        return
    yield Finding("mail", "fine", _("Mailserver: %(host)s", host=settings.smtp.host))


def _libraries(_settings: Settings) -> Iterator[Finding]:
    if not yaml.__with_libyaml__:
        yield Finding(
            "yaml", "wrong", _("PyYAML ist ohne libyaml gebaut."), _("Installieren Sie das Wheel.")
        )
    try:
        CDLL("libpango-1.0.so.0")
        CDLL("libpangoft2-1.0.so.0")
    except OSError:
        yield Finding(
            "pango",
            "wrong",
            _("Für Berichte fehlt Pango."),
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        )
    else:
        yield Finding("pango", "fine", _("Pango ist da, Berichte gehen."))
