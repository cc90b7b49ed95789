"""How far a check is: what applies, what is answered, how long it still takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from app.kernel.errors import NotFound
from checklists.model import Answer, Area, Catalog, Gate, Part, Question, Value

ROUND_MINUTES = 5
EXACT_BELOW_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Meter:
    """Progress in words and as a bar.

    Attributes:
        done, all: questions, gates included; those hidden by a gate count in neither.
        minutes: about how long the rest takes; 0 when nothing is open.
        saved_at: time of the newest answer; None before the first.
    """

    done: int
    all: int
    minutes: int
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class AreaState:
    """One line of the list of areas."""

    area: Area
    done: int
    all: int

    @property
    def state(self) -> Literal["done", "begun", "open"]:
        if self.done == self.all:
            return "done"
        return "begun" if self.done else "open"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what decides about it; prepared once per edition.

    Attributes:
        area: id of the area on whose page it stands.
        gates: ids of the gates whose `no` takes it out: its requirement's, then its own.
    """

    question: Question
    area: str
    gates: tuple[str, ...]


@lru_cache(maxsize=4)
def plan(catalog: Catalog) -> tuple[Asked, ...]:
    """All questions of an edition in the order of asking."""
    return tuple(
        Asked(question, catalog.area_of(question.id).id, _gates(catalog, question))
        for question in catalog.questions
    )


def _gates(catalog: Catalog, question: Question) -> tuple[str, ...]:
    if isinstance(question, Gate):
        return ()
    requirement = catalog.requirement(question.requirement_id)
    return tuple(gate for gate in (requirement.gate, question.gate) if gate is not None)


def asked_with(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Asked, ...]:
    """What is asked with these answers: a gate's `no` takes its questions out."""
    closed = {
        gate.id
        for gate in catalog.gates
        if (found := answers.get(gate.id)) is not None and found.value is Value.NO
    }
    if not closed:
        return plan(catalog)
    return tuple(item for item in plan(catalog) if closed.isdisjoint(item.gates))


def gate_that_hides(catalog: Catalog, answers: Mapping[str, Answer], part: Part) -> Gate | None:
    """The gate whose `no` takes a part out; None while it is asked."""
    for gate_id in _gates(catalog, part):
        found = answers.get(gate_id)
        gate = catalog.question(gate_id)
        if found is not None and found.value is Value.NO and isinstance(gate, Gate):
            return gate
    return None


def asked(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """All questions that are asked with these answers, in the order of asking."""
    return tuple(item.question for item in asked_with(catalog, answers))


def first_open(catalog: Catalog, answers: Mapping[str, Answer]) -> Question | None:
    """Where to go on; None when everything is answered."""
    return next((q for q in asked(catalog, answers) if q.id not in answers), None)


def meter(catalog: Catalog, answers: Mapping[str, Answer], saved_at: datetime | None) -> Meter:
    """Count what is done and guess what remains."""
    questions = asked_with(catalog, answers)
    done = sum(item.question.id in answers for item in questions)
    left = len(questions) - done
    return Meter(done, len(questions), minutes_left(catalog, left), saved_at)


def minutes_left(catalog: Catalog, left: int) -> int:
    """Minutes for the questions left: rounded up to 5, from 10 downwards to 1."""
    exact = -(-catalog.minutes * left // len(plan(catalog)))
    if exact < EXACT_BELOW_MINUTES:
        return exact
    return -(-exact // ROUND_MINUTES) * ROUND_MINUTES


def area_states(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[AreaState, ...]:
    """How far each area is."""
    counts = {area.id: [0, 0] for area in catalog.areas}
    for item in asked_with(catalog, answers):
        count = counts[item.area]
        count[0] += item.question.id in answers
        count[1] += 1
    return tuple(AreaState(area, *counts[area.id]) for area in catalog.areas)


def area_or_not_found(catalog: Catalog, area_id: str) -> Area:
    """Return an area of a catalog.

    Raises:
        NotFound: the catalog has none with this id.
    """
    for area in catalog.areas:
        if area.id == area_id:
            return area
    raise NotFound(area_id)
