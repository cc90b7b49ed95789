"""Every mistake in content is reported with file, line and code, all of them at once."""

from __future__ import annotations

import pytest

from checklists import load_library, validate
from checklists.locks import write_locks
from checklists.model import Value
from tests.unit.checklists.make import replace, small_content

LONG = " ".join(["Wort"] * 23)
M = "measures/all.yaml"
C = "klein/2026.1/catalog.yaml"
ONE = "klein/2026.1/10-eins.yaml"
TWO = "klein/2026.1/20-zwei.yaml"
QUICK = "kurz/2026.1/10-kurz.yaml"

# file, what stands there, what stands there instead, and what is reported: (code, the text on the
# line that is named, the file if it is another one)
PLANTED: list[tuple[str, str, str, list[tuple[str, ...]]]] = [
    (
        ONE,
        "  area: eins",
        "  area: eins\n  area: eins",
        [("duplicate-key", "  area: eins\n  topic")],
    ),
    (ONE, "  area: eins", "  area: &a eins", [("alias", "&a")]),
    (ONE, "  area: eins", "  area: *a", [("alias", "*a")]),
    (ONE, "  area: eins", "  area: !!python/name:os.system eins", [("alias", "!!python")]),
    (ONE, "  area: eins", "  area: eins\n  colour: red", [("schema", "colour")]),
    (M, "effect: 2", "effect: four", [("schema", "effect: four")]),
    (M, "effect: 2", "effect: 4", [("schema", "effect: 4")]),
    (M, "effort: week", "effort: 2026-11-22", [("schema", "effort: 2026")]),
    (C, "minutes: 5", "minutes: 010", [("schema", "minutes")]),
    (TWO, "  topic: beta\n", "", [("schema", "- id: zwei-haus")]),
    (TWO, "- id: zwei-haus-tor", "- id: drei-haus-tor", [("schema", "- id: drei-haus-tor")]),
    (
        TWO,
        "area: zwei",
        "area: drei",
        [("unknown-ref", "area: drei"), ("unreachable", "{id: zwei", C)],
    ),
    (TWO, "topic: beta", "topic: gamma", [("unknown-ref", "topic: gamma")]),
    (M, "topic: beta", "topic: gamma", [("unknown-ref", "topic: gamma")]),
    (ONE, "  top: true", "  gate: g-none", [("unknown-ref", "gate: g-none")]),
    (
        TWO,
        "measure: m-two",
        "measure: m-none",
        [("unknown-ref", "m-none"), ("unreachable", "- id: m-two", M)],
    ),
    (M, "needs: [m-one]", "needs: [m-none]", [("unknown-ref", "m-none")]),
    (ONE, "NOT.4.15", "NOT.9.99", [("unknown-ref", "NOT.9.99")]),
    (ONE, "{gspp:", "{none: [A], gspp:", [("unknown-ref", "none: [A]")]),
    (QUICK, "#eins-tor-zu", "#eins-tor-auf", [("unknown-ref", "#eins-tor-auf")]),
    (C, "notice: self_check", "notice: none", [("unknown-ref", "notice: none")]),
    (C, "before: eins", "before: drei", [("unknown-ref", "before: drei")]),
    (
        M,
        "- id: m-keep-training",
        "- id: m-one",
        [
            ("duplicate-id", "- id: m-one\n  topic: beta"),
            ("unknown-ref", "scheme: first_steps", "kurz/2026.1/catalog.yaml"),
        ],
    ),
    (ONE, "{id: days", "{id: nights", [("duplicate-id", '{id: nights, de: "Tags')]),
    (
        QUICK,
        "- id: kurz",
        "- id: eins-tor\n  area: kurz\n  parts:\n    - use: klein@2026.1#zwei-haus-tor\n- id: kurz",
        [("duplicate-id", "- id: eins-tor"), ("schema", "- id: eins-tor")],
    ),
    (TWO, '"Das Tor", en: "The gate"}', '"Das Tor"}', [("missing-text", "  title:")]),
    (TWO, '"Gehen Sie hin."', '" "', [("missing-text", "see:")]),
    (ONE, ', en: "Not by day"', "", [("missing-text", "{id: days")]),
    (TWO, "  gate: g-haus\n", "", [("unreachable", "- id: g-haus", C)]),
    (ONE, "  top: true\n", "  gate: g-haus\n", []),
    (M, "  effort: week\n", "  effort: week\n  needs: [m-two]\n", [("cycle", "needs: [m-two]")]),
    (TWO, '"Ist das Tor zu?"', f'"{LONG}?"', [("long-sentence", "      text:")]),
    (TWO, '"Gehen Sie hin."', f'"Kurz. {LONG}."', [("long-sentence", "see:")]),
    (TWO, '"Das Tor ist zu"', '"a b c d e f g h i"', [("long-sentence", "short:")]),
]


