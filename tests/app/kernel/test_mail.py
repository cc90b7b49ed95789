"""A mail is a job: rendered and sent after the commit, never lost, never doubled by us."""

from __future__ import annotations

import smtplib
import socket
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from app.kernel import links, mail
from app.kernel.ids import token_hash
from app.kernel.jobs import OF_MAILS, JobRow, job_place
from app.kernel.links import LinkRow
from app.kernel.mail import VOID, Letter
from app.kernel.scope import NOBODY
from app.kernel.settings import Smtp
from app.kernel.worker import Worker

OLGA = "olga@firma.example"
SUBJECT = UUID(int=7)


@pytest.fixture
def kernel(sqlite_kernel):
    return sqlite_kernel


def render(template, language, facts):
    lines = [f"{name}: {facts[name]}" for name in sorted(facts)]
    return Letter(f"{template} {language}", "\n".join(lines), f"<p>{' '.join(lines)}</p>")


def post(kernel, to=OLGA, template="accounts/reset", **options):
    with kernel.write(NOBODY) as work:
        mail.post(work, template, to, language="de", **options)


def deliver(kernel, drawn=render):
    return Worker(kernel, {"mail": mail.deliver(drawn)}, ()).tick()


def mailbox(kernel):
    files = sorted(mail.mailbox(kernel.settings).glob("*"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def row(kernel):
    with kernel.read(NOBODY) as work:
        return work.session.execute(select(JobRow.__table__)).one()


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_without_a_server_mails_lie_in_the_local_mailbox(kernel):
    post(kernel, facts={"name": "Olga Müller"})
    assert deliver(kernel) == 1
    (message,) = mailbox(kernel)
    assert (message["To"], message["From"]) == (OLGA, kernel.settings.mail_from)
    assert message["Subject"] == "accounts/reset de"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 01 Mar 2027 12:00:00 +0000"
    assert message["Message-ID"].endswith("@lotse.example>")
    assert text_of(message) == "centre: Kompetenzzentrum IT-Sicherheit\nname: Olga Müller\n"
    assert "Olga Müller" in message.get_body(("html",)).get_content()
    assert (row(kernel).state, row(kernel).tries) == ("done", 1)


def test_the_mailbox_is_nobody_elses(kernel):
    post(kernel)
    deliver(kernel)
    assert mail.mailbox(kernel.settings).stat().st_mode & 0o077 == 0


def test_the_job_holds_no_link_and_the_database_only_its_hash(kernel):
    post(kernel, link=("reset", SUBJECT))
    with kernel.read(NOBODY) as work:
        assert work.session.scalars(select(LinkRow.hash)).all() == []
    deliver(kernel)
    (message,) = mailbox(kernel)
    link = text_of(message).partition("link: ")[2].splitlines()[0]
    token = link.removeprefix("https://lotse.example/passwort/")
    with kernel.read(NOBODY) as work:
        assert work.session.scalars(select(LinkRow.hash)).all() == [token_hash(token)]
        assert links.look(work, "reset", token) == SUBJECT
    database = b"".join(path.read_bytes() for path in kernel.settings.data.glob("lotse.db*"))
    assert token.encode() not in database
    assert OLGA.encode() not in database


def test_a_link_is_valid_before_its_mail_leaves(kernel, monkeypatch):
    seen = []

    def look(_settings, message, _name):
        token = text_of(message).rpartition("/")[2].strip()
        with kernel.read(NOBODY) as work:
            seen.append(links.look(work, "reset", token))

    monkeypatch.setattr(mail, "send", look)
    post(kernel, link=("reset", SUBJECT))
    deliver(kernel)
    assert seen == [SUBJECT]


def test_a_void_mail_is_dropped_unsent(kernel):
    post(kernel, template=VOID)
    assert deliver(kernel) == 1
    assert (mailbox(kernel), row(kernel).state) == ([], "dropped")


def test_mails_about_one_thing_go_in_order(kernel, clock):
    post(kernel, facts={"n": "1"}, order_key="person/7")
    post(kernel, facts={"n": "2"}, order_key="person/7")
    broken: list[object] = []

    def fails_once(template, language, facts):
        if not broken:
            broken.append(facts)
            raise OSError
        return render(template, language, facts)

    deliver(kernel, fails_once)
    assert mailbox(kernel) == []  # the second one waits for the first
    clock.now += OF_MAILS[0]
    deliver(kernel, fails_once)
    assert [text_of(message)[-2] for message in mailbox(kernel)] == ["1", "2"]


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("olga@firma.example\r\nBcc: all@firma.example", "Hallo"),
        ("olga@firma.example\nBcc: all@firma.example", "Hallo"),
        (OLGA, "Hallo\r\nBcc: all@firma.example"),
        (OLGA, "Hallo\nBcc: all@firma.example"),
    ],
)
def test_nobody_writes_headers_of_their_own(to, subject, kernel):
    post(kernel, to)
    deliver(kernel, lambda *_: Letter(subject, "text", "<p>text</p>"))
    assert mailbox(kernel) == []
    assert row(kernel).last_reply == "ValueError"


