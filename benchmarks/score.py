"""Scoring one filled `kmu-check`, against reading the same answers with `json.loads`."""

from __future__ import annotations

import json
from itertools import cycle

from benchmarks.common import in_turn, median, report, timed
from checklists import load_library, parse_document, read_answers, score
from checklists.model import Catalog

ROUNDS = 41
TIMES = 50
"""Calls per measurement: one alone is too short for the clock."""
NOTE = "seit März, siehe Ordner „IT“ im Büro"


def filled(catalog: Catalog) -> str:
    """Return a document that answers every question, all offered values in turn.

    Notes stand at every third answer, which is more than people write; a floor that reads
    nothing but short words would be lower and less true.
    """
    turns = cycle(range(5))
    answers: dict[str, object] = {}
    for place, question in enumerate(catalog.questions):
        value = question.values[next(turns) % len(question.values)]
        answer: dict[str, object] = {"value": value.value}
        if place % 3 == 0:
            answer["note"] = NOTE
        answers[question.id] = answer
    return json.dumps({"catalog": catalog.id, "answers": answers}, ensure_ascii=False)


def main() -> None:
    catalog = load_library().catalog("kmu-check")
    document = filled(catalog)
    answers = read_answers(catalog, parse_document(document))
    floor = timed(lambda: json.loads(document), TIMES)

    ours, bare = in_turn(timed(lambda: score(catalog, answers), TIMES), floor, ROUNDS)
    report("score", median(ours), median(bare), "ms", ROUNDS * TIMES, at_most=15)

    def from_text_to_text() -> str:
        given = read_answers(catalog, parse_document(document))
        return json.dumps(score(catalog, given).as_json())

    ours, bare = in_turn(timed(from_text_to_text, TIMES), floor, ROUNDS)
    report("score-from-text-to-text", median(ours), median(bare), "ms", ROUNDS * TIMES)


if __name__ == "__main__":
    main()
