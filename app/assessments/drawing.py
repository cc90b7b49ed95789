"""From a snapshot to the report: words, page, PDF."""

from __future__ import annotations

import json

from app.assessments.core.report import Report, report_of
from app.assessments.core.snapshot import stand
from app.kernel.i18n import _, speak
from app.render.pdf import Attached, render_pdf
from app.render.templates import environment


def draw_report(raw: bytes, language: str) -> bytes:
    """Draw the PDF of a snapshot; the same snapshot gives the same bytes.

    The result is attached as JSON, to the letter as the command line prints it.

    Args:
        raw: canonical JSON of the snapshot.
        language: `de` or `en`.
    """
    report = report_of(json.loads(raw), stand=stand(raw), lang=language)
    result = json.dumps(report.result.as_json(), ensure_ascii=False, indent=1)
    with speak(language):
        attached = Attached(
            "ergebnis.json",
            result.encode(),
            _("Ergebnis als Daten: %(check)s, Stand %(id)s", check=report.title, id=report.stand),
        )
        return render_pdf(report_html(report), created=report.frozen_at, attachments=(attached,))


def report_html(report: Report) -> str:
    """Draw the document of a report, in its language."""
    with speak(report.lang):
        return environment().get_template("assessments/report.html").render(report=report)
