"""What the worker does for checks."""

from __future__ import annotations

from app.assessments import service
from app.kernel.jobs import Job
from app.kernel.work import Kernel


def make_report(kernel: Kernel, job: Job) -> None:
    """Draw the PDF of a report; WeasyPrint is loaded here and in no web process."""
    from app.assessments.drawing import draw_report  # noqa: PLC0415  (heavy)

    service.make_report(kernel, job, draw_report)


def drop_old_reports(kernel: Kernel) -> None:
    """Throw away PDFs older than seven days."""
    service.drop_old_reports(kernel)
