"""HTML to PDF: PDF/A-3a (kept for decades) and PDF/UA-1 (read aloud) at once.

The same HTML, time and attachments give the same bytes, in any process and on any machine: fonts
and style sheet come from this package, no clock is read, and nothing else is ever fetched.

WeasyPrint writes one standard at a time and leaves a few details that checkers refuse. What is
done about each stands where it is done.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

STATIC = Path(__file__).parents[1] / "web" / "static"
BASE_URL = "https://parts.invalid/"
"""Where a document finds its parts: a name that exists nowhere, so that a hole in the fetcher
would end in an error and not in a request."""

REGULAR = "fonts/kern-2.7.2/FiraSans-Regular.woff2"
PARTS = {
    "print.css": "text/css",
    REGULAR: "font/woff2",
    "fonts/kern-2.7.2/FiraSans-SemiBold.woff2": "font/woff2",
    "icons/star.svg": "image/svg+xml",
}
"""All that a document may load, by its path below `BASE_URL`, and of which type it is."""

VARIANT = "pdf/a-3a"
SPACES_TRIED = 16
WRONG_LENGTH = b"\r\nendstream"

PDF_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>part of ISO 14289</pdfaProperty:description></rdf:li></rdf:Seq>\
</pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
"""Says that the file is PDF/UA-1, and declares the field that says so, as PDF/A demands.
Source: ISO 14289-1, 5 and ISO 19005-3, 6.6.2.3."""


class PartRefused(Exception):
    """A document asked for something that is no part of this package: a bug in its template."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF.

    Attributes:
        name: file name, ASCII.
        description: what it is, for people.
        relationship: to the document. `Data`: the document was made from it.
    """

    name: str
    content: bytes
    description: str
    relationship: Literal["Data", "Source", "Supplement", "Alternative"] = "Data"


def render_pdf(html: str, *, created: datetime, attachments: Sequence[Attached] = ()) -> bytes:
    """Draw a document.

    Characters that the fonts lack are written out by name, for example `[wrench]`: another font
    would depend on the machine, and a box would tell nobody what stood there.

    Args:
        html: a whole document with `lang` and `<title>`; it finds its style sheet as `print.css`.
        created: UTC; the only time in the file.
        attachments: files that the PDF carries.

    Raises:
        PartRefused: the document names a file, an address or anything else that is not in `PARTS`.
    """
    from weasyprint import HTML, Attachment  # type: ignore[import-untyped]  # has no types
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]  # same

    refused: list[str] = []
    at = created.astimezone(UTC).replace(microsecond=0)
    document = HTML(
        string=only_known_characters(html), base_url=BASE_URL, url_fetcher=parts_only(refused)
    )
    try:
        drawn = document.render(font_config=FontConfiguration(), pdf_variant=VARIANT)
        drawn.metadata.created = drawn.metadata.modified = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        drawn.metadata.attachments += [
            Attachment(
                string=item.content,
                name=item.name,
                description=item.description,
                relationship=item.relationship,
                created=at,
                modified=at,
            )
            for item in attachments
        ]
        content = _written(drawn)
    except _fatal() as error:
        raise PartRefused(refused[0]) from error
    if refused:  # inside an SVG, WeasyPrint swallows even what is fatal
        raise PartRefused(refused[0])
    return content


def only_known_characters(text: str) -> str:
    """Write out what the fonts cannot show, and leave out what cannot be seen anyway."""
    known = _characters()
    composed = unicodedata.normalize("NFC", text)
    if known.issuperset(composed):
        return composed
    return "".join(each if each in known else _spelled(each) for each in composed)


def _spelled(character: str) -> str:
    replaced = unicodedata.normalize("NFKC", character)
    if _characters().issuperset(replaced):
        return replaced
    if unicodedata.category(character) in {"Cc", "Cf", "Mn", "Me"}:  # joiners, marks, controls
        return ""
    name = unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
    return f"[{name}]"


@cache
def _characters() -> frozenset[str]:
    """What the regular font shows; the bold one has the same characters."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # has no types

    with TTFont(STATIC / REGULAR) as font:
        return frozenset(map(chr, font.getBestCmap())) | {"\n", "\t"}


def _fatal() -> type[BaseException]:
    """The one exception that WeasyPrint does not swallow and go on without the part."""
    from weasyprint.urls import FatalURLFetchingError  # type: ignore[import-untyped]  # has no types

    error: type[BaseException] = FatalURLFetchingError
    return error


def parts_only(refused: list[str]) -> Callable[[str], Any]:
    """Return what WeasyPrint asks for each address; the refused ones are noted in the list."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    written_in_the_document = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)

    def fetch(url: str) -> Any:
        name = url.removeprefix(BASE_URL)
        if name != url and name in PARTS:
            content = (STATIC / name).read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": PARTS[name]})
        try:
            return written_in_the_document(url)
        except Exception as error:  # a `data:` that cannot be read ends here too
            refused.append(url)
            raise _fatal()(url) from error

    return fetch


def _written(drawn: Any) -> bytes:
    """Write the file, again with one more space in its metadata while a length reads wrong.

    The last stream is the table of contents of the file itself and is packed while it is written,
    so nothing can be done about its last byte but to change what it lists.
    """
    for spaces in range(SPACES_TRIED):
        content = _write(drawn, spaces)
        if WRONG_LENGTH not in content:
            return content
    raise AssertionError("every attempt ended a stream in a carriage return")


def _write(drawn: Any, spaces: int) -> bytes:
    target = BytesIO()
    with warnings.catch_warnings():
        # WeasyPrint leaves closing its colour profile to the end of the object.
        warnings.simplefilter("ignore", ResourceWarning)
        drawn.write_pdf(target, finisher=_finisher(spaces), pdf_variant=VARIANT)
    return target.getvalue()


def _finisher(spaces: int) -> Callable[[Any, Any], None]:
    def finish(_document: Any, pdf: Any) -> None:
        metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
        packet = metadata.stream[0]
        # A second rdf:RDF, which WeasyPrint would add, is not seen by checkers.
        assert packet.count(b"</rdf:RDF>") == 1
        packet = packet.replace(b"</rdf:RDF>", PDF_UA + b"</rdf:RDF>" + b" " * spaces)
        metadata.stream = [packet]
        metadata.compress = False  # checkers refuse packed metadata
        for each in pdf.objects:
            # A packed stream that ends in a carriage return reads as one byte too short: one
            # stream in 256.
            if getattr(each, "compress", False) and each.data.endswith(WRONG_LENGTH):
                each.compress = False

    return finish