@pytest.fixture
def folder(tmp_path):
    return small_content(tmp_path)


def line_of(folder, file, text):
    before, found, _ = (folder / file).read_text(encoding="utf-8").partition(text)
    assert found, f"{file} does not hold {text}"
    return before.count("\n") + 1


def test_content_without_mistakes_has_none(folder):
    assert validate(folder) == []


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_a_planted_mistake_is_reported_where_it_stands_and_nothing_else(folder, number):
    file, old, new, expected = PLANTED[number]
    replace(folder, file, old, new)
    wanted = []
    for code, text, *elsewhere in expected:
        place = elsewhere[0] if elsewhere else file
        wanted.append((place, line_of(folder, place, text), f"content-{code}"))
    reported = [(problem.file, problem.line, problem.code) for problem in validate(folder)]
    assert reported == sorted(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "- {id: alpha",
        "a: 1\n---\nb: 2\n",
        "? [a]\n: b\n",
        "",
        "[" * 30 + "]" * 30,
        "a: \x07\n",
    ],
    ids=["no-yaml", "two-documents", "list-as-key", "empty", "deep", "control-character"],
)
def test_a_file_that_is_no_yaml_of_ours_is_reported(folder, text):
    (folder / "topics.yaml").write_text(text, encoding="utf-8")
    assert ("topics.yaml", "content-yaml") in {(p.file, p.code) for p in validate(folder)}


def test_a_file_that_is_not_utf_8_is_reported(folder):
    (folder / "topics.yaml").write_bytes(b"\xff\xfe")
    assert ("topics.yaml", "content-yaml") in {(p.file, p.code) for p in validate(folder)}


def test_a_missing_file_is_reported(folder):
    (folder / "sources.yaml").unlink()
    assert ("sources.yaml", "content-yaml") in {(p.file, p.code) for p in validate(folder)}


def test_the_mistakes_of_all_files_are_reported_at_once(folder):
    replace(folder, M, "effect: 2", "effect: 4")
    replace(folder, ONE, "NOT.4.15", "NOT.9.99")
    replace(folder, TWO, "  area: zwei", "  area: zwei\n  area: zwei")
    replace(folder, QUICK, "#eins-tor-zu", "#none")
    assert [(problem.file, problem.code) for problem in validate(folder)] == [
        (ONE, "content-unknown-ref"),
        (TWO, "content-duplicate-key"),
        (QUICK, "content-unknown-ref"),
        (M, "content-schema"),
    ]


@pytest.mark.parametrize("broken", [[], {}, "text", 7, [[]], [{"id": 7}], [{"parts": [3]}]])
@pytest.mark.parametrize("name", ["topics.yaml", M, C, ONE, QUICK, "words.yaml", "sources.yaml"])
def test_no_shape_of_content_makes_validation_fail(folder, name, broken):
    (folder / name).write_text(str(broken).replace("'", ""), encoding="utf-8")
    assert validate(folder)


def test_content_that_cannot_be_read_is_not_loaded(folder):
    replace(folder, M, "effect: 2", "effect: 2\n  effect: 3")
    with pytest.raises(ValueError, match="content-duplicate-key"):
        load_library(folder)


def test_measures_that_need_each_other_are_not_loaded(folder):
    replace(folder, M, "  effort: week\n", "  effort: week\n  needs: [m-two]\n")
    with pytest.raises(ValueError, match="cycle"):
        load_library(folder)


