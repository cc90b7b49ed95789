"""Where the lines and labels of charts stand: values in, coordinates out. Pure.

The macros of `render/charts.html` draw what is computed here, on pages and in PDFs alike.
Coordinates are strings, rounded to two digits, so that the same values draw the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MINUS = "\N{MINUS SIGN}"
NEAR_PERCENT = 6
"""Labels closer than this would touch on the narrowest page, 320 px."""
EDGE_PERCENT = 4
"""Closer to an end than this, the number above the bar would be cut off."""

RADAR_WIDTH, RADAR_HEIGHT = 520, 372
RADAR_LEFT = -44
CENTRE_X, CENTRE_Y, RADIUS = 216, 186, 124
LABEL_AWAY = 1.15
"""Labels stand outside the outer ring, at this multiple of its radius."""
LINE_HEIGHT = 18
BASELINE = 5
"""From the middle of a line down to its baseline, at 15 px."""
RINGS = (25, 50, 75, 100)


class Counted(Protocol):
    """The numbers of a result, as far as a scale shows them."""

    @property
    def points(self) -> int | None: ...
    @property
    def points_max(self) -> int | None: ...
    @property
    def points_min(self) -> int | None: ...
    @property
    def range(self) -> tuple[int, int] | None: ...
    @property
    def if_clarified(self) -> int | None: ...


class HasResult(Protocol):
    """A page or a report about one result."""

    @property
    def result(self) -> Counted: ...


class HasTitleAndPercent(Protocol):
    """One axis of a radar; None draws no dot."""

    @property
    def title(self) -> str: ...
    @property
    def percent(self) -> int | None: ...


class HasAreas(Protocol):
    """A page or a report that lists areas in catalog order."""

    @property
    def areas(self) -> Sequence[HasTitleAndPercent]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a bar, both in percent of its width."""

    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place; `anchor` is start, middle or end."""

    x: str
    y: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Scale:
    """From minimum to maximum with zero; places are percent of the width.

    Attributes:
        low, high: the ends, as numbers are written.
        certain, possible: the points and what they can become, or the ends of the range.
        is_range: there is no result yet, so nothing points at `certain`.
        filled: from zero to what is certain; None where that is nothing.
        hatched: what is still possible; None where nothing is.
        marks: the places with a line through the bar.
        head: where the number above the bar stands.
        head_anchor: how it stands there, `start`, `middle` or `end`.
        below: numbers under the bar; those that would touch another one are left out.
    """

    low: str
    high: str
    certain: str
    possible: str
    is_range: bool
    filled: Span | None
    hatched: Span | None
    marks: tuple[str, ...]
    head: str
    head_anchor: str
    below: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a radar: where its line ends, its dot and its label."""

    end: tuple[str, str]
    dot: tuple[str, str] | None
    label: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Radar:
    """Rings at 25, 50, 75 and 100 percent, axes clockwise from the top."""

    view_box: str
    width: int
    height: int
    centre: tuple[str, str]
    rings: tuple[str, ...]
    axes: tuple[Axis, ...]
    shape: str
    ring_labels: tuple[Label, ...]


def scale(low: int, high: int, certain: int, possible: int, *, is_range: bool = False) -> Scale:
    """Place a result between the lowest and the highest number of points.

    Args:
        low: points_min.
        high: points_max.
        certain: the points, or the lower end of the range.
        possible: the points if all is clarified, or the upper end of the range.
        is_range: there is no result yet, so nothing points at `certain`.
    """

    def place(points: int) -> float:
        return 100 * (points - low) / (high - low) if high > low else 0

    filled = (0, certain) if certain > 0 else (min(possible, 0), 0)
    open_end = possible > certain
    marked = [0, *([certain, possible] if is_range else [possible] if open_end else [])]
    numbered = (0, possible) if open_end and not is_range else (0,)
    head = (place(certain) + place(possible)) / 2 if is_range else place(certain)
    return Scale(
        low=signed(low),
        high=signed(high),
        certain=signed(certain),
        possible=signed(possible),
        is_range=is_range and open_end,
        filled=_span(place(filled[0]), place(filled[1])),
        hatched=_span(place(certain), place(possible)),
        marks=tuple(f"{_number(place(points))}%" for points in marked),
        head=f"{_number(head)}%",
        head_anchor="start"
        if head < EDGE_PERCENT
        else "end"
        if head > 100 - EDGE_PERCENT
        else "middle",
        below=_below(low, high, {points: place(points) for points in numbered}),
    )


