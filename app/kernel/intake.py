"""What comes in, checked at the edge: bytes become clean text or a typed error.

Flask alone replaces broken UTF-8 silently and takes U+0000 and any number of fields.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize
from urllib.parse import unquote_to_bytes

from app.kernel.errors import Malformed

MAX_BODY_BYTES = 1024 * 1024
MAX_FIELDS = 500
LINE_BREAKS = "\n\t"
MORE_LINE_BREAKS = "\u2028\u2029"
"""Line and paragraph separator: harmless in a note, a second line in a name."""
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
"""One plain mailbox: no comment, no quotes, no comma that would make two readers of one."""
ADDRESS_LENGTH = 254
"""Characters of an address. Source: RFC 5321 4.5.3.1.3, path without its brackets."""
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def read_form(body: bytes) -> list[tuple[str, str]]:
    r"""Read a urlencoded form.

    Returns:
        Pairs of name and clean text: NFC, line breaks as `\n`.

    Raises:
        Malformed: too many fields, broken UTF-8, control characters.
    """
    if body.count(b"&") >= MAX_FIELDS:
        raise Malformed("too many fields")
    pairs = []
    for field in body.split(b"&"):
        if field:
            name, _equals, value = field.partition(b"=")
            pairs.append((_text(name), _text(value)))
    return pairs


def clean(text: str) -> str:
    """Bring text into one form.

    Raises:
        Malformed: control characters, surrogates or U+0000.
    """
    text = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(category(sign) in {"Cc", "Cs"} and sign not in LINE_BREAKS for sign in text):
        raise Malformed("control character")
    return text


def is_one_line(text: str) -> bool:
    """Say whether a text may be a name: one line, no signs that turn the writing direction."""
    return not (BIDI & set(text)) and not any(
        sign in text for sign in LINE_BREAKS + MORE_LINE_BREAKS
    )


def is_address(text: str) -> bool:
    """Say whether a text is one e-mail address to which a mail may be sent."""
    return len(text) <= ADDRESS_LENGTH and ADDRESS.fullmatch(text) is not None


def is_local(target: str) -> bool:
    """Say whether a redirect to `target` stays with us: two slashes leave."""
    return (
        target.startswith("/")
        and target[1:2] not in {"/", "\\"}
        and not any(category(sign) in {"Cc", "Cs"} for sign in target)
    )


def _text(raw: bytes) -> str:
    try:
        return clean(unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "strict"))
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error