def test_words_stay_words_and_editions_keep_their_zero(folder):
    for name in ("klein/2026.1", "kurz/2026.1"):
        (folder / name).rename(folder / name.replace("2026.1", "2026.10"))
    replace(folder, C.replace("2026.1", "2026.10"), "edition: 2026.1", "edition: 2026.10")
    replace(folder, "kurz/2026.10/catalog.yaml", "edition: 2026.1", "edition: 2026.10")
    replace(folder, QUICK.replace("2026.1", "2026.10"), "@2026.1", "@2026.10")
    assert validate(folder) == []
    part = load_library(folder).catalog("klein", "2026.10").question("eins-tor-zu")
    assert part.answers[Value.YES].label["de"] == "Ja, immer"


# What was published stays


@pytest.fixture
def published(folder):
    assert write_locks(folder) == []
    assert validate(folder) == []
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (ONE, "  top: true\n", ""),
        (M, "effect: 2", "effect: 3"),
        (M, "effort: week", "effort: month"),
        (ONE, "{id: days", "{id: mornings"),
        (ONE, '      na: {de: "Es gibt keines", en: "There is none"}\n', ""),
        (TWO, "topic: beta", "topic: alpha"),
    ],
    ids=["top", "effect", "effort", "missing", "na", "topic"],
)
def test_the_shape_of_a_published_edition_may_not_change(published, file, old, new):
    replace(published, file, old, new)
    replace(published, C, "revision: 1", "revision: 2")
    frozen = [problem for problem in validate(published) if "shape" in problem.message]
    assert (C, line_of(published, C, "revision"), "content-frozen") in {
        (problem.file, problem.line, problem.code) for problem in frozen
    }
    assert write_locks(published) != []


def test_a_published_text_changes_only_with_a_new_revision(published):
    replace(published, TWO, "Gehen Sie hin.", "Gehen Sie bitte hin.")
    [problem] = validate(published)
    assert (problem.file, problem.code) == (C, "content-frozen")
    assert write_locks(published) == [problem]
    replace(published, C, "revision: 1", "revision: 2")
    [problem] = validate(published)
    assert "write the locks" in problem.message
    assert write_locks(published) == []
    assert validate(published) == []


def test_scan_keys_and_dates_of_looking_again_are_free_to_change(published):
    replace(published, ONE, "      measure:", "      check_by: 2027-10-01\n      measure:")
    replace(
        published, TWO, "      measure:", "      scan: {hint: [os-unsupported]}\n      measure:"
    )
    assert validate(published) == []


def test_a_published_edition_that_is_gone_is_reported(published):
    for file in (published / "kurz/2026.1").iterdir():
        file.unlink()
    assert [problem.code for problem in validate(published)] == ["content-frozen"]


def test_an_edition_without_lock_is_reported_until_it_is_written(published):
    (published / "editions.lock").write_text("# nothing\n{}\n", encoding="utf-8")
    assert {problem.code for problem in validate(published)} == {"content-frozen"}
    assert write_locks(published) == []
    assert validate(published) == []


def test_an_edition_nobody_used_yet_can_be_published_anew(published):
    replace(published, ONE, "  top: true\n", "")
    assert write_locks(published, frozenset({"klein@2026.1", "kurz@2026.1"})) == []
    assert validate(published) == []


def test_an_id_that_was_something_else_is_not_used_again(published):
    replace(published, "ids.lock", "eins-tor-zu: {kind: part", "eins-tor-zu: {kind: gate")
    line = line_of(published, "ids.lock", "eins-tor-zu:")
    assert [(p.file, p.line, p.code) for p in validate(published)] == [
        ("ids.lock", line, "content-reused-id")
    ]


def second_edition(folder):
    """Add klein 2026.2 as a copy of 2026.1."""
    for file in sorted((folder / "klein/2026.1").iterdir()):
        copy = folder / "klein/2026.2" / file.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(
            file.read_text(encoding="utf-8").replace("edition: 2026.1", "edition: 2026.2"),
            encoding="utf-8",
        )


def test_an_id_that_was_retired_does_not_come_back(folder):
    second_edition(folder)
    replace(
        folder,
        "klein/2026.1/catalog.yaml",
        "gates:",
        "retired:\n"
        "  - {id: zwei-haus-tor, why: Niemand verstand sie., replaced_by: none-at-all}\n"
        "gates:",
    )
    problems = {(p.file, p.code) for p in validate(folder)}
    assert problems == {
        (C, "content-unknown-ref"),
        (TWO, "content-reused-id"),
        ("klein/2026.2/20-zwei.yaml", "content-reused-id"),
    }


