"""House rules about languages: every sentence and every mail exists in both."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.house import rules
from tools.messages import KEYWORDS, METHODS, OPTIONS


@cache
def written() -> frozenset[str | tuple[str, ...]]:
    found = extract_from_dir(
        str(rules.ROOT / "app"), METHODS, options_map=OPTIONS, keywords=KEYWORDS
    )
    return frozenset(message for _file, _line, message, _comments, _context in found)


def english() -> Catalog:
    with (rules.ROOT / "app/locale/en/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_sentences_and_translations_agree():
    assert not rules.untranslated(set(written()), english())


def test_no_line_breaks_between_a_time_and_its_uhr():
    sentences = [part for each in written() for part in ([each] if isinstance(each, str) else each)]
    timed = [sentence for sentence in sentences if re.search(r"\bUhr\b", sentence)]
    assert timed
    assert not [sentence for sentence in timed if " Uhr" in sentence]


def test_a_sentence_without_english_is_found():
    assert rules.untranslated({"Neu."}, Catalog(locale="en"))


def test_a_fuzzy_sentence_is_found():
    catalog = Catalog(locale="en")
    catalog.add("Alt.", "Old.", flags={"fuzzy"})
    assert rules.untranslated({"Alt."}, catalog)


def test_swapped_placeholders_are_found():
    catalog = Catalog(locale="en")
    catalog.add("%(a)s von %(b)s", "%(a)s of %(c)s", flags={"python-format"})
    assert rules.untranslated({"%(a)s von %(b)s"}, catalog)


def test_each_mail_has_both_languages():
    mails = sorted((rules.ROOT / "app").glob("*/mails/*.txt"))
    assert mails
    assert not rules.mails_in_one_language(mails)


def test_a_mail_without_english_is_found(tmp_path: Path):
    only = tmp_path / "hello.de.txt"
    only.write_text("Betreff: Hallo\n\nHallo {{ name }}", encoding="utf-8")
    assert rules.mails_in_one_language([only])


def test_a_mail_with_other_facts_is_found(tmp_path: Path):
    (tmp_path / "hello.de.txt").write_text("Betreff: Hallo\n\n{{ name }}", encoding="utf-8")
    (tmp_path / "hello.en.txt").write_text("Subject: Hello\n\n{{ link }}", encoding="utf-8")
    assert rules.mails_in_one_language(sorted(tmp_path.glob("*.txt")))
