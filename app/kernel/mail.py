"""Mails are jobs: written with the act, rendered and sent by the worker after the commit.

The job holds template and sealed facts, never a link: a link is minted when the mail is
rendered, and its hash is committed before the mail leaves.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from app.kernel import links
from app.kernel.ids import new_token
from app.kernel.jobs import MAIL, Job
from app.kernel.scope import NOBODY
from app.kernel.settings import Settings, Smtp
from app.kernel.work import Handler, Kernel, Work

KIND = MAIL
VOID = "void"
"""Template of a mail that nobody gets: known and unknown addresses do the same work."""
TIMEOUT_S = 10
PATHS = {"register": "/registrieren/", "reset": "/passwort/"}
"""Purpose of a link → where its page is."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered mail; text is the original, HTML the same words."""

    subject: str
    text: str
    html: str


RenderMail = Callable[[str, str, Mapping[str, object]], Letter]
"""(template such as `accounts/reset`, language, facts) → letter. `main` hands it in."""


def post(
    work: Work,
    template: str,
    to: str,
    *,
    language: str,
    facts: Mapping[str, str] | None = None,
    link: tuple[str, UUID] | None = None,
    order_key: str | None = None,
) -> None:
    """Leave a mail for the worker.

    Args:
        work: the act that causes the mail.
        template: `<feature>/<name>`, or `VOID`.
        to: address of the reader.
        language: `de` or `en`.
        facts: values of the template.
        link: purpose and subject of the link that the mail carries as `link`.
        order_key: keeps mails about one thing in order.
    """
    payload = {
        "template": template,
        "to": to,
        "language": language,
        "facts": dict(facts or {}),
        "link": [link[0], str(link[1])] if link else None,
        "message_id": f"<{new_token()}@{work.settings.host.partition(':')[0]}>",
    }
    work.jobs.enqueue(KIND, payload, order_key=order_key, priority=-1)


def deliver(render: RenderMail) -> Handler:
    """Make the handler of mail jobs."""

    def handler(kernel: Kernel, job: Job) -> None:
        payload = job.payload
        if payload["template"] == VOID:
            with kernel.write(NOBODY) as work:
                work.jobs.finish(job, state="dropped")
            return
        facts = {**payload["facts"], "centre": kernel.settings.centre.name}
        if payload["link"]:
            purpose, subject = payload["link"]
            with kernel.write(NOBODY) as work:
                token = links.mint(work, purpose, UUID(subject))
            facts["link"] = f"{kernel.settings.base_url}{PATHS[purpose]}{token}"
        letter = render(payload["template"], payload["language"], facts)
        message = _message(kernel, letter, payload["to"], payload["message_id"])
        try:
            send(kernel.settings, message, f"{job.id:08}.eml")
        except smtplib.SMTPRecipientsRefused as error:
            if not _refused_for_good(error):
                raise
            with kernel.write(NOBODY) as work:
                work.jobs.finish(job, state="failed", reply=_codes(error))
            return
        with kernel.write(NOBODY) as work:
            work.jobs.finish(job)

    return handler


def _refused_for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    """5xx: the server knows that there is no such reader; 4xx may be over the next time."""
    return all(code >= 500 for code, _reply in error.recipients.values())


def _codes(error: smtplib.SMTPRecipientsRefused) -> str:
    """What the server answered, without its words: they repeat the address."""
    return ", ".join(str(code) for code, _reply in error.recipients.values())


def _message(kernel: Kernel, letter: Letter, to: str, message_id: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    message["From"] = kernel.settings.mail_from
    message["To"] = to
    message["Date"] = format_datetime(kernel.clock())
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def send(settings: Settings, message: EmailMessage, name: str) -> None:
    """Hand a mail to the server, or put it into the local mailbox where there is none."""
    if settings.smtp is None:
        _drop_into(mailbox(settings), message, name)
    else:
        _send_by(settings.smtp, message)


def mailbox(settings: Settings) -> Path:
    """Folder of the local mailbox: one `.eml` per mail."""
    return settings.data / "mailbox"


def _drop_into(folder: Path, message: EmailMessage, name: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f"{name}.part"
    unfinished.write_bytes(message.as_bytes())
    unfinished.replace(folder / name)  # a reader never sees half a mail


def _send_by(smtp: Smtp, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)
        if smtp.user:
            server.login(smtp.user, smtp.password)
        server.ehlo_or_helo_if_needed()
        umlauts = ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
        server.send_message(message, mail_options=umlauts)
        with suppress(smtplib.SMTPException, OSError):
            server.quit()  # the mail is taken: a bad farewell must not send it again
    finally:
        server.close()
