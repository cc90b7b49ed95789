"""How far a check is: what applies, what is answered, how long it still takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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


def gate_of(catalog: Catalog, part: Part) -> Gate | None:
    """The gate that holds a part, its own or its requirement's; the one that says no first."""
    ids = (catalog.requirement(part.requirement_id).gate, part.gate)
    gates = [gate for gate in catalog.gates if gate.id in ids]
    return gates[0] if gates else None


def applies(catalog: Catalog, answers: Mapping[str, Answer], question: Question) -> bool:
    """Say whether a question is asked: a gate's `no` takes its parts out, nothing else does."""
    if isinstance(question, Gate):
        return True
    requirement = catalog.requirement(question.requirement_id)
    return not any(
        gate is not None and (found := answers.get(gate)) is not None and found.value is Value.NO
        for gate in (requirement.gate, question.gate)
    )


def asked(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """All questions that are asked with these answers, in the order of asking."""
    return tuple(q for q in catalog.questions if applies(catalog, answers, q))


def asked_in(catalog: Catalog, answers: Mapping[str, Answer], area_id: str) -> tuple[Question, ...]:
    """The questions of one area that are asked."""
    return tuple(q for q in asked(catalog, answers) if catalog.area_of(q.id).id == area_id)


def first_open(catalog: Catalog, answers: Mapping[str, Answer]) -> Question | None:
    """Where to go on; None when everything is answered."""
    return next((q for q in asked(catalog, answers) if q.id not in answers), None)


def meter(catalog: Catalog, answers: Mapping[str, Answer], saved_at: datetime | None) -> Meter:
    """Count what is done and guess what remains."""
    questions = asked(catalog, answers)
    done = sum(q.id in answers for q in questions)
    left = len(questions) - done
    return Meter(done, len(questions), minutes_left(catalog, left), saved_at)


def minutes_left(catalog: Catalog, left: int) -> int:
    """Minutes for the questions left: rounded up to 5, from 10 downwards to 1."""
    exact = -(-catalog.minutes * left // len(catalog.questions))
    if exact < EXACT_BELOW_MINUTES:
        return exact
    return -(-exact // ROUND_MINUTES) * ROUND_MINUTES


def area_states(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[AreaState, ...]:
    """How far each area is."""
    counts = {area.id: [0, 0] for area in catalog.areas}
    for question in asked(catalog, answers):
        count = counts[catalog.area_of(question.id).id]
        count[0] += question.id in answers
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
