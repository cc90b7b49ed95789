"""One visit that uses every entrance of a running service, with a word of its own for each."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
import pypdfium2
from sqlalchemy import make_url

from app.kernel.mail import mailbox
from app.kernel.settings import Settings
from tests.security.killable import Client, Reply, Service
from tests.security.routes import QUICK, REGISTRATION

FIRM = "Sichtbar Metallbau"
"""The name of a firm is no secret: found again it proves that the search finds."""

WORDS = {
    "name of the person": "quittenbrodt4711",
    "address of the person": "amboss.zange815",
    "password": "reibahle und senker 0815",
    "note": "gewindebohrer2209",
    "whom to ask": "fraupollerhammer31",
    "note that lost a conflict": "winkelschleifer77",
    "note that was too long": "spiralbohrer4242",
    "note of a save that broke": "drehmeissel9090",
    "value of the quick check": "kurbelwelle3131",
    "trap for machines": "honigtopf1212",
    "name of who waits": "zwetschgenmus616",
    "address of who waits": "hobelbank.span99",
    "address that nobody has": "schraubstock.leer5",
    "wrong password": "falsche feile 8181",
    "new password": "messschieber mit nonius 3",
    "where to after signing in": "umlenkrolle5151",
    "user agent": "flachmeissel6161",
    "referer": "koernerpunkt7171",
    "path": "reissnadel8282",
    "query": "parallelreisser93",
    "header": "haarlineal1414",
    "cookie": "fuehlerlehre2525",
    "host": "endmass3636",
    "forwarded address": "messuhr4747",
    "token of a link that is none": "grenzlehrdorn5858",
    "body that is no form": "sinuslineal6969",
    "body that is no text": "rauheit7070",
}
"""Entrance → the word that goes in there."""

QUESTION, MISSING = "bak-restore-test", "only-files"
MADE_WITHIN_S = 60
LOOK_EVERY_S = 0.2


@dataclass
class Visit:
    """What was planted; the service itself makes some secrets too.

    Attributes:
        made: tokens of cookies and links, by where they were seen.
        report: the text of the PDF.
    """

    made: dict[str, str] = field(default_factory=dict)
    report: str = ""

    def secrets(self) -> dict[str, bytes]:
        words = WORDS | {"missing point": MISSING} | self.made
        return {name: word.encode() for name, word in words.items()}


def visit(service: Service, settings: Settings) -> Visit:
    """Go in by every door.

    Args:
        service: running.
        settings: of the same instance, to find its mailbox and its database.
    """
    done = Visit()
    guest = Client(service)
    _register(guest, settings, done)
    _answer(guest, settings)
    _take_report(guest, done)
    _sign_in_again(guest, settings, done)
    _register_and_wait(Client(service), settings, done)
    _make_noise(Client(service))
    return done


def _register(guest: Client, settings: Settings, done: Visit) -> None:
    odd = guest.post(
        "/kurzcheck", **QUICK | {"bak-restore-test": WORDS["value of the quick check"]}
    )
    assert odd.status == 422
    assert guest.post("/kurzcheck/behalten", **QUICK).status == 303
    [(_name, done.made["kept quick check"])] = guest.cookies.items()
    email = f"{WORDS['address of the person']}@sichtbar.example"
    form = REGISTRATION | {"firm": FIRM, "name": WORDS["name of the person"], "email": email}
    assert (
        guest.post("/registrieren", **form | {"homepage": WORDS["trap for machines"]}).status == 200
    )
    assert guest.post("/kurzcheck/behalten", **QUICK).status == 303
    assert guest.post("/registrieren", **form).status == 200
    link = _link(settings, "/registrieren/", 1)
    done.made["link of the registration"] = link
    assert email in guest.get(f"/registrieren/{link}").text
    welcome = guest.post(f"/registrieren/{link}", password=WORDS["password"])
    assert welcome.status == 303
    done.made["cookie of the first session"] = guest.cookies[settings.cookie]
    page = guest.get(welcome.location).location.partition("#")[0]
    assert WORDS["name of the person"] in guest.get(page).text
    assert guest.post("/registrieren", **form).status == 200  # "you already have an account"
    _link(settings, "/anmelden", 2)


def _answer(guest: Client, settings: Settings) -> None:
    path = f"{_check(guest)}/fragen/{QUESTION}"
    partly = {"value": "partly", "missing": MISSING, "revision": "1"}
    asked = {"note": WORDS["note"], "ask": WORDS["whom to ask"]}
    assert guest.post(path, **partly, **asked).status == 303
    lost = guest.post(path, value="no", note=WORDS["note that lost a conflict"], revision="0")
    assert (lost.status, WORDS["note that lost a conflict"] in lost.text) == (409, True)
    long = WORDS["note that was too long"].ljust(4001, "x")
    refused = guest.post(path, value="no", note=long, revision="2")
    assert (refused.status, WORDS["note that was too long"] in refused.text) == (422, True)
    path = f"{_check(guest)}/fragen/g-wifi"
    with _broken_answers(settings):
        broken = guest.post(path, value="no", note=WORDS["note of a save that broke"], revision="0")
    assert broken.status == 500


def _take_report(guest: Client, done: Visit) -> None:
    path = f"{_check(guest)}/berichte"
    page = guest.post(path, id=str(uuid4()), language="de").location
    deadline = time.monotonic() + MADE_WITHIN_S
    while (file := guest.get(f"{page}/bericht.pdf")).status == 404:
        assert time.monotonic() < deadline, "the worker made no report"
        time.sleep(LOOK_EVERY_S)
    pdf = pypdfium2.PdfDocument(file.body)
    done.report = "".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    pdf.close()


def _sign_in_again(guest: Client, settings: Settings, done: Visit) -> None:
    email = f"{WORDS['address of the person']}@sichtbar.example"
    assert guest.post("/abmelden").status == 303
    wrong = WORDS["wrong password"]
    assert guest.post("/anmelden", email=email, password=wrong).status == 401
    nobody = f"{WORDS['address that nobody has']}@sichtbar.example"
    assert guest.post("/anmelden", email=nobody, password=wrong).status == 401
    assert guest.post("/passwort-vergessen", email=nobody).status == 200
    assert guest.post("/passwort-vergessen", email=email).status == 200
    link = _link(settings, "/passwort/", 3)
    done.made["link of the new password"] = link
    assert guest.get(f"/passwort/{link}").status == 200
    assert guest.post(f"/passwort/{link}", password=WORDS["new password"]).status == 303
    assert guest.post("/abmelden").status == 303
    target = f"/checks?{WORDS['where to after signing in']}"
    fields = {"email": email, "password": WORDS["new password"], "next": target}
    assert guest.post("/anmelden", **fields).location == target
    done.made["cookie of the last session"] = guest.cookies[settings.cookie]


def _register_and_wait(guest: Client, settings: Settings, done: Visit) -> None:
    email = f"{WORDS['address of who waits']}@wartet.example"
    form = REGISTRATION | {"name": WORDS["name of who waits"], "email": email}
    assert guest.post("/registrieren", **form).status == 200
    done.made["link of who waits"] = _link(settings, "/registrieren/", 5)


def _make_noise(guest: Client) -> None:
    """What machines send all day; each gets an answer that is no fault of ours."""
    cookie = f"__Host-lotse={WORDS['cookie']}; __Host-lotse-kurzcheck={WORDS['cookie']}"
    headers = {
        "User-Agent": WORDS["user agent"],
        "Referer": f"https://{WORDS['referer']}.example/",
        "Accept-Language": WORDS["header"],
        "X-Forwarded-For": WORDS["forwarded address"],
        "Cookie": cookie,
    }
    link = f"/passwort/{WORDS['token of a link that is none']}"
    json, broken = WORDS["body that is no form"], WORDS["body that is no text"].encode()
    replies: list[tuple[int, Reply]] = [
        (200, guest.get("/registrieren", **headers)),
        (404, guest.get(f"/{WORDS['path']}/..%2f%00", **headers)),
        (404, guest.get(f"/fehler/{WORDS['path']}", **headers)),
        (303, guest.get(f"/checks?{WORDS['query']}=1", **headers)),
        (200, guest.get(f"/anmelden?next=//{WORDS['query']}", **headers)),
        (410, guest.get(link, **headers)),
        (410, guest.post(link, password=WORDS["wrong password"])),
        (400, guest.get("/", Host=WORDS["host"])),
        (400, guest.post_raw("/anmelden", f'{{"a": "{json}"}}'.encode(), "application/json")),
        (
            400,
            guest.post_raw("/anmelden", b"email=%ff" + broken, "application/x-www-form-urlencoded"),
        ),
    ]
    assert [reply.status for _due, reply in replies] == [due for due, _reply in replies]


def _check(guest: Client) -> str:
    found = re.search(r'href="(/checks/[0-9a-f-]{36})', guest.get("/checks").text)
    assert found is not None
    return found[1]


def _link(settings: Settings, path: str, mails: int) -> str:
    """Wait until so many mails have come and return the end of the link in the newest."""
    deadline = time.monotonic() + MADE_WITHIN_S
    while len(found := sorted(mailbox(settings).glob("*.eml"))) < mails:
        assert time.monotonic() < deadline, f"{len(found)} of {mails} mails have come"
        time.sleep(LOOK_EVERY_S)
    text = found[-1].read_bytes().decode().replace("=\r\n", "").replace("=3D", "=")
    link = re.search(rf"{re.escape(settings.base_url + path)}([\w-]*)", text)
    assert link is not None
    return link[1]


@contextmanager
def _broken_answers(settings: Settings) -> Iterator[None]:
    """Let the database refuse new answers: a bug in the middle of a save."""
    url = make_url(settings.database)
    if url.drivername == "sqlite":
        refusal = "BEGIN SELECT RAISE(ABORT, 'broken by a test'); END"
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as connection:
            connection.execute(f"CREATE TRIGGER broken BEFORE INSERT ON answers {refusal}")
            yield
            connection.execute("DROP TRIGGER broken")
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE answers ADD CONSTRAINT broken CHECK (false) NOT VALID")
        yield
        connection.execute("ALTER TABLE answers DROP CONSTRAINT broken")
