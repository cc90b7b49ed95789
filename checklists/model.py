"""Catalogs, questions, answers and results: frozen values, no rules.

Library -> catalogs -> editions -> areas -> requirements -> parts. A requirement is what is
scored, a part is one question that a person answers, a gate is a question that decides whether
requirements or parts apply, a measure is what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from checklists.errors import UnknownCatalog, UnknownEdition, UnknownQuestion

Text = Mapping[str, str]
"""The same sentence in each language: `{"de": …, "en": …}`."""


class Value(StrEnum):
    """The whole vocabulary of answers; two people in one firm must reach the same one."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `partly` with nothing missing ticked is valid.

    Attributes:
        value: what was answered.
        missing: ids of what is missing, in catalog order; only with `partly`.
        note: at most 4,000 characters, for the firm alone.
        ask: who will know, at most 100 characters; only with `unknown`.
        by: who answered, as the caller names that person.
        on: day of the answer, ISO 8601.
    """

    value: Value
    missing: tuple[str, ...] = ()
    note: str = ""
    ask: str = ""
    by: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a question offers.

    Attributes:
        label: what stands beside the radio button.
        why: what it means, shown once it is chosen; None where there is nothing to say.
    """

    label: Text
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """One concrete thing that may be missing when the answer is `partly`."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Gate:
    """A question whose `no` takes requirements or parts out.

    Attributes:
        before: id of the area in which it is asked first.
        hides: what a `no` leaves out, as words for the page.
        knows: roles that can answer it, keys of `Words.roles`.
        answers: yes, no and unknown with their labels.
    """

    id: str
    before: str
    text: Text
    see: Text
    hides: Text
    knows: tuple[str, ...]
    answers: Mapping[Value, Choice]
    scan: Mapping[str, tuple[str, ...]]

    @property
    def values(self) -> tuple[Value, ...]:
        return tuple(self.answers)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Nothing: a gate is answered yes, no or unknown."""
        return ()


@dataclass(frozen=True, slots=True)
class Part:
    """One question that a person answers.

    Attributes:
        gate: id of the gate whose `no` takes this part out; None without.
        short: a statement of at most eight words, for a row that is already answered.
        help: why it matters.
        see: what to look at, today, without special tools.
        knows: roles that can answer it, keys of `Words.roles`.
        answers: what is offered, in the order yes, partly, no, unknown, not_applicable.
        na: the reason why it may not apply; None where that is not offered.
        safety: key of `Words.safety`, printed above the question; None without.
        measure: id of what to do when the answer is not yes.
        sources: scheme to ids, for example `{"gspp": ("NOT.4.15",)}`.
        scan: `contradicts_yes|contradicts_no|hint|supports` to keys of findings.
        check_by: ISO day by which a fact in the text must be looked at again.
    """

    id: str
    requirement_id: str
    gate: str | None
    short: Text
    text: Text
    help: Text
    see: Text
    knows: tuple[str, ...]
    answers: Mapping[Value, Choice]
    missing: tuple[Missing, ...]
    na: Text | None
    safety: str | None
    measure: str
    sources: Mapping[str, tuple[str, ...]]
    scan: Mapping[str, tuple[str, ...]]
    check_by: str | None

    @property
    def values(self) -> tuple[Value, ...]:
        return tuple(self.answers)


Question = Part | Gate


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is scored: one to four parts.

    Attributes:
        top: a TOP requirement, "besonders wichtig" on the page.
        weight: 1 to 3 in the scheme `percent`, else 1.
        gate: id of the gate whose `no` takes all of it out; None without.
    """

    id: str
    area: str
    topic: str
    title: Text
    top: bool
    weight: int
    gate: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A chapter of a catalog; requirements name it by its id."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Measure:
    """What to do; shared by all catalogs, so that a fix has one text everywhere.

    Attributes:
        effect: 3 would have stopped or cut short a typical ransomware case or invoice fraud,
            2 clearly lowers the likely damage, 1 tidies up.
        effort: own time to finish. `today`: at most two hours and no purchase. `week`: at most
            two working days or one call-out of the provider. `month`: more, or money must be
            decided.
        needs: ids of measures that come before this one.
        kind: `task`, `ask` or `buy`.
        first_step: can always be done today.
    """

    id: str
    topic: str
    effect: int
    effort: str
    needs: tuple[str, ...]
    kind: str
    safety: str | None
    title: Text
    first_step: Text
    done_when: Text


@dataclass(frozen=True, slots=True)
class Topic:
    """Shared by questions, measures, findings and webinars."""

    id: str
    title: Text
    weight: int


@dataclass(frozen=True, slots=True)
class Source:
    """A scheme whose ids parts name.

    Attributes:
        date: ISO day of the state that the ids belong to.
        keys: id to the key that stays when the id moves; empty where there is none.
    """

    id: str
    title: Text
    date: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who may know the answer.

    Attributes:
        ask: as it stands after "Fragen Sie".
        name: as it stands alone or in a list.
    """

    ask: Text
    name: Text


