"""Two implementations of the rules agree on ten thousand random sets of answers."""

from __future__ import annotations

import json
import random

import pytest

from checklists import freeze, read_answers, score
from tests.unit.checklists.make import kmu_check, quick_check
from tests.unit.checklists.second_scorer import second_score

MOODS = [
    # yes, partly, no, unknown, not applicable, unanswered
    (8, 1, 1, 1, 1, 0),
    (3, 1, 1, 1, 1, 1),
    (1, 1, 1, 1, 1, 0),
    (6, 0, 0, 0, 1, 1),
    (0, 1, 2, 3, 2, 0),
]
VALUES = ["yes", "partly", "no", "unknown", "not_applicable", None]


def random_values(catalog, dice):
    drawn = dice.choices(VALUES, dice.choice(MOODS), k=len(catalog.questions))
    return {
        question.id: value
        for question, value in zip(catalog.questions, drawn, strict=True)
        if value in question.answers
    }


@pytest.mark.parametrize(
    ("catalog", "sets"), [(kmu_check(), 8_000), (quick_check(), 2_000)], ids=["kmu", "kurz"]
)
def test_both_scorers_agree(catalog, sets):
    dice = random.Random(27076)  # noqa: S311  (a repeatable die)
    frozen = freeze(catalog)
    for _ in range(sets):
        values = random_values(catalog, dice)
        first = score(catalog, read_answers(catalog, {"answers": values})).as_json()
        assert first == second_score(frozen, values), values


def test_both_write_the_same_bytes():
    dice = random.Random(2)  # noqa: S311  (a repeatable die)
    for catalog in (kmu_check(), quick_check()):
        values = random_values(catalog, dice)
        first = score(catalog, read_answers(catalog, {"answers": values})).as_json()
        assert json.dumps(first) == json.dumps(second_score(freeze(catalog), values))
