"""Errors that somebody can do something about, and what we say about them.

Everything that is raised and has no code is a bug: status 500, code `internal`, a request id.
Features add theirs below `LotseError`; the rooms have bases of their own with the same `code`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.i18n import mark


class LotseError(Exception):
    """Base of the application's errors; `facts` fill the placeholders of its sentence."""

    code: ClassVar[str]

    @property
    def facts(self) -> dict[str, object]:
        return {}


class NotFound(LotseError):
    """Absent, or another firm's: the answer is the same."""

    code = "not-found"


class WrongMethod(LotseError):
    """The path exists, but not for this method."""

    code = "method"


class WrongOrigin(LotseError):
    """A post that no page of ours sent."""

    code = "wrong-origin"


class SignInNeeded(LotseError):
    """Nobody is signed in."""

    code = "sign-in-needed"


class SignInFailed(LotseError):
    """Unknown address or wrong password: nobody is told which."""

    code = "sign-in-failed"


class Forbidden(LotseError):
    """The role in the own firm is too low."""

    code = "forbidden"


class LinkExpired(LotseError):
    """A mailed link that is wrong, used or too old: one answer for all three."""

    code = "link-expired"


class SealedDamaged(LotseError):
    """A sealed value was changed or moved; never show it as empty."""

    code = "sealed-damaged"


class Invalid(LotseError):
    """A form with problems that no page of its own shows."""

    code = "invalid"


class Malformed(LotseError):
    """Bytes that are no request of ours: bad UTF-8, control characters, too many fields."""

    code = "malformed"


class TooLarge(LotseError):
    """A body over the limit of its route."""

    code = "too-large"

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit

    @property
    def facts(self) -> dict[str, object]:
        return {"n": self.limit}