@dataclass(frozen=True, slots=True)
class Counted:
    """A sentence with `{n}`, for one and for several."""

    one: Text
    many: Text


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of `words.yaml`.

    Attributes:
        answers: labels of the five values and of `open`.
        states: labels of the states of a requirement.
        roles: who may know.
        notices: `self_check`, `points_note`, `duties_note`, `ot_safety`, `reviewed_note`; some
            hold `{date}`, `{as_of}` or `{scope}`.
        safety: texts printed above a question or a measure.
        statements: one per `Result.statement`, and `first_all_met` for the quick check.
        when: `today`, `week`, `month`.
        because: one sentence per code of a step.
        explain: the pieces of the sentences behind the points.
        steps: the pieces of a step's title and text, and of "Warum an erster Stelle?".
        numbers: one to twelve as words, per language.
    """

    answers: Mapping[str, Text]
    states: Mapping[str, Text]
    roles: Mapping[str, Role]
    notices: Mapping[str, Text]
    safety: Mapping[str, Text]
    statements: Mapping[str, Counted]
    when: Mapping[str, Text]
    because: Mapping[str, Text]
    explain: Mapping[str, Text]
    steps: Mapping[str, Text]
    numbers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """One edition; it never changes once it is published.

    Compared by identity: an edition is loaded once, and rules keep what they prepare for it.

    Attributes:
        edition: `year.number`, compared as two integers.
        revision: grows with text corrections that change no meaning.
        rules: version of the scheme's rules.
        notice: key of `Words.notices` that stands on every page, print and export.
        measures: those that parts name, in the order in which they are first named, then the
            ones that keep what stands.
        topics: those of its requirements and measures.
        sources: the schemes its parts name.
    """

    id: str
    edition: str
    revision: int
    published: str
    scheme: str
    rules: int
    minutes: int
    audience: Text
    title: Text
    summary: Text
    notice: str
    areas: tuple[Area, ...]
    gates: tuple[Gate, ...]
    requirements: tuple[Requirement, ...]
    measures: tuple[Measure, ...]
    topics: tuple[Topic, ...]
    sources: tuple[Source, ...]
    words: Words
    parts: tuple[Part, ...] = field(init=False, repr=False)
    _questions: Mapping[str, Question] = field(init=False, repr=False)
    _requirements: Mapping[str, Requirement] = field(init=False, repr=False)
    _measures: Mapping[str, Measure] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = tuple(part for item in self.requirements for part in item.parts)
        questions: dict[str, Question] = {gate.id: gate for gate in self.gates}
        questions.update((part.id, part) for part in parts)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "_questions", questions)
        object.__setattr__(self, "_requirements", {item.id: item for item in self.requirements})
        object.__setattr__(self, "_measures", {item.id: item for item in self.measures})

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that a person may be asked, in the order of asking: gates before their area."""
        found: list[Question] = []
        for area in self.areas:
            found += self.gates_before(area.id)
            for item in self.requirements_of(area.id):
                found += item.parts
        return tuple(found)

    def question(self, question_id: str) -> Question:
        """Return a part or a gate.

        Raises:
            UnknownQuestion: this edition asks no such question.
        """
        try:
            return self._questions[question_id]
        except (KeyError, TypeError):
            raise UnknownQuestion(question_id) from None

    def requirement(self, requirement_id: str) -> Requirement:
        """Return a requirement of this edition; KeyError for another id."""
        return self._requirements[requirement_id]

    def measure(self, measure_id: str) -> Measure:
        """Return a measure of this edition; KeyError for another id."""
        return self._measures[measure_id]

    def area(self, area_id: str) -> Area:
        """Return an area of this edition; KeyError for another id."""
        for area in self.areas:
            if area.id == area_id:
                return area
        raise KeyError(area_id)

    def topic(self, topic_id: str) -> Topic:
        """Return a topic that this edition uses; KeyError for another id."""
        for topic in self.topics:
            if topic.id == topic_id:
                return topic
        raise KeyError(topic_id)

    def requirements_of(self, area_id: str) -> tuple[Requirement, ...]:
        return tuple(item for item in self.requirements if item.area == area_id)

    def gates_before(self, area_id: str) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if gate.before == area_id)

    def area_of(self, question_id: str) -> Area:
        """Return the area on whose page a question stands.

        Raises:
            UnknownQuestion: this edition asks no such question.
        """
        question = self.question(question_id)
        if isinstance(question, Gate):
            return self.area(question.before)
        return self.area(self.requirement(question.requirement_id).area)


