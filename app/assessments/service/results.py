"""What the answers come to, as a page: of the open run now, of a finished one from its snapshot."""

from __future__ import annotations

import json
from uuid import UUID

from app.assessments.core.result_page import ResultPage, build
from app.assessments.core.snapshot import stand
from app.assessments.service.answering import last_saved, may_write
from app.assessments.service.checks import read_snapshot
from app.assessments.service.storing import answers_only, assessment, stored_answers
from app.kernel.i18n import spoken
from app.kernel.work import Work
from checklists import read_answers, score, thaw


def result_page(work: Work, assessment_id: UUID) -> ResultPage:
    """Return the result of a run.

    Raises:
        AssessmentNotFound: absent, or another firm's.
    """
    check = assessment(work, assessment_id)
    if check.snapshot_id is not None:
        return _from_snapshot(work, assessment_id, check.snapshot_id)
    stored = stored_answers(work, assessment_id)
    answers = answers_only(stored)
    return build(
        assessment_id=assessment_id,
        catalog=check.catalog,
        answers=answers,
        result=score(check.catalog, answers),
        as_of=last_saved(stored) or check.started_at,
        finished_at=None,
        stand=None,
        new_ids=(work.new_id(), work.new_id()),
        may_write=may_write(work),
        lang=spoken(),
    )


def _from_snapshot(work: Work, assessment_id: UUID, snapshot_id: UUID) -> ResultPage:
    check = assessment(work, assessment_id)
    raw = read_snapshot(work, snapshot_id)
    frozen = json.loads(raw)
    catalog = thaw(frozen["frozen"])
    answers = read_answers(catalog, {"answers": frozen["answers"]})
    return build(
        assessment_id=assessment_id,
        catalog=catalog,
        answers=answers,
        result=score(catalog, answers),
        as_of=check.finished_at or check.started_at,
        finished_at=check.finished_at,
        stand=stand(raw),
        new_ids=(work.new_id(), work.new_id()),
        may_write=may_write(work),
        lang=spoken(),
    )
