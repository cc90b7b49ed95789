"""PDFs: what checkers demand, the same bytes everywhere, and nothing from outside."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import page
import pikepdf
import pydyf
import pytest
from weasyprint import HTML  # type: ignore[import-untyped]  # has no types

from app.render import pdf
from app.render.pdf import Attached, PartRefused, only_known_characters, render_pdf
from tests.app.render import states

NOON = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
FACTS = Attached("ergebnis.json", b'{"a":1}', "Ergebnis als Daten")


def html(body, head=""):
    return (
        f'<!doctype html><html lang="de"><head><title>Probe</title>{head}'
        f'<link rel="stylesheet" href="print.css"></head><body><h1>Probe</h1>{body}</body></html>'
    )


def draw(body, **more):
    return render_pdf(html(body), created=NOON, **more)


@pytest.mark.parametrize("profile", ["3a", "ua1"])
def test_a_document_is_kept_for_decades_and_read_aloud(profile):
    report = page.validate_pdf_bytes(
        draw('<p class="top">Wichtig</p>', attachments=(FACTS,)), profile=profile
    )
    assert not [(failure.rule_id, failure.message) for failure in report.failures]


def test_a_checker_finds_what_is_wrong():
    without_language = html("<p>…</p>").replace(' lang="de"', "")
    report = page.validate_pdf_bytes(render_pdf(without_language, created=NOON), profile="ua1")
    assert report.failures


def test_a_document_is_sound():
    with pikepdf.open(BytesIO(draw("<p>…</p>", attachments=(FACTS,)))) as file:
        assert not file.check_pdf_syntax()
        assert file.pdf_version == "1.7"


@pytest.mark.parametrize(
    "part",
    [
        '<img src="file:///etc/passwd" alt="x">',
        '<img src="https://elsewhere.example/x.png" alt="x">',
        '<img src="http://127.0.0.1:80/" alt="x">',
        '<img src="../../kernel/settings.py" alt="x">',
        '<img src="lotse.css" alt="x">',
        '<img src="/print.css/../lotse.css" alt="x">',
        '<p style="background: url(file:///etc/hostname)">x</p>',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<img src="data:broken" alt="x">',
        "<style>@import url(lotse.css);</style>",
        '<svg><title>x</title><image href="file:///etc/passwd" width="1" height="1"/></svg>',
    ],
)
def test_what_is_no_part_of_the_package_is_refused(part):
    with pytest.raises(PartRefused) as refusal:
        draw(part)
    assert refusal.value.url


def test_what_the_document_brings_itself_is_drawn():
    circle = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
    assert draw(f'<p style="background: url({circle!r})">x</p>')


def test_the_only_time_in_a_document_is_the_given_one():
    berlin = timezone(timedelta(hours=1))
    given = NOON.astimezone(berlin).replace(microsecond=5)
    content = render_pdf(html(""), created=given, attachments=(FACTS,))
    with pikepdf.open(BytesIO(content)) as file:
        assert str(file.docinfo["/CreationDate"]).startswith("D:20261122100000")
        assert str(file.docinfo["/ModDate"]).startswith("D:20261122100000")
    assert content == draw("", attachments=(FACTS,))


def test_an_attachment_says_what_it_is_and_is_kept_to_the_letter():
    with pikepdf.open(BytesIO(draw("", attachments=(FACTS,)))) as file:
        spec = file.attachments["ergebnis.json"]
        assert spec.get_file().read_bytes() == FACTS.content
        assert spec.relationship == "/Data"
        assert spec.description == FACTS.description
        assert spec.get_file().mime_type == "application/json"


def test_metadata_are_plain_and_declare_both_standards_in_one_place():
    content = draw("")
    with pikepdf.open(BytesIO(content)) as file:
        packet = file.Root.Metadata.read_raw_bytes()
    assert packet.count(b"<rdf:RDF") == 1
    assert b"<pdfuaid:part>1</pdfuaid:part>" in packet
    assert b"PDF/UA identification schema" in packet


def fonts_of(content):
    with pikepdf.open(BytesIO(content)) as file:
        return {
            str(each.BaseFont)
            for each in file.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        }


def test_only_the_fonts_of_the_package_are_used():
    body = "<p>Ą ž Ł ß – „gut“ 👍 中 Ж ✓ <strong>☎</strong></p><ul><li>x</li></ul>"
    assert fonts_of(draw(body))
    assert all("Fira" in name for name in fonts_of(draw(body)))


def test_what_the_fonts_lack_is_written_out():
    assert only_known_characters("gut 👍") == "gut [thumbs up sign]"
    assert only_known_characters("\ue000") == "[U+E000]"


def test_what_has_another_spelling_or_cannot_be_seen_needs_no_name():
    assert only_known_characters("e\u0301") == "é"
    assert only_known_characters("ﬁx\u200d \u2460\ufe0f") == "fix 1"
    assert only_known_characters("a\tb\nc") == "a\tb\nc"


def test_written_out_characters_are_in_the_text_layer():
    assert "[wrench]" in states.pages(draw("<p>Werkzeug 🔧</p>"))[0]


def ending_in_carriage_return():
    """Return bytes whose packed form ends in 0x0D, as one in 256 does."""
    for number in range(100_000):
        content = str(number).encode()
        if zlib.compress(content).endswith(b"\r"):
            return content
    raise AssertionError


def test_a_stream_whose_length_would_read_wrong_is_written_unpacked():
    file = pydyf.PDF()
    metadata = pydyf.Stream([b"<rdf:RDF></rdf:RDF>"], compress=True)
    awkward = pydyf.Stream([ending_in_carriage_return()], compress=True)
    plain = pydyf.Stream([b"plain"], compress=True)
    for each in (metadata, awkward, plain):
        file.add_object(each)
    file.catalog["Metadata"] = metadata.reference
    assert awkward.data.endswith(pdf.WRONG_LENGTH)
    pdf._finisher(0)(None, file)
    assert (metadata.compress, awkward.compress, plain.compress) == (False, False, True)


class Stubborn:
    """Writes a last stream with a wrong length until its metadata have three more spaces."""

    def __init__(self, enough):
        self.enough, self.tried = enough, 0

    def write_pdf(self, target, **_options):
        target.write(b"good" if self.tried == self.enough else b"bad\r\nendstream")
        self.tried += 1


def test_a_file_is_written_again_until_every_length_reads_right():
    assert pdf._written(Stubborn(3)) == b"good"
    with pytest.raises(AssertionError):
        pdf._written(Stubborn(pdf.SPACES_TRIED))


def test_more_space_in_the_metadata_changes_nothing_else():
    drawn = HTML(string=html(""), base_url=pdf.BASE_URL, url_fetcher=pdf.parts_only([])).render(
        pdf_variant=pdf.VARIANT
    )
    written = [pdf._write(drawn, spaces) for spaces in (0, 1, 2)]
    assert len({len(content) for content in written}) == 3
    for content in written:
        assert not page.validate_pdf_bytes(content, profile="3a").failures
