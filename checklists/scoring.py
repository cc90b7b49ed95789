"""How answers become a result: one function per scheme, integers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from checklists.model import (
    Answer,
    AreaResult,
    Catalog,
    Explained,
    RequirementResult,
    Result,
)
from checklists.ranking import first_steps, rank_gaps
from checklists.states import Standing, standings

STATES = ("met", "partly", "not_met", "unknown", "open", "not_applicable")
OPEN_GAPS = frozenset({"partly", "not_met", "unknown"})
"""States in which something is known to be left to do."""

TOP_POINTS = 3
"""A TOP requirement gives this or takes it: a missing basis is not outweighed by paper."""

POINTS_RULES: Mapping[str, str] = {
    "met": "P1",
    "partly": "P2",
    "not_met": "P2",
    "unknown": "P3",
    "not_applicable": "P4",
    "open": "P5",
}


@dataclass(frozen=True, slots=True)
class _Scored:
    """What one standing comes to.

    Attributes:
        low, high: points that are still possible.
        clarified: points if what is unknown turned out to be met.
    """

    result: RequirementResult
    explained: Explained
    low: int
    high: int
    clarified: int
    points_max: int
    points_min: int


def score(catalog: Catalog, answers: Mapping[str, Answer]) -> Result:
    """Return what the answers come to by the rules of the catalog's scheme."""
    standing = standings(catalog, answers)
    match catalog.scheme:
        case "points":
            return _points(catalog, standing)
        case "first_steps":
            return _first_steps(catalog, standing)
        case _:
            # Loading knows the schemes; this is a catalog built by hand.
            raise ValueError(catalog.scheme)


def rounded_percent(part: int, whole: int) -> int:
    """Return a percentage by rule R: rounded, but 100 only for all and 0 only for nothing.

    Args:
        part: from 0 to `whole`.
        whole: above 0.
    """
    if part == whole:
        return 100
    if part == 0:
        return 0
    return min(99, max(1, (200 * part + whole) // (2 * whole)))


def _points(catalog: Catalog, standing: list[Standing]) -> Result:
    known = _scored_in(catalog)
    scored = []
    for one in standing:
        found = known.get(one)
        if found is None:
            found = known[one] = _score_requirement(one)
        scored.append(found)
    counts = _counts(standing)
    low = high = clarified = highest = lowest = 0
    for item in scored:
        low += item.low
        high += item.high
        clarified += item.clarified
        highest += item.points_max
        lowest += item.points_min
    complete = counts["open"] == 0
    top_open = _top_open(standing)
    return Result(
        catalog=catalog.id,
        edition=catalog.edition,
        scheme=catalog.scheme,
        rules=catalog.rules,
        complete=complete,
        statement="top_gaps" if complete and top_open else _statement(counts),
        points=low if complete else None,
        points_max=highest,
        points_min=lowest,
        range=(low, high),
        if_clarified=clarified if complete else None,
        counts=counts,
        top_open=top_open,
        areas=_areas(catalog, scored),
        requirements=tuple([item.result for item in scored]),
        next=rank_gaps(catalog, chain.from_iterable([one.gaps for one in standing])),
        explain=tuple([item.explained for item in scored]),
    )


def _first_steps(catalog: Catalog, standing: list[Standing]) -> Result:
    counts = _counts(standing)
    ranking = rank_gaps(catalog, chain.from_iterable([one.gaps for one in standing]))
    return Result(
        catalog=catalog.id,
        edition=catalog.edition,
        scheme=catalog.scheme,
        rules=catalog.rules,
        complete=counts["open"] == 0,
        statement=_statement(counts),
        points=None,
        points_max=None,
        points_min=None,
        range=None,
        if_clarified=None,
        counts=counts,
        top_open=_top_open(standing),
        areas=(),
        requirements=tuple(_requirement_result(one, None, None) for one in standing),
        next=first_steps(catalog, ranking),
        explain=tuple(
            Explained(one.requirement.id, one.rule, one.because, None) for one in standing
        ),
    )


@lru_cache(maxsize=4)
def _scored_in(_catalog: Catalog) -> dict[Standing, _Scored]:
    """Return where the scores of one edition are kept: equal answers give the same standing."""
    return {}


def _score_requirement(standing: Standing) -> _Scored:
    top = standing.requirement.top
    best, worst = (TOP_POINTS, -TOP_POINTS) if top else (1, 0)
    points: int | None
    match standing.state:
        case "met":
            points = low = high = clarified = best
        case "unknown":
            points = low = high = worst
            clarified = best
        case "open":
            points = None
            low = clarified = worst
            high = best if standing.all_yes_so_far else worst
        case "not_applicable":
            points = None
            best = worst = low = high = clarified = 0
        case _:
            points = low = high = clarified = worst
    return _Scored(
        _requirement_result(standing, points, best),
        Explained(standing.requirement.id, POINTS_RULES[standing.state], standing.because, points),
        low=low,
        high=high,
        clarified=clarified,
        points_max=best,
        points_min=worst,
    )


def _requirement_result(
    standing: Standing, points: int | None, points_max: int | None
) -> RequirementResult:
    requirement = standing.requirement
    return RequirementResult(
        requirement.id,
        requirement.area,
        requirement.top,
        standing.state,
        points,
        points_max,
        standing.parts,
    )


def _counts(standing: list[Standing]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for one in standing:
        counts[one.state] += 1
    return counts


def _top_open(standing: list[Standing]) -> tuple[str, ...]:
    return tuple(
        [one.requirement.id for one in standing if one.requirement.top and one.state in OPEN_GAPS]
    )


def _statement(counts: Mapping[str, int]) -> str:
    if counts["open"]:
        return "incomplete"
    return "gaps" if any(counts[state] for state in OPEN_GAPS) else "all_met"


def _areas(catalog: Catalog, scored: list[_Scored]) -> tuple[AreaResult, ...]:
    points: dict[str, int | None] = {area.id: 0 for area in catalog.areas}
    highest = dict.fromkeys(points, 0)
    for item in scored:
        area = item.result.area
        highest[area] += item.points_max
        total = points[area]
        if item.result.state == "open" or total is None:
            points[area] = None
        else:
            points[area] = total + item.low
    return tuple([_area(area, total, highest[area]) for area, total in points.items()])


def _area(area_id: str, points: int | None, points_max: int) -> AreaResult:
    percent = None
    if points is not None and points_max:
        percent = rounded_percent(max(0, points), points_max)
    return AreaResult(area_id, points, points_max, percent)