class Inbox:
    """What a mail server has accepted; says no when told to."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, ...]] = []
        self.reply = "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  (aiosmtpd's name)
        if self.reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  (aiosmtpd's name)
        letter = (envelope.mail_from, envelope.rcpt_tos, envelope.mail_options, envelope.content)
        self.messages.append(letter)
        return "250 OK"


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def server(inbox):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


def by_smtp(kernel, port, **options):
    smtp = Smtp("127.0.0.1", port, security="none", **options)
    return replace(kernel, settings=replace(kernel.settings, smtp=smtp))


def test_a_server_gets_the_mail(kernel, inbox, server):
    post(kernel, facts={"name": "Jürgen Groß"})
    deliver(by_smtp(kernel, server))
    ((sender, readers, options, content),) = inbox.messages
    message = message_from_bytes(content, policy=policy.default)
    assert (sender, readers) == (kernel.settings.mail_from, [OLGA])
    assert "BODY=8BITMIME" in options  # umlauts travel as they are
    assert "Jürgen Groß" in text_of(message)
    assert (mailbox(kernel), row(kernel).state) == ([], "done")


def test_a_server_that_is_away_loses_and_doubles_nothing(kernel, inbox, server, clock):
    post(kernel, facts={"n": "1"}, link=("reset", SUBJECT))
    closed = by_smtp(kernel, 1)
    for wait in OF_MAILS[:4]:
        assert deliver(closed) == 1
        assert (row(kernel).state, row(kernel).last_reply) == ("ready", "ConnectionRefusedError")
        clock.now += wait
    assert deliver(by_smtp(kernel, server)) == 1
    assert deliver(by_smtp(kernel, server)) == 0
    ((*_envelope, content),) = inbox.messages
    token = text_of(message_from_bytes(content, policy=policy.default)).partition("/passwort/")[2]
    with kernel.read(NOBODY) as work:
        assert links.look(work, "reset", token.split()[0]) == SUBJECT  # minted for this try


def test_a_server_may_be_away_for_a_weekend():
    assert sum(OF_MAILS, timedelta(0)) > timedelta(days=3)


def test_every_try_has_the_same_message_id(kernel, inbox, server, clock):
    post(kernel)
    inbox.reply = "451 try later"
    deliver(by_smtp(kernel, server))
    assert row(kernel).last_reply == "SMTPRecipientsRefused"
    with kernel.read(NOBODY) as work:
        payload = work.session.scalars(select(JobRow.payload)).one()
        wanted = work.vault.open(payload, job_place(row(kernel).id))["message_id"]
    inbox.reply = "250 OK"
    clock.now += OF_MAILS[0]
    deliver(by_smtp(kernel, server))
    assert message_from_bytes(inbox.messages[0][-1])["Message-ID"] == wanted


class RudeInbox(Inbox):
    """Takes the mail and has no good word at the end."""

    async def handle_QUIT(self, _server, _session, _envelope):  # noqa: N802  (aiosmtpd's name)
        return "421 too busy"


@pytest.mark.parametrize("inbox", [RudeInbox()])
def test_a_bad_farewell_does_not_send_a_mail_again(kernel, inbox, server):
    post(kernel)
    deliver(by_smtp(kernel, server))
    assert (len(inbox.messages), row(kernel).state) == (1, "done")


def test_a_reader_that_does_not_exist_is_given_up_at_once(kernel, inbox, server):
    post(kernel)
    inbox.reply = f"550 no {OLGA} here"
    deliver(by_smtp(kernel, server))
    assert (row(kernel).state, row(kernel).last_reply) == ("failed", "550")


def test_a_server_is_asked_for_encryption_unless_told_otherwise(kernel, inbox, server):
    post(kernel)
    settings = replace(kernel.settings, smtp=Smtp("127.0.0.1", server))
    deliver(replace(kernel, settings=settings))
    assert inbox.messages == []  # it has none, and nothing is sent in the clear
    assert row(kernel).last_reply == smtplib.SMTPNotSupportedError.__name__