def edition_number(edition: str) -> tuple[int, int]:
    """Return year and number of `2026.10`, so that it sorts behind `2026.9`."""
    year, number = edition.split(".")
    return int(year), int(number)


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """All catalogs with all their editions, newest edition last."""

    editions: Mapping[str, tuple[Catalog, ...]]

    @property
    def catalogs(self) -> tuple[Catalog, ...]:
        """The newest edition of each catalog."""
        return tuple(editions[-1] for editions in self.editions.values())

    def catalog(self, catalog_id: str, edition: str | None = None) -> Catalog:
        """Return one edition, the newest without `edition`.

        Raises:
            UnknownCatalog: no catalog has this id.
            UnknownEdition: the catalog has no such edition.
        """
        try:
            editions = self.editions[catalog_id]
        except (KeyError, TypeError):
            raise UnknownCatalog(catalog_id) from None
        if edition is None:
            return editions[-1]
        for candidate in editions:
            if candidate.edition == edition:
                return candidate
        raise UnknownEdition(catalog_id, edition)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in content.

    Attributes:
        file: path below the content folder.
        line: from 1; 1 where the whole file is meant.
        code: `content-…`.
    """

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class AreaResult:
    """Points of an area; None while something in it is open.

    Attributes:
        percent: positive points of the maximum, by rule R; None if the maximum is 0.
    """

    id: str
    points: int | None
    points_max: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """State and points of a requirement.

    Attributes:
        state: `met partly not_met unknown open not_applicable`.
        points: None while it is open, if it does not apply, and in schemes without points.
        points_max: None in schemes without points.
        parts: the parts that apply and those answered `not_applicable`; None is unanswered.
    """

    id: str
    area: str
    top: bool
    state: str
    points: int | None
    points_max: int | None
    parts: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One measure at its place in the ranking.

    Attributes:
        measure: its id.
        parts: ids of the parts behind it, in catalog order; empty for a `KEEP` step.
        when: `today`, `week` or `month`.
        because: codes `TOP ASK_FIRST EFFECT_HIGH QUICK PARTLY_DONE NEEDED_FOR KEEP`.
    """

    measure: str
    parts: tuple[str, ...]
    when: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a requirement has its points.

    Attributes:
        rule: P1 to P5 in the scheme `points`, S1 to S6 in `first_steps`.
        because: the answers that decided, for example `idm-mfa-mail=unknown`.
    """

    id: str
    rule: str
    because: tuple[str, ...]
    points: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a set of answers comes to: ids and numbers, no sentences.

    Attributes:
        statement: `incomplete`, `top_gaps`, `gaps` or `all_met`; never by a percentage.
        points: None while anything is open, and in schemes without points (as the next four).
        range: lowest and highest total that is still possible.
        if_clarified: total if every requirement in state `unknown` were met; None while
            anything is open.
        counts: requirements per state.
        top_open: TOP requirements in state partly, not_met or unknown.
        next: the whole ranking; in the scheme `first_steps` exactly three steps.
    """

    catalog: str
    edition: str
    scheme: str
    rules: int
    complete: bool
    statement: str
    points: int | None
    points_max: int | None
    points_min: int | None
    range: tuple[int, int] | None
    if_clarified: int | None
    counts: Mapping[str, int]
    top_open: tuple[str, ...]
    areas: tuple[AreaResult, ...]
    requirements: tuple[RequirementResult, ...]
    next: tuple[Step, ...]
    explain: tuple[Explained, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values; key order is part of the format."""
        return {
            "schema": 1,
            "catalog": self.catalog,
            "edition": self.edition,
            "scheme": self.scheme,
            "rules": self.rules,
            "complete": self.complete,
            "statement": self.statement,
            "points": self.points,
            "points_max": self.points_max,
            "points_min": self.points_min,
            "range": None if self.range is None else list(self.range),
            "if_clarified": self.if_clarified,
            "counts": dict(self.counts),
            "top_open": list(self.top_open),
            "areas": [
                {
                    "id": area.id,
                    "points": area.points,
                    "points_max": area.points_max,
                    "percent": area.percent,
                }
                for area in self.areas
            ],
            "requirements": [
                {
                    "id": item.id,
                    "area": item.area,
                    "top": item.top,
                    "state": item.state,
                    "points": item.points,
                    "points_max": item.points_max,
                    "parts": {
                        part: None if value is None else value.value
                        for part, value in item.parts.items()
                    },
                }
                for item in self.requirements
            ],
            "next": [
                {
                    "measure": step.measure,
                    "parts": list(step.parts),
                    "when": step.when,
                    "because": list(step.because),
                }
                for step in self.next
            ],
            "explain": [
                {
                    "id": line.id,
                    "rule": line.rule,
                    "because": list(line.because),
                    "points": line.points,
                }
                for line in self.explain
            ],
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A requirement's points in words.

    Attributes:
        points: as in `Explained`.
        text: one to three sentences in the language asked for.
    """

    requirement_id: str
    rule: str
    points: int | None
    text: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step in words.

    Attributes:
        title: what to do, or whom to ask.
        text: the first step, or what the question is about and what follows if the answer is no.
        when: "heute", "diese Woche" or "diesen Monat".
        top: a TOP requirement stands behind it.
        because: one sentence per reason.
        safety: text that must stand with it; empty without.
    """

    measure_id: str
    title: str
    text: str
    done_when: str
    when: str
    top: bool
    because: tuple[str, ...]
    safety: str
