"""What holds for all answers, tried with many."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from checklists import asked, explain, rank, score
from checklists.model import Gate
from tests.unit.checklists.make import kmu_check, quick_check, read, tried, value_sets

CATALOG = kmu_check()
SETS = value_sets(CATALOG)
PARTS = st.sampled_from(CATALOG.parts)
BETTER = ["no", "partly", "yes"]


@tried
@given(SETS, PARTS)
def test_a_better_answer_never_lowers_points_or_percent(values, part):
    results = [
        score(CATALOG, read(CATALOG, values | {part.id: value}))
        for value in BETTER
        if value in part.answers
    ]
    for worse, better in pairwise(result.as_json() for result in results):
        assert worse["range"][0] <= better["range"][0]
        assert worse["range"][1] <= better["range"][1]
        for before, after in zip(worse["areas"], better["areas"], strict=True):
            assert (before["percent"] is None) == (after["percent"] is None)
            assert before["percent"] is None or before["percent"] <= after["percent"]


@tried
@given(SETS, PARTS)
def test_unknown_scores_as_no(values, part):
    unknown = score(CATALOG, read(CATALOG, values | {part.id: "unknown"}))
    no = score(CATALOG, read(CATALOG, values | {part.id: "no"}))
    assert (unknown.points, unknown.range) == (no.points, no.range)


@tried
@given(SETS, st.sampled_from(CATALOG.gates))
def test_a_closed_gate_changes_nothing_it_does_not_hold(values, gate):
    opened = score(CATALOG, read(CATALOG, values | {gate.id: "yes"}))
    closed = score(CATALOG, read(CATALOG, values | {gate.id: "no"}))
    for item, before, after in zip(
        CATALOG.requirements, opened.requirements, closed.requirements, strict=True
    ):
        if gate.id not in (item.gate, *(part.gate for part in item.parts)):
            assert before == after


@tried
@given(SETS, st.randoms(use_true_random=False))
def test_the_order_of_answers_is_irrelevant(values, random):
    shuffled = list(values.items())
    random.shuffle(shuffled)
    assert score(CATALOG, read(CATALOG, values)) == score(CATALOG, read(CATALOG, dict(shuffled)))


@tried
@given(SETS)
def test_the_range_lies_between_minimum_and_maximum_and_closes_when_complete(values):
    result = score(CATALOG, read(CATALOG, values)).as_json()
    low, high = result["range"]
    assert result["points_min"] <= low <= high <= result["points_max"]
    if result["complete"]:
        assert low == high == result["points"]
        assert result["points"] <= result["if_clarified"] <= result["points_max"]
    else:
        assert result["points"] is result["if_clarified"] is None
        assert low < high or result["counts"]["open"]


@tried
@given(SETS)
def test_hidden_answers_do_not_matter(values):
    given_answers = read(CATALOG, values)
    seen = {question.id for question in asked(CATALOG, given_answers)}
    without = {key: answer for key, answer in given_answers.items() if key in seen}
    assert score(CATALOG, given_answers) == score(CATALOG, without)


@tried
@given(SETS)
def test_the_lines_sum_to_the_points(values):
    result = score(CATALOG, read(CATALOG, values))
    total = sum(line.points or 0 for line in result.explain)
    if result.complete:
        assert total == result.points
    for lang in ("de", "en"):
        lines = explain(result, CATALOG, lang)
        assert [line.points for line in lines] == [line.points for line in result.explain]
        assert all(line.text and "{" not in line.text for line in lines)


@tried
@given(SETS)
def test_every_measure_stands_behind_the_open_ones_it_needs(values):
    steps = [step.measure for step in rank(CATALOG, read(CATALOG, values))]
    assert len(steps) == len(set(steps))
    for place, measure in enumerate(steps):
        for needed in CATALOG.measure(measure).needs:
            assert needed not in steps[place:]


@tried
@given(SETS)
def test_a_gap_in_a_top_requirement_stands_first_unless_a_need_forces_it_back(values):
    steps = rank(CATALOG, read(CATALOG, values))
    for earlier, later in pairwise(steps):
        if "TOP" in later.because and "TOP" not in earlier.because:
            assert "NEEDED_FOR" in earlier.because


@tried
@given(SETS, PARTS)
def test_a_yes_never_adds_a_measure(values, part):
    before = {step.measure for step in rank(CATALOG, read(CATALOG, values))}
    after = {step.measure for step in rank(CATALOG, read(CATALOG, values | {part.id: "yes"}))}
    assert after <= before


@tried
@given(value_sets(quick_check()))
def test_a_quick_check_always_names_three_different_steps(values):
    result = score(quick_check(), read(quick_check(), values))
    assert len({step.measure for step in result.next}) == 3
    assert result.statement in {"incomplete", "gaps", "all_met"}


@pytest.mark.parametrize("gate", [q.id for q in CATALOG.questions if isinstance(q, Gate)])
def test_every_gate_hides_something(gate):
    assert len(asked(CATALOG, read(CATALOG, {gate: "no"}))) < len(asked(CATALOG, {}))
