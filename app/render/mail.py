"""A mail is a text file; its HTML part is made of the same words, so the two cannot differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.kernel.i18n import speak
from app.kernel.mail import Letter
from app.render import templates

SUBJECT = {"de": "Betreff: ", "en": "Subject: "}
FOOT = "\n--\n"
SIGNATURE = "\n-- \n"
"""What mail programs know as the beginning of a signature. Source: RFC 3676 4.3. The files do
without its blank, which editors would take off."""
LINK = re.compile(r"https?://[^\s<>\"]+")
ITEM = "- "


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the HTML part.

    Attributes:
        text: words of a paragraph or a button; empty for a list.
        url: where the button leads; else empty.
        items: of a list; else empty.
    """

    kind: Literal["paragraph", "list", "button"]
    text: str = ""
    url: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HtmlMail:
    """What `mail.html` shows.

    Attributes:
        foot: lines behind the signature's dashes: who writes, and why.
    """

    language: str
    subject: str
    blocks: tuple[Block, ...]
    foot: tuple[str, ...]


def render_mail(template: str, language: str, facts: Mapping[str, object]) -> Letter:
    """Render a mail of a feature.

    Args:
        template: `<feature>/<name>`, found as `app/<feature>/mails/<name>.<language>.txt`.
        language: `de` or `en`.
        facts: values of the template; what it names and does not get is an error. Their line
            breaks become blanks, so that no fact can add a line of its own.
    """
    feature, _slash, name = template.partition("/")
    one_line = {
        key: " ".join(value.split()) if isinstance(value, str) else value
        for key, value in facts.items()
    }
    text = _texts().get_template(f"{feature}/mails/{name}.{language}.txt").render(one_line)
    head, _break, body = text.partition("\n")
    subject, body = head.removeprefix(SUBJECT[language]).strip(), f"{body.strip()}\n"
    words, _foot, foot = body.partition(FOOT)
    page = HtmlMail(language, subject, _blocks(words), tuple(foot.splitlines()))
    with speak(language):
        html = templates.environment().get_template("render/mail.html").render(page=page)
    return Letter(subject, body.replace(FOOT, SIGNATURE), html)


@cache
def _texts() -> Environment:
    """Mails are plain text: nothing is escaped here, all of it is in `mail.html`."""
    return Environment(
        loader=FileSystemLoader(templates.APP),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  (text, not HTML)
        keep_trailing_newline=True,
    )


def _blocks(words: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", words.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        if all(line.startswith(ITEM) for line in lines):
            items = tuple(line.removeprefix(ITEM) for line in lines)
            blocks.append(Block("list", items=items))
        else:
            blocks.extend(_lines(lines))
    return tuple(blocks)


def _lines(lines: list[str]) -> list[Block]:
    """Join lines to paragraphs; a line that is only a link is a button named by the line before."""
    blocks: list[Block] = []
    gathered: list[str] = []
    for line in lines:
        if not LINK.fullmatch(line):
            gathered.append(line)
            continue
        named = bool(gathered) and gathered[-1].endswith(":")
        label = gathered.pop().removesuffix(":") if named else line
        if gathered:
            blocks.append(Block("paragraph", " ".join(gathered)))
            gathered = []
        blocks.append(Block("button", label, line))
    if gathered:
        blocks.append(Block("paragraph", " ".join(gathered)))
    return blocks
