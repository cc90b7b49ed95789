"""The report of a full check as the worker makes it, against bare WeasyPrint on the same HTML.

Both run warm, in one process each. The memory is that of a process after fifty reports.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

from benchmarks.common import ROOT, in_turn, median, report, timed

ROUNDS, REPORTS = 5, 50
MOST_MB = 150


def snapshot() -> bytes:
    """Return the snapshot of a full check with a note at every question."""
    from datetime import UTC, datetime  # noqa: PLC0415  (only in the process that measures)
    from uuid import UUID  # noqa: PLC0415

    from app.assessments.core.snapshot import canonical_json, freeze_check  # noqa: PLC0415
    from checklists import load_library, score  # noqa: PLC0415
    from checklists.model import Answer, Gate, Value  # noqa: PLC0415

    catalog = load_library().catalog("kmu-check")
    values = (Value.YES, Value.NO, Value.PARTLY, Value.UNKNOWN)
    answers = {
        question.id: Answer(
            Value.YES
            if isinstance(question, Gate)
            else values[number % len(values)]
            if values[number % len(values)] in question.values
            else Value.NO,
            note="Herr Wolf hat im Mai zwei Ordner zurückgeholt.",
        )
        for number, question in enumerate(catalog.questions)
    }
    frozen = freeze_check(
        number=UUID(int=7),
        catalog=catalog,
        answers=answers,
        result=score(catalog, answers),
        organisation="Krause Metallbau",
        centre="Kompetenzzentrum IT-Sicherheit",
        names={},
        started_on=datetime(2026, 11, 1, tzinfo=UTC).date(),
        frozen_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
        finished=True,
    )
    return canonical_json(frozen)


def measure() -> None:
    """Run in a process of its own: print the medians of ours and of the floor."""
    from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415

    from app.assessments.core.report import report_of  # noqa: PLC0415
    from app.assessments.core.snapshot import stand  # noqa: PLC0415
    from app.assessments.drawing import draw_report, report_html  # noqa: PLC0415
    from app.render.pdf import BASE_URL, parts_only  # noqa: PLC0415

    raw = snapshot()
    html = report_html(report_of(json.loads(raw), stand=stand(raw), lang="de"))
    ours, bare = in_turn(
        timed(lambda: draw_report(raw, "de")),
        timed(lambda: HTML(string=html, base_url=BASE_URL, url_fetcher=parts_only([])).write_pdf()),
        ROUNDS,
    )
    sys.stdout.write(json.dumps([median(ours), median(bare)]))


def remember() -> None:
    """Run in a process of its own: print its memory in MB after fifty reports."""
    from app.assessments.drawing import draw_report  # noqa: PLC0415

    raw = snapshot()
    for _ in range(REPORTS):
        draw_report(raw, "de")
    sys.stdout.write(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def apart(name: str) -> Any:
    """Call a function of this module in a fresh process and return what it prints."""
    code = f"from benchmarks.report import {name}; {name}()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main() -> None:
    ours, bare = apart("measure")
    report("report", ours, bare, "ms", ROUNDS, at_most=1.2)
    report("report-memory-after-50", apart("remember"), MOST_MB, "MB", REPORTS, at_most=1.0)


if __name__ == "__main__":
    main()
