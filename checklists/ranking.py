"""What to do first: measures in order, with reasons.

A measure is worth its effect times the gap it closes, divided by the effort; a TOP requirement
behind it outweighs all of that. What another open measure needs moves up to that one's place.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from checklists.model import Answer, Catalog, Measure, Step, Value
from checklists.states import Gap, standings

GAP_SIZE: Mapping[Value, int] = {Value.PARTLY: 1, Value.NO: 2, Value.UNKNOWN: 2}
EFFORT: Mapping[str, int] = {"today": 1, "week": 2, "month": 3}
SIXTHS = 6
"""Values are counted in sixths: exact for every effort, and faster than fractions."""

FIRST_STEPS = 3
"""Steps of a quick check, never more and never fewer."""

KEEP = ("m-keep-restore", "m-keep-training", "m-keep-accounts")
"""What to do where all is well, in this order."""


Key = tuple[int, int]
"""Tier and negative value: the part of a measure's key that it hands down."""


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """An open measure with the gaps behind it; the same gaps give the same one again.

    Attributes:
        place: position of the measure in the catalog.
        step, needed_step: the step at its own place, and at an inherited one.
    """

    measure: Measure
    gaps: tuple[Gap, ...]
    tier: int
    value: int
    effort: int
    place: int
    step: Step
    needed_step: Step


class _Plan:
    """What the ranking of one edition needs again and again.

    Attributes:
        place: measure id to its position in the catalog.
        dependents_first: measures that need others, each before the ones it needs.
        seen: candidates that were worked out already.
    """

    __slots__ = ("dependents_first", "measures", "place", "seen")

    def __init__(self, measures: tuple[Measure, ...]) -> None:
        self.measures = {measure.id: measure for measure in measures}
        self.place = {measure.id: position for position, measure in enumerate(measures)}
        self.dependents_first = _dependents_first(self.measures)
        self.seen: dict[tuple[Gap, ...], _Candidate] = {}

    def candidate(self, gaps: tuple[Gap, ...]) -> _Candidate:
        found = self.seen.get(gaps)
        if found is None:
            measure = self.measures[gaps[0].measure]
            found = self.seen[gaps] = _candidate(measure, self.place[measure.id], gaps)
        return found


def rank(catalog: Catalog, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
    """Return the whole ranking of the measures that answers call for.

    Parts that are open call for nothing yet; a measure with several such parts counts once,
    with the worst.
    """
    return rank_gaps(catalog, chain.from_iterable(s.gaps for s in standings(catalog, answers)))


def rank_gaps(catalog: Catalog, gaps: Iterable[Gap]) -> tuple[Step, ...]:
    """Return the ranking of the measures behind gaps that are given in catalog order."""
    plan = _plan(catalog)
    candidates: dict[str, _Candidate] = {}
    for gap in gaps:
        earlier = candidates.get(gap.measure)
        together = (gap,) if earlier is None else (*earlier.gaps, gap)
        candidates[gap.measure] = plan.candidate(together)

    keys = {key: (each.tier, each.value) for key, each in candidates.items()}
    inherited, blocked, unblocks = _chain(plan, keys)

    def entry(measure_id: str) -> tuple[Key, int, int, str]:
        candidate = candidates[measure_id]
        return keys[measure_id], candidate.effort, candidate.place, measure_id

    ready = [entry(measure_id) for measure_id in candidates if measure_id not in blocked]
    heapq.heapify(ready)
    steps = []
    while ready:
        measure_id = heapq.heappop(ready)[3]
        candidate = candidates[measure_id]
        steps.append(candidate.needed_step if measure_id in inherited else candidate.step)
        for dependent in unblocks.get(measure_id, ()):
            blocked[dependent] -= 1
            if not blocked[dependent]:
                heapq.heappush(ready, entry(dependent))
    return tuple(steps)


def _chain(
    plan: _Plan, keys: dict[str, Key]
) -> tuple[set[str], dict[str, int], dict[str, list[str]]]:
    """Hand keys down to what is needed, and say what waits for what.

    Args:
        plan: of the edition.
        keys: those of the open measures; what inherits gets its new key here.

    Returns:
        Measures that inherited; how many open needs each one waits for; what each one unblocks.
    """
    inherited: set[str] = set()
    blocked: dict[str, int] = {}
    unblocks: dict[str, list[str]] = {}
    for measure in plan.dependents_first:
        if measure.id not in keys:
            continue
        for needed in measure.needs:
            if needed not in keys:
                continue
            blocked[measure.id] = blocked.get(measure.id, 0) + 1
            unblocks.setdefault(needed, []).append(measure.id)
            if keys[measure.id] < keys[needed]:
                keys[needed] = keys[measure.id]
                inherited.add(needed)
    return inherited, blocked, unblocks


def first_steps(catalog: Catalog, ranking: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return exactly three steps: new topics first, then by rank, then what keeps it so."""
    topics: set[str] = set()
    new: list[Step] = []
    again: list[Step] = []
    for step in ranking:
        topic = catalog.measure(step.measure).topic
        (again if topic in topics else new).append(step)
        topics.add(topic)
    keep = [Step(measure, (), catalog.measure(measure).effort, ("KEEP",)) for measure in KEEP]
    return (*new, *again, *keep)[:FIRST_STEPS]


@lru_cache(maxsize=4)
def _plan(catalog: Catalog) -> _Plan:
    return _Plan(catalog.measures)


def _dependents_first(measures: Mapping[str, Measure]) -> tuple[Measure, ...]:
    """Return the measures that need others; content has no circles, loading sees to it."""
    ordered: dict[str, Measure] = {}

    def place(measure: Measure) -> None:
        for needed in measure.needs:
            if needed in measures and needed not in ordered:
                place(measures[needed])
        ordered[measure.id] = measure

    for measure in measures.values():
        if measure.id not in ordered:
            place(measure)
    return tuple(measure for measure in reversed(ordered.values()) if measure.needs)


def _candidate(measure: Measure, place: int, gaps: tuple[Gap, ...]) -> _Candidate:
    top = any(gap.top for gap in gaps)
    unknown = all(gap.value is Value.UNKNOWN for gap in gaps)
    worst = max(GAP_SIZE[gap.value] for gap in gaps)
    # Who knows nothing about it asks first, and asking is done today.
    effort = 1 if unknown else EFFORT[measure.effort]
    because = ["TOP"] if top else []
    if unknown:
        because.append("ASK_FIRST")
    else:
        if measure.effect == 3:
            because.append("EFFECT_HIGH")
        if measure.effort == "today":
            because.append("QUICK")
    if all(gap.value is Value.PARTLY for gap in gaps):
        because.append("PARTLY_DONE")
    parts = tuple(gap.part for gap in gaps)
    when = "today" if unknown else measure.effort
    return _Candidate(
        measure,
        gaps,
        tier=0 if top else 1,
        value=-(measure.effect * worst * SIXTHS // effort),
        effort=effort,
        place=place,
        step=Step(measure.id, parts, when, tuple(because)),
        needed_step=Step(measure.id, parts, when, (*because, "NEEDED_FOR")),
    )
