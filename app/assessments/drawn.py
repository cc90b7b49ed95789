"""Questions as HTML, drawn once for all who see them alike.

A page of questions is long, and nearly all of it is the same for every firm: text, help, labels.
What carries a firm's own words (a note, a name) is drawn each time and never kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, current_app
from flask.sansio.blueprints import BlueprintSetupState

from app.assessments.service import NO_PROBLEMS, AnswerGiven, QuestionOnPage
from app.kernel.i18n import spoken
from checklists.model import Question, Words

KEPT = 4096
"""About 6 kB each; 54 questions in five states and two languages are 540."""


class Same:
    """Compares by identity: editions are loaded once per process and never change."""

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it


def install(blueprint: Blueprint) -> None:
    """Teach the templates of an application the filter `drawn`."""

    def teach(state: BlueprintSetupState) -> None:
        assert isinstance(state.app, Flask)
        state.app.jinja_env.filters["drawn"] = drawn

    blueprint.record_once(teach)


def drawn(item: QuestionOnPage, words: Words) -> str:
    """Draw one question with its form."""
    shown = item.shown
    if shown.note or shown.ask or any(item.problems.values()):
        return _draw(item, words)
    return _kept(
        Same(item.question),
        Same(words),
        item.number,
        item.count,
        item.who,
        shown,
        item.may_answer,
        spoken(),
    )


@lru_cache(KEPT)
def _kept(
    question: Same,
    words: Same,
    number: int,
    count: int,
    who: str,
    shown: AnswerGiven,
    may_answer: bool,  # noqa: FBT001  (part of the key)
    _language: str,
) -> str:
    asked: Question = question.it
    item = QuestionOnPage(
        asked,
        number,
        count,
        who,
        shown,
        answered=False,
        may_answer=may_answer,
        problems=NO_PROBLEMS,
    )
    return _draw(item, words.it)


def _draw(item: QuestionOnPage, words: Words) -> str:
    module: Any = current_app.jinja_env.get_template("assessments/question.html").module
    text: str = module.ask_block(item, words)
    return text
