"""What comes in is clean text or a typed error, and never anything else."""

from __future__ import annotations

import time
from unicodedata import category, is_normalized
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from app.kernel.errors import Malformed
from app.kernel.intake import (
    ADDRESS_LENGTH,
    BIDI,
    MAX_FIELDS,
    clean,
    is_address,
    is_local,
    is_one_line,
    read_form,
)


def is_clean(text):
    return is_normalized("NFC", text) and not any(
        category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text
    )


def only_clean_text_comes_of(body):
    try:
        fields = read_form(body)
    except Malformed:
        return
    assert all(is_clean(name) and is_clean(value) for name, value in fields)


@given(st.binary(max_size=300))
def test_any_bytes_become_clean_text_or_malformed(body):
    only_clean_text_comes_of(body)


PIECES = [
    b"a",
    b"=",
    b"&",
    b"+",
    b"%",
    b"%0",
    b"%00",
    b"%zz",
    b"%C3",
    b"%A4",
    b"\r",
    b"\n",
    b"\x00",
]
PIECES += [b"%ED%A0%80", b"%0D%0A", b"\xff", b"%E2%80%AE", "ä".encode(), "\u0308".encode()]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map(b"".join))
def test_any_form_becomes_clean_text_or_malformed(body):
    only_clean_text_comes_of(body)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=10))
def test_what_a_browser_sends_comes_in_as_it_was_written(fields):
    safe = {k: v for k, v in fields.items() if is_clean(k) and is_clean(v)}
    assert dict(read_form(urlencode(safe).encode())) == safe


def test_two_spellings_of_one_letter_are_one():
    assert read_form("name=Mu\u0308ller".encode()) == [("name", "Müller")]


def test_line_breaks_are_of_one_kind():
    assert read_form(b"note=a%0D%0Ab%0Dc%0Ad%09e") == [("note", "a\nb\nc\nd\te")]


def test_a_plus_is_a_blank_and_an_escaped_one_is_a_plus():
    assert read_form(b"a+b=c+%2B+d&&e") == [("a b", "c + d"), ("e", "")]


def test_doubled_fields_stay_in_order():
    assert read_form(b"missing=x&missing=y") == [("missing", "x"), ("missing", "y")]


@pytest.mark.parametrize(
    "body",
    [
        b"note=%00",
        b"note=\x00",
        b"note=%1B[31m",
        b"note=%7F",
        b"note=%C2%85",
        b"%00=1",
        b"note=%FF",
        b"note=%C3",
        b"note=%ED%A0%80",
        b"note=%C0%80",
        b"note=%F4%90%80%80",
    ],
)
def test_hostile_text_is_malformed(body):
    with pytest.raises(Malformed):
        read_form(body)


def test_as_many_fields_as_promised_and_no_more():
    assert len(read_form(b"&".join([b"a=1"] * MAX_FIELDS))) == MAX_FIELDS
    with pytest.raises(Malformed):
        read_form(b"&".join([b"a=1"] * (MAX_FIELDS + 1)))


def test_a_body_full_of_separators_is_refused_at_once():
    began = time.perf_counter()
    with pytest.raises(Malformed):
        read_form(b"&" * 1024 * 1024)
    assert time.perf_counter() - began < 0.5


@given(st.text(max_size=100))
def test_cleaning_twice_is_cleaning_once(text):
    try:
        once = clean(text)
    except Malformed:
        return
    assert is_clean(once)
    assert clean(once) == once


def test_a_surrogate_is_malformed():
    with pytest.raises(Malformed):
        clean("\ud800")


def test_a_name_is_one_line_without_signs_that_turn_the_reading():
    assert is_one_line("Müller & Söhne GmbH")
    for sign in (*BIDI, "\n", "\t", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}"):
        assert not is_one_line(f"Müller{sign}GmbH")


@pytest.mark.parametrize(
    "address",
    [
        "olga@firma.example",
        "o.l-g_a+lotse@mail.firma.example",
        "x@xn--mller-kva.example",
        f"{'a' * (ADDRESS_LENGTH - 10)}@f.example",
    ],
)
def test_an_address_is_taken(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "olga",
        "@firma.example",
        "olga@",
        "olga@firma",
        "olga@firma..example",
        ".olga@firma.example",
        "olga.@firma.example",
        "ol..ga@firma.example",
        "olga@-firma.example",
        "olga@firma-.example",
        "olga@firma.example, max@firma.example",
        "olga@firma.example;max@firma.example",
        "Olga <olga@firma.example>",
        '"olga"@firma.example',
        "olga@[192.0.2.1]",
        "olga@firma.example\n",
        "olga@firma.example\r\nBcc: max@firma.example",
        "olga @firma.example",
        "jürgen@firma.example",
        f"{'a' * (ADDRESS_LENGTH - 9)}@f.example",
    ],
)
def test_what_is_no_single_address_is_refused(address):
    assert not is_address(address)


def test_a_long_wrong_address_costs_no_time():
    began = time.perf_counter()
    assert not is_address("a" * 1_000_000)
    assert not is_address("a." * 120 + "@")
    assert not is_address("a@" + "a-" * 120)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("target", ["/", "/checks", "/checks?x=//y", "/checks#f-a"])
def test_a_way_inside_is_followed(target):
    assert is_local(target)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "checks",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: b",
        " /",
        "/\x00",
    ],
)
def test_a_way_outside_is_not(target):
    assert not is_local(target)


def test_a_way_with_half_a_letter_is_not():
    assert not is_local("/\ud800")
