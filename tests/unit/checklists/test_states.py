"""All combinations of answers within each requirement, against a table made by hand."""

from __future__ import annotations

from itertools import product

import pytest

from checklists import asked, open_questions, score, unknown_questions
from checklists.model import Value
from tests.unit.checklists.make import answers, kmu_check, read, values

COLUMNS = ["yes", "partly", "no", "unknown", "not_applicable", None]
TABLE = """
                yes      partly   no       unknown  na       open
yes             met      partly   partly   unknown  met      open
partly          partly   partly   partly   partly   partly   open
no              partly   partly   not_met  not_met  not_met  open
unknown         unknown  partly   not_met  unknown  unknown  open
na              met      partly   not_met  unknown  na       open
open            open     open     open     open     open     open
"""
"""First part by second part; a requirement of one part reads as if its other were `na`."""

STATES = {
    (first, second): {"na": "not_applicable"}.get(state, state)
    for first, line in zip(COLUMNS, TABLE.strip().splitlines()[1:], strict=True)
    for second, state in zip(COLUMNS, line.split()[1:], strict=True)
}
POINTS = {  # of a normal and of a TOP requirement
    "met": (1, 3),
    "partly": (0, -3),
    "not_met": (0, -3),
    "unknown": (0, -3),
    "open": (None, None),
    "not_applicable": (None, None),
}
RULES = {
    "met": "P1",
    "partly": "P2",
    "not_met": "P2",
    "unknown": "P3",
    "open": "P5",
    "not_applicable": "P4",
}


def by_hand(requirement, given):
    """Return the state that the table gives, gates included."""
    left, waits = [], False
    for part in requirement.parts:
        gates = [given.get(gate) for gate in (requirement.gate, part.gate) if gate]
        if "no" in gates:
            continue
        value = given.get(part.id)
        waits = waits or (None in gates and value != "not_applicable")
        left.append(value)
    first, second = (*left, "not_applicable", "not_applicable")[:2]
    return "open" if waits else STATES[first, second]


@pytest.mark.parametrize("requirement_id", [item.id for item in kmu_check().requirements])
def test_every_combination_of_answers_has_the_state_of_the_table(requirement_id):
    catalog = kmu_check()
    requirement = catalog.requirement(requirement_id)
    place = [item.id for item in catalog.requirements].index(requirement_id)
    gates = {requirement.gate, *(part.gate for part in requirement.parts)} - {None}
    questions = [*sorted(gates), *(part.id for part in requirement.parts)]
    offered = [[None, *catalog.question(question).values] for question in questions]
    assert len(requirement.parts) <= 2
    for combination in product(*offered):
        given = values(catalog, but=dict(zip(questions, combination, strict=True)))
        result = score(catalog, read(catalog, given))
        mine, line = result.requirements[place], result.explain[place]
        state = by_hand(requirement, given)
        assert mine.state == state, combination
        assert mine.points == line.points == POINTS[state][requirement.top]
        assert line.rule == RULES[state]
        assert result.counts[state] >= 1


def test_an_unanswered_gate_leaves_open_and_a_gate_nobody_knows_applies():
    catalog = kmu_check()
    unanswered = score(catalog, answers(catalog, but={"g-server": None}))
    assert unanswered.statement == "incomplete"
    unknown = answers(catalog, but={"g-server": "unknown"})
    assert score(catalog, unknown).statement == "all_met"
    assert [question.id for question in unknown_questions(catalog, unknown)] == ["g-server"]


def test_a_part_answered_behind_an_unanswered_gate_is_shown_and_ranked():
    catalog = kmu_check()
    result = score(catalog, answers(catalog, but={"g-server": None, "net-room-room": "no"}))
    room = next(item for item in result.requirements if item.id == "net-room")
    assert (room.state, room.parts) == ("open", {"net-room-room": Value.NO})
    assert [step.measure for step in result.next] == ["m-server-room"]


def test_a_no_at_the_gate_hides_parts_and_keeps_their_answers():
    catalog = kmu_check()
    given = answers(catalog, but={"g-mobile": "no", "org-mobile-rules": "no"})
    result = score(catalog, given)
    mobile = next(item for item in result.requirements if item.id == "org-mobile")
    line = next(item for item in result.explain if item.id == "org-mobile")
    assert (mobile.state, mobile.points, mobile.points_max) == ("not_applicable", None, 0)
    assert mobile.parts == {}
    assert (line.rule, line.because, line.points) == ("P4", ("g-mobile=no",), None)
    assert result.next == ()
    assert "org-mobile-rules" in given
    assert "org-mobile-rules" not in [question.id for question in asked(catalog, given)]


def test_the_questions_asked_follow_the_pages_gates_first():
    catalog = kmu_check()
    everything = [question.id for question in asked(catalog, {})]
    assert len(everything) == 54
    assert everything[:2] == ["g-mobile", "g-private"]
    assert everything.index("g-remote") < everything.index("idm-accounts-personal")
    assert open_questions(catalog, {}) == asked(catalog, {})
    without_private = answers(catalog, but={"g-private": "no", "bak-offline-copy": None})
    assert len(asked(catalog, without_private)) == 53
    assert [each.id for each in open_questions(catalog, without_private)] == ["bak-offline-copy"]


def test_what_decided_is_named_and_unanswered_reads_null():
    catalog = kmu_check()
    result = score(
        catalog, answers(catalog, but={"idm-mfa-mail": "unknown", "bak-restore-test": None})
    )
    because = {line.id: line.because for line in result.explain}
    assert because["idm-mfa"] == ("idm-mfa-mail=unknown",)
    assert because["bak-restore"] == ("bak-restore-test=null",)
    assert because["idm-admin"] == ("idm-admin-daily=yes", "idm-admin-known=yes")


def test_a_requirement_whose_parts_all_do_not_apply_does_not_apply_whatever_its_gate_says():
    catalog = kmu_check()
    for item in catalog.requirements:
        for part in item.parts:
            if part.na is None or len(item.parts) > 1:
                continue
            but = {part.id: "not_applicable"} | ({item.gate: None} if item.gate else {})
            result = score(catalog, answers(catalog, but=but))
            mine = next(each for each in result.requirements if each.id == item.id)
            line = next(each for each in result.explain if each.id == item.id)
            assert mine.state == "not_applicable"
            assert mine.parts == {part.id: Value.NOT_APPLICABLE}
            assert line.because == (f"{part.id}=not_applicable",)