def scale_of(page: HasResult) -> Scale | None:
    """Return the scale of a result, or of its range; None in schemes without points."""
    result = page.result
    if result.points_min is None or result.points_max is None or result.range is None:
        return None
    if result.points is None:
        return scale(result.points_min, result.points_max, *result.range, is_range=True)
    possible = result.points if result.if_clarified is None else result.if_clarified
    return scale(result.points_min, result.points_max, result.points, possible)


def radar(axes: Sequence[HasTitleAndPercent]) -> Radar:
    """Place values from 0 to 100 percent on one axis each, clockwise from the top.

    What is below zero sits on zero; the table beside the chart says how much it is.
    """
    turns = [2 * math.pi * number / len(axes) for number in range(len(axes))]
    values = [0 if axis.percent is None else max(0, axis.percent) for axis in axes]
    return Radar(
        view_box=f"{RADAR_LEFT} 0 {RADAR_WIDTH} {RADAR_HEIGHT}",
        width=RADAR_WIDTH,
        height=RADAR_HEIGHT,
        centre=(str(CENTRE_X), str(CENTRE_Y)),
        rings=tuple(_points([(turn, ring) for turn in turns]) for ring in RINGS),
        axes=tuple(
            Axis(
                end=_on(turn, 100),
                dot=None if axis.percent is None else _on(turn, value),
                label=_around(turn, axis.title),
            )
            for turn, value, axis in zip(turns, values, axes, strict=True)
        ),
        shape=_points(list(zip(turns, values, strict=True))),
        ring_labels=tuple(
            Label(str(CENTRE_X + 4), _number(CENTRE_Y - RADIUS * ring / 100 + 13), f"{ring} %")
            for ring in (100, 50)
        ),
    )


def radar_of(page: HasAreas) -> Radar:
    """Return the radar of all areas."""
    return radar(page.areas)


def bar_of(percent: int | None) -> int:
    """Return how much of a bar of 100 percent is filled; None and negative values fill nothing."""
    return min(100, max(0, percent or 0))


def signed(points: int) -> str:
    """Return a number with a real minus sign."""
    return f"{MINUS}{-points}" if points < 0 else str(points)


def two_lines(title: str) -> tuple[str, ...]:
    """Break a title at the blank that leaves the longer line shortest."""
    words = title.split()
    if len(words) < 2:
        return (title,)
    ways = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return min(ways, key=lambda way: max(map(len, way)))


def _around(turn: float, title: str) -> tuple[Label, ...]:
    lines = two_lines(title)
    sideways, upwards = math.sin(turn), math.cos(turn)
    height = LINE_HEIGHT * (len(lines) - 1)
    first: float
    if abs(sideways) < 0.01:  # straight above or below the rings
        anchor = "middle"
        first = CENTRE_Y - RADIUS - 20 - height if upwards > 0 else CENTRE_Y + RADIUS + 24
        x = float(CENTRE_X)
    else:
        anchor = "start" if sideways > 0 else "end"
        first = CENTRE_Y - LABEL_AWAY * RADIUS * upwards - height / 2 + BASELINE
        x = CENTRE_X + LABEL_AWAY * RADIUS * sideways
    return tuple(
        Label(_number(x), _number(first + LINE_HEIGHT * number), line, anchor)
        for number, line in enumerate(lines)
    )


def _below(low: int, high: int, between: Mapping[int, float]) -> tuple[Label, ...]:
    labels = [Label("0", "72", signed(low), "start"), Label("100%", "72", signed(high), "end")]
    taken = [0.0, 100.0]
    for points, place in between.items():
        if all(abs(place - other) > NEAR_PERCENT for other in taken):
            labels.append(Label(f"{_number(place)}%", "72", signed(points)))
            taken.append(place)
    return tuple(labels)


def _span(start: float, end: float) -> Span | None:
    if end <= start:
        return None
    return Span(f"{_number(start)}%", f"{_number(end - start)}%")


def _on(turn: float, percent: int) -> tuple[str, str]:
    away = RADIUS * percent / 100
    return (
        _number(CENTRE_X + away * math.sin(turn)),
        _number(CENTRE_Y - away * math.cos(turn)),
    )


def _points(places: Sequence[tuple[float, int]]) -> str:
    return " ".join(",".join(_on(turn, percent)) for turn, percent in places)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
