"""A frozen state: everything a report needs, as canonical JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from checklists import freeze
from checklists.model import Answer, Catalog, Result


def canonical_json(value: object) -> bytes:
    """One spelling per value: sorted keys, no blanks, UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def stand(snapshot: bytes) -> str:
    """How staff and firm know that they speak of the same state: 8 hex digits of SHA-256."""
    return sha256(snapshot).hexdigest()[:8]


def freeze_check(
    *,
    number: UUID,
    catalog: Catalog,
    answers: Mapping[str, Answer],
    result: Result,
    organisation: str,
    centre: str,
    names: Mapping[str, str],
    started_on: date,
    frozen_at: datetime,
    finished: bool,
) -> dict[str, Any]:
    """Build the snapshot of a check.

    Args:
        number: of the snapshot.
        catalog: its complete texts go in, so that a report needs nothing else.
        answers: of all questions, those that a gate hides too.
        result: what the answers come to.
        organisation: name of the firm.
        centre: name of who runs the service; it stands on the cover of a report.
        names: person id to name, for those who answered.
        started_on: first day of the run.
        frozen_at: UTC.
        finished: the run was closed with this snapshot.
    """
    return {
        "schema": 1,
        "number": str(number),
        "catalog": catalog.id,
        "edition": catalog.edition,
        "frozen": freeze(catalog),
        "organisation": {"name": organisation},
        "centre": {"name": centre},
        "answers": {question_id: _answer(answer) for question_id, answer in answers.items()},
        "names": dict(names),
        "result": result.as_json(),
        "started_on": started_on.isoformat(),
        "frozen_at": frozen_at.astimezone(UTC).isoformat(),
        "finished": finished,
    }


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "value": answer.value.value,
        "missing": list(answer.missing),
        "note": answer.note,
        "ask": answer.ask,
        "by": answer.by,
        "on": answer.on,
    }
