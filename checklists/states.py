"""What applies and how a requirement stands: the part that all schemes share.

A gate's `no` takes its items out, `unknown` leaves them in ("im Zweifel gilt es"), an unanswered
gate leaves them open. What stands for one set of values is computed once and kept, because a
requirement has few questions and the same combinations come again and again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from checklists.model import Answer, Catalog, Gate, Part, Question, Requirement, Value

GAPS = frozenset({Value.PARTLY, Value.NO, Value.UNKNOWN})
"""The answers that lead to a measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A part that applies and whose answer is not good enough; one per part and answer."""

    part: str
    measure: str
    value: Value
    top: bool


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How one requirement stands; compared by identity, for equal answers give the same one.

    Attributes:
        rule: S1 to S6.
        parts: as in `RequirementResult`.
        because: as in `Explained`.
        gaps: what leads to measures, in catalog order.
        all_yes_so_far: every part that applies and is answered is answered yes.
    """

    requirement: Requirement
    state: str
    rule: str
    parts: Mapping[str, Value | None]
    because: tuple[str, ...]
    gaps: tuple[Gap, ...]
    all_yes_so_far: bool


class _Asked:
    """One requirement with the questions that bear on it, and what was already worked out."""

    __slots__ = ("gaps", "questions", "requirement", "seen")

    def __init__(self, requirement: Requirement) -> None:
        gates = [requirement.gate, *(part.gate for part in requirement.parts)]
        self.requirement = requirement
        self.questions = (
            *dict.fromkeys(gate for gate in gates if gate is not None),
            *(part.id for part in requirement.parts),
        )
        self.gaps = {
            (part.id, value): Gap(part.id, part.measure, value, requirement.top)
            for part in requirement.parts
            for value in GAPS
        }
        self.seen: dict[tuple[Value | None, ...], Standing] = {}


def standings(catalog: Catalog, answers: Mapping[str, Answer]) -> list[Standing]:
    """Return how each requirement stands, in catalog order."""
    value_of = {key: answer.value for key, answer in answers.items()}.get
    found = []
    for asked_here in _prepared(catalog):
        values = tuple(map(value_of, asked_here.questions))
        standing = asked_here.seen.get(values)
        if standing is None:
            given = dict(zip(asked_here.questions, values, strict=True))
            standing = _standing(asked_here.requirement, given, asked_here.gaps)
            asked_here.seen[values] = standing
        found.append(standing)
    return found


def asked(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """Return what is to be asked, in the order of asking: all but what a gate's `no` hides."""
    return tuple(
        question
        for question in catalog.questions
        if isinstance(question, Gate) or not _hidden_by(catalog, question, answers)
    )


def open_questions(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """Return what is to be asked and not yet answered, gates included."""
    return tuple(question for question in asked(catalog, answers) if question.id not in answers)


def unknown_questions(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """Return what applies and was answered "Weiß ich nicht", gates included."""
    return tuple(
        question
        for question in asked(catalog, answers)
        if question.id in answers and answers[question.id].value is Value.UNKNOWN
    )


def _hidden_by(catalog: Catalog, part: Part, answers: Mapping[str, Answer]) -> bool:
    return any(
        gate in answers and answers[gate].value is Value.NO
        for gate in (catalog.requirement(part.requirement_id).gate, part.gate)
        if gate is not None
    )


# Editions are few and live as long as the process; a few thawed snapshots come and go.
@lru_cache(maxsize=4)
def _prepared(catalog: Catalog) -> tuple[_Asked, ...]:
    return tuple(_Asked(requirement) for requirement in catalog.requirements)


def _standing(
    requirement: Requirement,
    values: Mapping[str, Value | None],
    possible_gaps: Mapping[tuple[str, Value], Gap],
) -> Standing:
    applies: dict[str, Value | None] = {}
    shown: dict[str, Value | None] = {}
    left_out: list[str] = []
    waits_for_gate = False
    gaps = []
    for part in requirement.parts:
        gates = [gate for gate in (requirement.gate, part.gate) if gate is not None]
        closed = [f"{gate}=no" for gate in gates if values[gate] is Value.NO]
        value = values[part.id]
        if closed:
            left_out.append(closed[0])
            continue
        shown[part.id] = value
        if value is Value.NOT_APPLICABLE:
            left_out.append(f"{part.id}={value}")
            continue
        applies[part.id] = value
        waits_for_gate = waits_for_gate or any(values[gate] is None for gate in gates)
        if value in GAPS:
            gaps.append(possible_gaps[part.id, value])
    state, rule = _state(list(applies.values()), waits_for_gate=waits_for_gate)
    return Standing(
        requirement,
        state,
        rule,
        shown,
        because=tuple(dict.fromkeys(left_out)) if not applies else _because(applies, state),
        gaps=tuple(gaps),
        all_yes_so_far=all(value in (Value.YES, None) for value in applies.values()),
    )


def _state(values: list[Value | None], *, waits_for_gate: bool) -> tuple[str, str]:
    """Return state and rule: the first that fits."""
    if not values:
        return "not_applicable", "S1"
    if waits_for_gate or None in values:
        return "open", "S2"
    given = set(values)
    if given == {Value.YES}:
        return "met", "S3"
    if Value.NO in given and given.isdisjoint((Value.YES, Value.PARTLY)):
        return "not_met", "S4"
    if given <= {Value.YES, Value.UNKNOWN}:
        return "unknown", "S5"
    return "partly", "S6"


def _because(applies: Mapping[str, Value | None], state: str) -> tuple[str, ...]:
    return tuple(
        f"{part}={'null' if value is None else value}"
        for part, value in applies.items()
        if state == "met" or value is not Value.YES
    )
