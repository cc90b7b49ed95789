"""The local mailbox as a page, in development only: there is no mail server to look into."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from app.kernel import mail
from app.kernel.access import access
from app.web import gate
from app.web.pages import render

blueprint = Blueprint("development", __name__)
NEWEST = 20
"""More mails than anybody looks for."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    text: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class ShownMail:
    subject: str
    to: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class MailboxPage:
    mails: tuple[ShownMail, ...]


@blueprint.record
def add_mailbox(state: BlueprintSetupState) -> None:
    """Add the page as `public.mailbox`: for its reader it belongs to the public pages."""
    state.app.add_url_rule("/postfach", endpoint="public.mailbox", view_func=mailbox)


@access(public=True, no_cookie=True)
def mailbox() -> ResponseReturnValue:
    folder = mail.mailbox(gate.kernel().settings)
    newest_first = sorted(folder.glob("*.eml"), reverse=True)[:NEWEST]
    page = MailboxPage(tuple(_shown(path) for path in newest_first))
    return render("public/mailbox.html", page), {"Cache-Control": "no-store"}


def _shown(path: Path) -> ShownMail:
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
    body = message.get_body(("plain",))
    lines = body.get_content().splitlines() if body else []
    return ShownMail(
        str(message["Subject"]),
        str(message["To"]),
        tuple(ShownLine(line, line.startswith(("http://", "https://"))) for line in lines),
    )
