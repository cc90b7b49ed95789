"""The door of assessments: checks, answers, results, reports."""

from __future__ import annotations

from app.assessments.service.answering import (
    NO_PROBLEMS,
    AnswerGiven,
    AreaPage,
    Block,
    Conflict,
    ConflictPage,
    QuestionOnPage,
    QuestionPart,
    Saved,
    SavedPart,
    area_page,
    area_page_at,
    conflict_page,
    save_answer,
)
from app.assessments.service.checks import (
    ChecksPage,
    GoOn,
    Incomplete,
    checks_page,
    finish,
    read_snapshot,
    resume,
    start,
    start_again,
    start_with,
)
from app.assessments.service.reports import (
    ReportFile,
    ReportPage,
    drop_old_reports,
    make_report,
    report_file,
    report_page,
    request_report,
)
from app.assessments.service.results import result_page
from app.assessments.service.storing import AssessmentNotFound

__all__ = [
    "NO_PROBLEMS",
    "AnswerGiven",
    "AreaPage",
    "AssessmentNotFound",
    "Block",
    "ChecksPage",
    "Conflict",
    "ConflictPage",
    "GoOn",
    "Incomplete",
    "QuestionOnPage",
    "QuestionPart",
    "ReportFile",
    "ReportPage",
    "Saved",
    "SavedPart",
    "area_page",
    "area_page_at",
    "checks_page",
    "conflict_page",
    "drop_old_reports",
    "finish",
    "make_report",
    "read_snapshot",
    "report_file",
    "report_page",
    "request_report",
    "result_page",
    "resume",
    "save_answer",
    "start",
    "start_again",
    "start_with",
]
