"""The quick check: ten questions, three steps, nothing stored.

All state is in the form: the answers travel with each page as plain values. Whoever changes
them changes her own result and nothing else.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.errors import SealedDamaged
from app.kernel.i18n import _, local_day, mark, spoken
from app.kernel.vault import CENTRE, Place
from app.kernel.work import Work
from checklists import (
    check_answer,
    in_language,
    load_library,
    name_roles,
    say_statement,
    say_step,
    score,
)
from checklists.errors import ChecklistError
from checklists.model import Answer, Catalog, Gate, Question, Step, StepWords

CATALOG = "kurzcheck"
END = "ende"
"""Stands for the page behind the last question."""
KEPT_FOR = timedelta(days=30)
NOTHING_CHOSEN = mark("Bitte wählen Sie eine Antwort.")
COOKIE = Place("cookie", "quick-check", "", CENTRE)
"""A place of its own: the cookie opens nowhere else, and nothing else opens as the cookie."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one page of the quick check sends.

    Attributes:
        here: question that was shown, or `END`.
        back: "Zurück" was pressed.
        values: question → value of everything answered so far.
    """

    here: str
    back: bool
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of answers."""

    value: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class QuickQuestion:
    """One question and where it stands among the others.

    Attributes:
        kept: answers to the other questions, as pairs for hidden fields.
        chosen: value that was chosen before; empty while there is none.
        minutes: a guess of what is left; 0 at the beginning, where the door has just said it.
    """

    id: str
    number: int
    count: int
    done: int
    minutes: int
    text: str
    safety: str
    see: str
    who: str
    help: str
    answers: tuple[Shown, ...]
    chosen: str
    kept: tuple[tuple[str, str], ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QuickStep:
    """One of the three steps; `answered` is the label of the answer behind it, if there is one."""

    words: StepWords
    answered: str


@dataclass(frozen=True, slots=True)
class QuickResult:
    """What a guest sees at the end, in one language.

    Attributes:
        statement: the result in a sentence.
        steps: what comes first, in order.
        kept: all answers, as pairs for hidden fields.
        day: of the answers, as people write it.
        notice: what the result is not.
    """

    statement: str
    steps: tuple[QuickStep, ...]
    kept: tuple[tuple[str, str], ...]
    day: str
    notice: str


def begin() -> QuickQuestion:
    """The first question."""
    catalog = _catalog()
    return _question(catalog, catalog.questions[0], {})


def turn(given: Given, now: datetime) -> QuickQuestion | QuickResult:
    """The page after this one: the next question, the one before, the same again, the result.

    Raises:
        ChecklistError: a question or a value that this edition does not have.
    """
    catalog = _catalog()
    answers = read_values(given.values)
    questions = catalog.questions
    here = _place(catalog, given.here)
    if given.back:
        return _question(catalog, questions[max(0, here - 1)], answers)
    if here < len(questions) and questions[here].id not in answers:
        return _question(catalog, questions[here], answers, _(NOTHING_CHOSEN))
    if here + 1 < len(questions):
        return _question(catalog, questions[here + 1], answers)
    for question in questions:
        if question.id not in answers:
            return _question(catalog, question, answers)
    return _result(catalog, answers, now)


def read_values(values: Mapping[str, str]) -> dict[str, Answer]:
    """Turn plain values into answers, in catalog order.

    Raises:
        ChecklistError: a question or a value that this edition does not have.
    """
    catalog = _catalog()
    read = {key: check_answer(catalog.question(key), value) for key, value in values.items()}
    return {question.id: read[question.id] for question in catalog.questions if question.id in read}


def seal_kept(work: Work, values: Mapping[str, str]) -> str:
    """Make the value of the cookie that keeps the answers of a guest.

    Raises:
        ChecklistError: a question or a value that this edition does not have.
    """
    answers = {key: answer.value.value for key, answer in read_values(values).items()}
    until = (work.now + KEPT_FOR).isoformat()
    sealed = work.vault.seal({"until": until, "answers": answers}, COOKIE)
    return urlsafe_b64encode(sealed).decode()


def open_kept(work: Work, cookie: str | None) -> dict[str, str]:
    """Read the cookie; anything that we did not make, or too long ago, is as good as none."""
    if not cookie:
        return {}
    try:
        kept = work.vault.open(urlsafe_b64decode(cookie.encode()), COOKIE)
    except (SealedDamaged, binascii.Error, UnicodeEncodeError):
        return {}
    if datetime.fromisoformat(kept["until"]) <= work.now:
        return {}
    return {key: answer.value.value for key, answer in still_asked(kept["answers"]).items()}


def still_asked(values: Mapping[str, str]) -> dict[str, Answer]:
    """Read what waited for days: what a new edition does not ask any more is left out."""
    answers: dict[str, Answer] = {}
    for key, value in values.items():
        with suppress(ChecklistError):
            answers |= read_values({key: value})
    return answers


def _catalog() -> Catalog:
    return load_library().catalog(CATALOG)


def _place(catalog: Catalog, here: str) -> int:
    if here == END:
        return len(catalog.questions)
    return catalog.questions.index(catalog.question(here))


def _question(
    catalog: Catalog, question: Question, answers: Mapping[str, Answer], problem: str = ""
) -> QuickQuestion:
    language, words = spoken(), catalog.words
    given = answers.get(question.id)
    count, done = len(catalog.questions), len(answers)
    safety = None if isinstance(question, Gate) else question.safety
    why = None if isinstance(question, Gate) else question.help
    return QuickQuestion(
        id=question.id,
        number=catalog.questions.index(question) + 1,
        count=count,
        done=done,
        minutes=-(-catalog.minutes * (count - done) // count) if done else 0,
        text=in_language(question.text, language),
        safety=in_language(words.safety[safety], language) if safety else "",
        see=in_language(question.see, language),
        who=name_roles(words, question.knows, language),
        help=in_language(why, language) if why else "",
        answers=tuple(
            Shown(
                value.value,
                in_language(choice.label, language),
                in_language(choice.why, language) if choice.why else "",
            )
            for value, choice in question.answers.items()
        ),
        chosen=given.value.value if given else "",
        kept=_kept(answers, without=question.id),
        problem=problem,
    )


def _result(catalog: Catalog, answers: Mapping[str, Answer], now: datetime) -> QuickResult:
    language = spoken()
    result = score(catalog, answers)
    notice = in_language(catalog.words.notices[catalog.notice], language)
    return QuickResult(
        statement=say_statement(result, catalog, answers, language),
        steps=tuple(_step(catalog, step, answers) for step in result.next),
        kept=_kept(answers),
        day=local_day(now),
        notice=notice.format(date=local_day(now)),
    )


def _step(catalog: Catalog, step: Step, answers: Mapping[str, Answer]) -> QuickStep:
    behind = answers[step.parts[0]].value if step.parts else None
    label = in_language(catalog.words.answers[behind.value], spoken()) if behind else ""
    return QuickStep(say_step(step, catalog, answers, spoken()), label)


def _kept(answers: Mapping[str, Answer], without: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((key, answer.value.value) for key, answer in answers.items() if key != without)
