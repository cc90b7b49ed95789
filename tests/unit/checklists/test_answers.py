"""Answers that come in are read whole or refused with a code; nothing else happens."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from checklists import check_answer, parse_document, read_answers
from checklists.answers import DOCUMENT_LENGTH
from checklists.errors import (
    BadValue,
    ChecklistError,
    Malformed,
    NotApplicableNotOffered,
    PartlyNotOffered,
    TooLong,
    UnknownCatalog,
    UnknownEdition,
    UnknownMissing,
    UnknownQuestion,
)
from checklists.model import Answer, Value
from tests.unit.checklists.make import kmu_check, tried

CATALOG = kmu_check()
RESTORE = CATALOG.question("bak-restore-test")
GATE = CATALOG.question("g-remote")
POINTS = [point.id for point in RESTORE.missing]


def test_a_bare_string_is_a_whole_answer():
    assert check_answer(RESTORE, "yes") == Answer(Value.YES)


def test_a_whole_answer_keeps_what_was_given():
    given_answer = {
        "value": "partly",
        "missing": [POINTS[1], POINTS[0], POINTS[1]],
        "note": "Herr Wolf war da.\r\nIm Mai.",
        "by": "Sabine Berger",
        "on": "2026-11-22",
    }
    assert check_answer(RESTORE, given_answer) == Answer(
        Value.PARTLY,
        missing=(POINTS[0], POINTS[1]),
        note="Herr Wolf war da.\nIm Mai.",
        by="Sabine Berger",
        on="2026-11-22",
    )


def test_partly_with_nothing_ticked_is_a_whole_answer():
    assert check_answer(RESTORE, {"value": "partly", "missing": []}) == Answer(Value.PARTLY)


def test_an_answer_keeps_only_what_belongs_to_its_value():
    both = {"missing": POINTS[:1], "ask": "Herrn Wolf"}
    assert check_answer(RESTORE, {"value": "yes", **both}) == Answer(Value.YES)
    assert check_answer(RESTORE, {"value": "unknown", **both}) == Answer(
        Value.UNKNOWN, ask="Herrn Wolf"
    )


def test_longest_texts_are_kept_and_one_more_is_refused():
    longest = check_answer(RESTORE, {"value": "unknown", "note": "ä" * 4_000, "ask": "ä" * 100})
    assert (len(longest.note), len(longest.ask)) == (4_000, 100)
    line_ends = check_answer(RESTORE, {"value": "yes", "note": "\r\n" * 4_000})
    assert line_ends.note == "\n" * 4_000
    for text in ({"note": "ä" * 4_001}, {"ask": "ä" * 101}, {"by": "ä" * 201}):
        with pytest.raises(TooLong) as refused:
            check_answer(RESTORE, {"value": "unknown", **text})
        assert refused.value.facts == {"n": refused.value.limit}


@pytest.mark.parametrize(
    ("question", "given_answer", "error"),
    [
        (RESTORE, "maybe", BadValue),
        (RESTORE, "YES", BadValue),
        (RESTORE, "", BadValue),
        (RESTORE, "not_applicable", NotApplicableNotOffered),
        (GATE, "not_applicable", NotApplicableNotOffered),
        (GATE, "partly", PartlyNotOffered),
        (RESTORE, {"value": "partly", "missing": ["nothing-of-ours"]}, UnknownMissing),
        (RESTORE, {"value": "yes", "missing": ["nothing-of-ours"]}, UnknownMissing),
        (GATE, {"value": "no", "missing": ["only-files"]}, UnknownMissing),
        (RESTORE, {"value": "yes", "note": "x" * 1_000_000}, TooLong),
        (RESTORE, None, Malformed),
        (RESTORE, True, Malformed),
        (RESTORE, 3, Malformed),
        (RESTORE, ["yes"], Malformed),
        (RESTORE, {}, Malformed),
        (RESTORE, {"value": None}, Malformed),
        (RESTORE, {"value": ["yes"]}, Malformed),
        (RESTORE, {"value": "yes", "points": 3}, Malformed),
        (RESTORE, {"value": "yes", 3: 4}, Malformed),
        (RESTORE, {"value": "partly", "missing": "only-files"}, Malformed),
        (RESTORE, {"value": "partly", "missing": [["only-files"]]}, Malformed),
        (RESTORE, {"value": "yes", "note": None}, Malformed),
        (RESTORE, {"value": "yes", "note": "a\x00b"}, Malformed),
        (RESTORE, {"value": "yes", "note": "a\ud800b"}, Malformed),
        (RESTORE, {"value": "unknown", "ask": "a\x1bb"}, Malformed),
        (RESTORE, {"value": "yes", "on": "gestern"}, Malformed),
        (RESTORE, {"value": "yes", "on": "20261122"}, Malformed),
        (RESTORE, {"value": "yes", "on": "2026-02-30"}, Malformed),
        (RESTORE, {"value": "yes", "on": 20261122}, Malformed),
    ],
)
def test_what_is_no_answer_is_refused_with_its_code(question, given_answer, error):
    with pytest.raises(ChecklistError) as refused:
        check_answer(question, given_answer)
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (None, Malformed),
        ([], Malformed),
        ("yes", Malformed),
        ({}, Malformed),
        ({"answers": []}, Malformed),
        ({"answers": {}, "more": 1}, Malformed),
        ({"answers": {}, "schema": 2}, Malformed),
        ({"answers": {}, "schema": True}, Malformed),
        ({"answers": {}, "schema": "1"}, Malformed),
        ({"answers": {}, "catalog": "kurzcheck"}, UnknownCatalog),
        ({"answers": {}, "catalog": {}}, UnknownCatalog),
        ({"answers": {}, "edition": "2026.2"}, UnknownEdition),
        ({"answers": {}, "edition": 2026.1}, UnknownEdition),
        ({"answers": {"no-such-question": "yes"}}, UnknownQuestion),
        ({"answers": {"idm-mfa": "yes"}}, UnknownQuestion),
        ({"answers": {3: "yes"}}, UnknownQuestion),
        ({"answers": {"\ud800": "yes"}}, UnknownQuestion),
    ],
)
def test_what_is_no_set_of_answers_is_refused_with_its_code(document, error):
    with pytest.raises(ChecklistError) as refused:
        read_answers(CATALOG, document)
    assert type(refused.value) is error
    assert str(refused.value).isascii() or error is not UnknownQuestion


def test_a_set_of_answers_keeps_its_order_and_may_name_what_it_belongs_to():
    document = {
        "schema": 1,
        "catalog": "kmu-check",
        "edition": "2026.1",
        "answers": {"net-room-room": "no", "g-remote": "unknown"},
    }
    assert list(read_answers(CATALOG, document)) == ["net-room-room", "g-remote"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", Malformed),
        ("{", Malformed),
        ("nothing", Malformed),
        ('{"answers": {"g-remote": NaN}}', Malformed),
        ('{"answers": {"g-remote": -Infinity}}', Malformed),
        ('{"answers": {}, "answers": {}}', Malformed),
        ('{"answers": {"g-remote": {"value": "yes", "value": "no"}}}', Malformed),
        ("[" * 100_000, Malformed),
        ('{"a":' * 100_000, Malformed),
        ("9" * 10_000, Malformed),
        (b"\xff\xfe{}", Malformed),
        (b'{"answers": "\xc3"}', Malformed),
        (b" " * (DOCUMENT_LENGTH + 1), TooLong),
    ],
    ids=[
        *("empty", "cut-off", "word", "nan", "infinity", "doubled-key", "doubled-value"),
        *("deep-list", "deep-object", "long-number", "utf-16", "half-utf-8", "too-long"),
    ],
)
def test_text_that_is_no_strict_json_is_refused(text, error):
    with pytest.raises(ChecklistError) as refused:
        parse_document(text)
    assert type(refused.value) is error


def test_a_byte_order_mark_does_no_harm():
    assert parse_document(b'\xef\xbb\xbf{"answers": {}}') == {"answers": {}}


CODES = {error.code for error in ChecklistError.__subclasses__()}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=10,
)


@tried
@given(ANYTHING)
def test_no_document_gives_anything_but_answers_or_a_code(anything):
    for document in (
        anything,
        {"answers": anything},
        {"answers": {"bak-restore-test": anything}},
        {"answers": {"bak-restore-test": {"value": anything, "note": anything}}},
        {"answers": {"bak-restore-test": {"value": "partly", "missing": anything}}},
    ):
        outcome = read_or_code(document)
        if isinstance(outcome, dict):
            assert all(isinstance(answer, Answer) for answer in outcome.values())
        else:
            assert outcome in CODES


@tried
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_text_gives_anything_but_a_document_or_a_code(text):
    try:
        parse_document(text)
    except ChecklistError as error:
        code = error.code
    else:
        code = "malformed"
    assert code == "malformed"


def read_or_code(document):
    try:
        return read_answers(CATALOG, document)
    except ChecklistError as error:
        json.dumps(str(error)).encode()
        return error.code
