"""Scoring filled `kmu-check`s, against reading the same answers with `json.loads`.

Every call gets another firm's answers: the engine keeps what it worked out about one
requirement, so the same answers again and again would flatter it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from benchmarks.common import in_turn, median, report, timed
from checklists import load_library, parse_document, read_answers, score
from checklists.model import Catalog

ROUNDS = 21
FIRMS = 300
Firm = TypeVar("Firm")
NOTE = "seit März, siehe Ordner „IT“ im Büro"


def filled(catalog: Catalog, chance: Random) -> str:
    """Return a document that answers every question, each sixth with a note."""
    answers: dict[str, object] = {}
    for question in catalog.questions:
        answer = {"value": chance.choice(question.values).value}
        if chance.random() < 1 / 6:
            answer["note"] = NOTE
        answers[question.id] = answer
    return json.dumps({"catalog": catalog.id, "answers": answers}, ensure_ascii=False)


def per_firm(act: Callable[[Firm], object], firms: Sequence[Firm]) -> Callable[[], float]:
    whole = timed(lambda: [act(firm) for firm in firms])
    return lambda: whole() / len(firms)


def main() -> None:
    catalog = load_library().catalog("kmu-check")
    chance = Random(9)
    documents = [filled(catalog, chance) for _ in range(FIRMS)]
    answers = [read_answers(catalog, parse_document(document)) for document in documents]
    floor = per_firm(json.loads, documents)

    ours, bare = in_turn(per_firm(lambda given: score(catalog, given), answers), floor, ROUNDS)
    report("score", median(ours), median(bare), "ms", ROUNDS * FIRMS, at_most=15)

    def from_text_to_text(document: str) -> str:
        given = read_answers(catalog, parse_document(document))
        return json.dumps(score(catalog, given).as_json())

    ours, bare = in_turn(per_firm(from_text_to_text, documents), floor, ROUNDS)
    report("score-from-text-to-text", median(ours), median(bare), "ms", ROUNDS * FIRMS)


if __name__ == "__main__":
    main()