def test_an_id_that_an_edition_dropped_does_not_come_back_later(folder):
    second_edition(folder)
    for name in ("10-eins.yaml", "20-zwei.yaml"):
        file = folder / "klein/2026.2" / name
        text = file.read_text(encoding="utf-8").replace("eins-tor", "eins-pforte")
        file.write_text(text, encoding="utf-8")
    assert write_locks(folder) == []
    assert validate(folder) == []
    for file in sorted((folder / "klein/2026.1").iterdir()):
        copy = folder / "klein/2026.3" / file.name
        copy.parent.mkdir(exist_ok=True)
        text = file.read_text(encoding="utf-8").replace("edition: 2026.1", "edition: 2026.3")
        copy.write_text(text, encoding="utf-8")
    assert {(p.line, p.code) for p in validate(folder) if p.file == "ids.lock"} == {
        (line_of(folder, "ids.lock", "eins-tor:"), "content-reused-id"),
        (line_of(folder, "ids.lock", "eins-tor-zu:"), "content-reused-id"),
    }


def test_several_editions_are_one_catalog_and_the_newest_comes_first_to_hand(folder):
    second_edition(folder)
    library = load_library(folder)
    assert [each.edition for each in library.editions["klein"]] == ["2026.1", "2026.2"]
    assert library.catalog("klein").edition == "2026.2"
    assert library.catalog("klein", "2026.1").edition == "2026.1"


def test_an_edition_without_a_number_is_reported_even_beside_retired_ids(folder):
    replace(folder, C, "edition: 2026.1", "edition: first")
    replace(folder, C, "gates:", "retired:\n  - {id: eins-tor-zu, why: Zu alt.}\ngates:")
    assert (C, "content-schema") in {(problem.file, problem.code) for problem in validate(folder)}


def test_a_retired_id_may_name_what_replaced_it(folder):
    replace(
        folder,
        C,
        "gates:",
        "retired:\n  - {id: alt-tor-zu, why: Zu alt., replaced_by: eins-tor-zu}\ngates:",
    )
    assert validate(folder) == []


def test_a_gate_asked_after_what_it_decides_is_reported(folder):
    replace(folder, C, "before: eins", "before: zwei")
    replace(folder, ONE, "  top: true", "  gate: g-haus")
    assert [(problem.file, problem.line, problem.code) for problem in validate(folder)] == [
        (ONE, 1, "content-unreachable")
    ]


def test_a_circle_of_three_is_reported_once(folder):
    replace(folder, M, "  effort: week\n", "  effort: week\n  needs: [m-keep-restore]\n")
    replace(
        folder,
        M,
        "- id: m-keep-restore\n  topic: beta\n",
        "- id: m-keep-restore\n  topic: beta\n  needs: [m-keep-training, m-two]\n",
    )
    replace(
        folder,
        M,
        "- id: m-keep-training\n  topic: beta\n",
        "- id: m-keep-training\n  topic: beta\n  needs: [m-keep-accounts]\n",
    )
    replace(folder, M, "needs: [m-one]", "needs: [m-one, m-keep-accounts]")
    assert [problem.code for problem in validate(folder)] == ["content-cycle"]


def test_an_id_that_is_in_no_lock_yet_is_new(published):
    lock = published / "ids.lock"
    lines = lock.read_text(encoding="utf-8").splitlines(keepends=True)
    lock.write_text("".join(line for line in lines if "g-haus" not in line), encoding="utf-8")
    assert validate(published) == []


def test_locks_that_hold_no_entries_are_no_locks(published):
    for name in ("ids.lock", "editions.lock"):
        (published / name).write_text("[]\n", encoding="utf-8")
    assert {problem.code for problem in validate(published)} == {"content-frozen"}


def test_needs_that_meet_again_are_no_circle(folder):
    (folder / "measures/all.yaml").write_text(
        (folder / "measures/all.yaml")
        .read_text(encoding="utf-8")
        .replace("- id: m-one\n", "- id: m-one\n  needs: [m-keep-restore, m-keep-training]\n")
        .replace("- id: m-keep-training\n", "- id: m-keep-training\n  needs: [m-keep-restore]\n"),
        encoding="utf-8",
    )
    assert validate(folder) == []