class SlowDown(LotseError):
    """A limit is reached.

    Attributes:
        retry_after_s: seconds until the window ends.
    """

    code = "slow-down"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s

    @property
    def facts(self) -> dict[str, object]:
        return {"n": max(1, -(-self.retry_after_s // 60))}


class Busy(LotseError):
    """The database or a slot is taken; a moment later it works."""

    code = "busy"


class Migrating(LotseError):
    """The database has another schema than the code."""

    code = "migrating"


class DiskFull(LotseError):
    """Nothing can be written; reading goes on."""

    code = "disk-full"


class Internal(LotseError):
    """A bug of ours; the number leads to the line in the log."""

    code = "internal"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id

    @property
    def facts(self) -> dict[str, object]:
        return {"id": self.request_id}


class Closed(LotseError):
    """The check is finished; its answers are a frozen snapshot."""

    code = "closed"

    def __init__(self, *, finished_on: date | None = None) -> None:
        super().__init__(finished_on)
        self.finished_on = finished_on


class StartRefused(LotseError):
    """The process does not start: setting and cure are named."""

    code = "start-refused"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    @property
    def facts(self) -> dict[str, object]:
        return {"what": self.what}


class BadSetting(StartRefused):
    """A `LOTSE_…` setting that cannot be."""

    code = "bad-setting"

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} {what}")


class RootKeyMissing(StartRefused):
    """Without the root key nothing sealed opens; in production none is made silently."""

    code = "root-key-missing"


class NewKeyRefused(StartRefused):
    """A new root key would take the place of one that is there or that data needs."""

    code = "new-key-refused"


class WrongRootKey(StartRefused):
    """The key file does not belong to this database."""

    code = "wrong-root-key"


class SchemaAhead(StartRefused):
    """The database was written by newer code."""

    code = "schema-ahead"


class UnmarkedView(StartRefused):
    """A view nobody thought about; the application does not start with it."""

    code = "unmarked-view"


class PortTaken(StartRefused):
    """Another program listens there."""

    code = "port-taken"


@dataclass(frozen=True, slots=True)
class Entry:
    """What we say about a code.

    Attributes:
        status: HTTP status.
        title: the sentence, German, with `%(name)s` placeholders filled from `facts`.
        way_out: what the person can do now.
        exit_code: what a command ends with.
    """

    status: int
    title: str
    way_out: str
    exit_code: int = 1


REGISTRY: dict[str, Entry] = {
    "invalid": Entry(
        422,
        mark("Bitte prüfen Sie die markierten Felder."),
        mark("Berichtigen Sie die Angaben und senden Sie noch einmal."),
    ),
    "malformed": Entry(400, mark("Die Anfrage ist nicht lesbar."), mark("Prüfen Sie die Eingabe.")),
    "unknown-question": Entry(
        422,
        mark("Diese Frage gibt es in dieser Ausgabe nicht."),
        mark("Laden Sie die Seite neu."),
    ),
    "unknown-catalog": Entry(
        404, mark("Diesen Fragenkatalog gibt es nicht."), mark("Sehen Sie in der Liste nach."), 4
    ),
    "unknown-edition": Entry(
        422, mark("Diese Ausgabe gibt es nicht."), mark("Sehen Sie in der Liste nach.")
    ),
    "bad-value": Entry(
        422, mark("Diese Antwort gibt es hier nicht."), mark("Wählen Sie eine der Antworten.")
    ),
    "na-not-offered": Entry(
        422,
        mark("„Trifft nicht zu“ gibt es bei dieser Frage nicht."),
        mark("Wählen Sie eine der Antworten."),
    ),
    "partly-not-offered": Entry(
        422,
        mark("„Zum Teil“ gibt es bei dieser Frage nicht."),
        mark("Wählen Sie eine der Antworten."),
    ),
    "unknown-missing": Entry(
        422, mark("Diesen Punkt gibt es bei dieser Frage nicht."), mark("Laden Sie die Seite neu.")
    ),
    "too-long": Entry(
        422,
        mark("Das ist zu lang (höchstens %(n)s Zeichen)."),
        mark("Kürzen Sie den Text."),
    ),
    "sign-in-needed": Entry(
        401,
        mark("Bitte melden Sie sich an."),
        mark("Melden Sie sich in einem neuen Fenster an, dann geht es hier weiter."),
    ),
    "sign-in-failed": Entry(
        401,
        mark("Adresse oder Passwort stimmt nicht."),
        mark("Versuchen Sie es noch einmal oder setzen Sie ein neues Passwort."),
    ),
    "forbidden": Entry(
        403,
        mark("Dazu fehlt Ihnen das Recht."),
        mark("Fragen Sie die Person, der das Konto Ihrer Firma gehört."),
        3,
    ),
    "wrong-origin": Entry(
        403,
        mark("Die Anfrage kam nicht von unserer Seite."),
        mark("Öffnen Sie die Seite neu und senden Sie noch einmal."),
        3,
    ),
    "not-found": Entry(
        404,
        mark("Diese Seite gehört zu einer anderen Firma oder es gibt sie nicht."),
        mark("Prüfen Sie die Adresse oder gehen Sie zur Startseite."),
        4,
    ),
    "method": Entry(405, mark("So geht das hier nicht."), mark("Gehen Sie zur Startseite.")),
    "link-expired": Entry(
        410, mark("Dieser Link gilt nicht mehr."), mark("Lassen Sie sich einen neuen schicken.")
    ),
    "closed": Entry(
        409,
        mark("Dieser Check ist abgeschlossen."),
        mark("Beginnen Sie einen neuen Durchgang mit diesen Antworten."),
        3,
    ),
    "incomplete": Entry(
        409,
        mark("Es sind noch Fragen offen."),
        mark("Beantworten Sie erst alle Fragen. „Weiß ich nicht“ ist auch eine Antwort."),
        3,
    ),
    "sealed-damaged": Entry(
        409,
        mark("Dieser Eintrag ist beschädigt. Wir sind informiert."),
        mark("Wir stellen ihn aus einer Sicherung wieder her."),
    ),
    "too-large": Entry(
        413, mark("Das ist zu groß (höchstens %(n)s)."), mark("Senden Sie weniger auf einmal.")
    ),
    "slow-down": Entry(
        429,
        mark("Zu viele Versuche. Bitte in %(n)s Min. noch einmal."),
        mark("Danach geht es ohne Weiteres. Ein neues Passwort können Sie jederzeit setzen."),
    ),
    "busy": Entry(
        503,
        mark("Gerade ist viel los. Bitte gleich noch einmal."),
        mark("Laden Sie die Seite in ein paar Sekunden neu."),
    ),
    "migrating": Entry(
        503,
        mark("Wir aktualisieren. In wenigen Minuten geht es weiter."),
        mark("Laden Sie die Seite dann neu."),
    ),
    "disk-full": Entry(
        507,
        mark("Wir können gerade nicht speichern. Ihr Text steht noch hier."),
        mark("Lassen Sie die Seite offen und versuchen Sie es in einigen Minuten noch einmal."),
    ),
    "internal": Entry(
        500,
        mark("Das war unser Fehler. Nummer %(id)s."),
        mark("Was zuletzt bestätigt war, ist gespeichert. Bitte noch einmal versuchen."),
    ),
    "start-refused": Entry(500, mark("So startet der Dienst nicht: %(what)s"), "", 5),
    "bad-setting": Entry(500, mark("Diese Einstellung geht nicht: %(what)s"), "", 2),
    "root-key-missing": Entry(
        500,
        mark("Der Schlüssel fehlt: %(what)s"),
        mark(
            "Legen Sie die Schlüsseldatei zurück, sonst öffnet sich kein Eintrag. "
            "Ganz am Anfang macht `lotse init --new-key` eine."
        ),
        5,
    ),
    "new-key-refused": Entry(
        500,
        mark("Hier entsteht kein neuer Schlüssel: %(what)s"),
        mark("Rufen Sie `lotse init` ohne --new-key auf."),
        5,
    ),
    "wrong-root-key": Entry(
        500,
        mark("Der Schlüssel gehört nicht zu dieser Datenbank: %(what)s"),
        mark("Nehmen Sie die Schlüsseldatei, mit der die Datenbank angelegt wurde."),
        5,
    ),
    "schema-ahead": Entry(
        500,
        mark("Die Datenbank ist neuer als das Programm: %(what)s"),
        mark("Starten Sie die neuere Fassung."),
        5,
    ),
    "unmarked-view": Entry(500, mark("Diesen Seiten fehlt ein Zugriffsvermerk: %(what)s"), "", 5),
    "port-taken": Entry(
        500,
        mark("%(what)s ist schon belegt."),
        mark("Nehmen Sie einen anderen mit --port, zum Beispiel --port 8001."),
        5,
    ),
}
"""The one registry: pages, commands and docs/errors.md come from it."""
