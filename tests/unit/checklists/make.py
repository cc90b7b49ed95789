"""Builders: answers to the product's catalogs, and a small content folder to break."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import settings, strategies as st

from checklists import load_library, read_answers
from checklists.loading import CONTENT

WORKSHOP = {
    "g-private": "no",
    "org-lead-owner": "no",
    "idm-mfa-mail": "unknown",
    "bak-restore-test": "no",
    "upd-eol-machine": "partly",
    "mal-mail-macros": "no",
    "net-remote-release": "no",
}
"""What a workshop of twelve answers other than yes."""

tried = settings(max_examples=150, deadline=None, database=None, derandomize=True)


def kmu_check():
    return load_library().catalog("kmu-check")


def quick_check():
    return load_library().catalog("kurzcheck")


def values(catalog, *, gates="yes", parts="yes", but=None):
    """Return one value for every question; None in `but` leaves a question unanswered."""
    given = {gate.id: gates for gate in catalog.gates}
    given |= {part.id: parts for part in catalog.parts}
    given |= but or {}
    return {key: value for key, value in given.items() if value is not None}


def answers(catalog, **given):
    return read_answers(catalog, {"answers": values(catalog, **given)})


def read(catalog, given):
    return read_answers(catalog, {"answers": given})


def value_sets(catalog):
    """Return a strategy of value dictionaries: anything that may be answered, or nothing."""
    offered = {
        question.id: st.sampled_from([None, *question.values]) for question in catalog.questions
    }
    return st.fixed_dictionaries(offered).map(
        lambda given: {key: value for key, value in given.items() if value is not None}
    )


def small_content(folder: Path) -> Path:
    """Write content without mistakes: a check of two areas and a quick check of one part."""
    files = {
        "topics.yaml": TOPICS,
        "sources.yaml": SOURCES,
        "measures/all.yaml": MEASURES,
        "klein/2026.1/catalog.yaml": CATALOG,
        "klein/2026.1/10-eins.yaml": ONE,
        "klein/2026.1/20-zwei.yaml": TWO,
        "kurz/2026.1/catalog.yaml": QUICK_CATALOG,
        "kurz/2026.1/10-kurz.yaml": QUICK,
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.copy(CONTENT / "words.yaml", folder)
    return folder


def replace(folder: Path, name: str, old: str, new: str) -> int:
    """Replace a text that stands once in a file; return the line where the new one begins."""
    file = folder / name
    before, found, after = file.read_text(encoding="utf-8").partition(old)
    assert found, f"{name} does not hold {old}"
    file.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


TOPICS = """\
- {id: alpha, title: {de: "Alpha", en: "Alpha"}, weight: 1}
- {id: beta, title: {de: "Beta", en: "Beta"}, weight: 2}
"""
SOURCES = """\
gspp:
  title: {de: "Grundschutz++", en: "Grundschutz++"}
  date: 2026-07-29
  keys:
    NOT.4.15: 895e5e39-01ca-4da0-86aa-d7c2594f7270
bsig:
  title: {de: "BSI-Gesetz", en: "BSI Act"}
  date: 2026-01-01
"""


def measure(measure_id, topic, *more):
    lines = [
        f"- id: {measure_id}",
        f"  topic: {topic}",
        "  effect: 2",
        "  effort: week",
        *more,
        '  title: {de: "Etwas tun", en: "Do something"}',
        '  first_step: {de: "Beginnen Sie heute.", en: "Begin today."}',
        '  done_when: {de: "Es ist getan.", en: "It is done."}',
    ]
    return "\n".join(lines) + "\n"


MEASURES = (
    measure("m-one", "alpha")
    + measure("m-two", "beta", "  needs: [m-one]")
    + measure("m-keep-restore", "beta")
    + measure("m-keep-training", "beta")
    + measure("m-keep-accounts", "beta")
)


def _catalog(catalog_id, scheme, *more):
    lines = [
        f"id: {catalog_id}",
        "edition: 2026.1",
        "revision: 1",
        "published: 2026-12-15",
        f"scheme: {scheme}",
        "rules: 1",
        "minutes: 5",
        'audience: {de: "Alle", en: "Everyone"}',
        'title: {de: "Kleiner Check", en: "Small check"}',
        'summary: {de: "Zum Probieren.", en: "To try things."}',
        "notice: self_check",
        "areas:",
        *more,
    ]
    return "\n".join(lines) + "\n"


CATALOG = _catalog(
    "klein",
    "points",
    '  - {id: eins, title: {de: "Eins", en: "One"}}',
    '  - {id: zwei, title: {de: "Zwei", en: "Two"}}',
    "gates:",
    "  - id: g-haus",
    "    before: eins",
    '    text: {de: "Haben Sie ein Haus?", en: "Do you have a house?"}',
    '    see: {de: "Sehen Sie sich um.", en: "Look around."}',
    '    hides: {de: "Fragen zum Haus", en: "questions about the house"}',
    "    knows: [management]",
)
QUICK_CATALOG = _catalog("kurz", "first_steps", '  - {id: kurz, title: {de: "Kurz", en: "Quick"}}')
QUICK = """\
- id: kurz-eins-tor-zu
  area: kurz
  parts:
    - use: klein@2026.1#eins-tor-zu
"""


def requirement(requirement_id, area, topic, part_id, measure, *more):
    lines = [
        f"- id: {requirement_id}",
        f"  area: {area}",
        f"  topic: {topic}",
        '  title: {de: "Das Tor", en: "The gate"}',
        *more,
        "  parts:",
        f"    - id: {part_id}",
        '      short: {de: "Das Tor ist zu", en: "The gate is shut"}',
        '      text: {de: "Ist das Tor zu?", en: "Is the gate shut?"}',
        '      help: {de: "Offene Tore laden ein.", en: "Open gates invite."}',
        '      see: {de: "Gehen Sie hin.", en: "Go there."}',
        "      knows: [it_lead, it_provider]",
        '      na: {de: "Es gibt keines", en: "There is none"}',
        "      answers:",
        "        yes:",
        '          label: {de: "Ja, immer", en: "Yes, always"}',
        '          why: {de: "Gut.", en: "Good."}',
        "        partly:",
        "          missing:",
        '            - {id: nights, de: "Nachts nicht", en: "Not at night"}',
        '            - {id: days, de: "Tags nicht", en: "Not by day"}',
        '        no: {why: {de: "Dann kommt jeder herein.", en: "Then anyone comes in."}}',
        '        unknown: {why: {de: "Fragen Sie.", en: "Ask."}}',
        f"      measure: {measure}",
        "      sources: {gspp: [NOT.4.15]}",
    ]
    return "\n".join(lines) + "\n"


ONE = requirement("eins-tor", "eins", "alpha", "eins-tor-zu", "m-one", "  top: true")
TWO = requirement("zwei-haus", "zwei", "beta", "zwei-haus-tor", "m-two", "  gate: g-haus")
