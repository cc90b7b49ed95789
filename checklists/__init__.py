"""The questionnaire engine: content is data, rules are code.

Pure: no web framework, no database, no clock, no network. Every argument is explicit, every
outcome is a frozen value of `checklists.model`, every refusal an error of `checklists.errors`.
"""

from __future__ import annotations

from checklists.answers import check_answer, parse_document, read_answers
from checklists.explaining import (
    explain,
    in_language,
    name_roles,
    say_statement,
    say_step,
)
from checklists.freezing import freeze, thaw
from checklists.loading import load_library, validate
from checklists.ranking import rank
from checklists.scoring import score
from checklists.states import asked, open_questions, unknown_questions

__all__ = [
    "asked",
    "check_answer",
    "explain",
    "freeze",
    "in_language",
    "load_library",
    "name_roles",
    "open_questions",
    "parse_document",
    "rank",
    "read_answers",
    "say_statement",
    "say_step",
    "score",
    "thaw",
    "unknown_questions",
    "validate",
]
