"""Looks for words in bytes, in every spelling in which a leak has been seen."""

from __future__ import annotations

import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tests.security.dump import Rows

ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
LONGEST_STREAM = 4 * 1024 * 1024


def found_in(places: Mapping[str, bytes], secrets: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return secret → where it was found and how it was spelled; empty is what we hope for."""
    found: dict[str, list[str]] = {}
    spelled = {name: spellings(secret) for name, secret in secrets.items()}
    for place, content in places.items():
        whole = content + b"".join(unpacked(content))
        lower = whole.lower()
        for name, ways in spelled.items():
            hits = [
                f"{place}: {spelling}"
                for spelling, (bites, any_case) in ways.items()
                if bites in (lower if any_case else whole)
            ]
            if hits:
                found.setdefault(name, []).extend(hits)
    return found


def spellings(secret: bytes) -> dict[str, tuple[bytes, bool]]:
    """The secret as it might lie there; with each, whether upper and lower case are the same."""
    text = secret.decode("latin-1")
    made = {
        "utf-8": (secret.lower(), True),
        "utf-16-le": (text.lower().encode("utf-16-le"), True),
        "utf-16-be": (text.lower().encode("utf-16-be"), True),
        "hex": (secret.hex().encode(), True),
    }
    for shift in range(3):
        # Where it begins in a longer text shifts the letters; the ends belong to its neighbours.
        for name, encode in (("base64", b64encode), ("base64-url", urlsafe_b64encode)):
            letters = encode(b"\0" * shift + secret).rstrip(b"=")
            made[f"{name}+{shift}"] = (letters[(0, 2, 3)[shift] : -1], False)
    return made


def unpacked(content: bytes) -> Iterator[bytes]:
    """What lies there packed, such as a snapshot or a PDF that somebody forgot to seal."""
    for head in ZLIB_HEADS:
        at = content.find(head)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(content[at:], LONGEST_STREAM)
            at = content.find(head, at + 1)


def files_of(folder: Path, leaving_out: str = "*.eml") -> dict[str, bytes]:
    """All files below a folder; a delivered mail is its reader's, with name and link."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.match(leaving_out)
    }


def values_of(rows: Rows) -> dict[str, bytes]:
    """Each value of a database as bytes, whole where a file has it in pieces."""
    found: dict[str, bytes] = {}
    for table, lines in rows.items():
        for number, row in enumerate(lines):
            for column, value in row.items():
                raw = (
                    bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                )
                found[f"{table}[{number}].{column}"] = raw
    return found
