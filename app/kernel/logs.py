"""The log: one line per event, and only fields named here. Input never gets in."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

LOGGER = logging.getLogger("lotse")
Field = Literal[
    "route", "method", "status", "ms", "request_id", "actor_id", "code", "kind", "job_id", "number"
]
FIELDS: tuple[Field, ...] = (
    "route", "method", "status", "ms", "request_id", "actor_id", "code", "kind", "job_id", "number",
)  # fmt: skip


class OnlyNamedFields(logging.Formatter):
    """JSON in production, one readable line in development.

    Messages of libraries are dropped but for their logger's name: they carry input.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("lotse")
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.msg if ours else record.name,
        }
        given = getattr(record, "fields", {}) if ours else {}
        line |= {name: given[name] for name in FIELDS if name in given}
        if record.exc_info and record.exc_info[1]:
            line["error"] = what_broke(record.exc_info[1])
        if self.as_json:
            return json.dumps(line, ensure_ascii=False, default=str)
        return " ".join(str(value) for value in line.values())


def what_broke(error: BaseException) -> str:
    """Type and frames of an exception; its text carries input and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return f"{type(error).__name__}: {places}"


def note(event: str, *, error: BaseException | None = None, **fields: object) -> None:
    """Write one line.

    Args:
        event: what happened, kebab-case.
        error: an unexpected exception, or None.
        fields: of `FIELDS`; others are left out.
    """
    LOGGER.log(
        logging.ERROR if error else logging.INFO,
        event,
        extra={"fields": fields},
        exc_info=error,
    )


def start_logging(*, as_json: bool, quiet: bool = False) -> None:
    """Send everything to standard error through the one formatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OnlyNamedFields(as_json=as_json))
    # Else a handler that fails prints the message with its arguments.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # Else the worker's clock says every second that the job before is still being done.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    LOGGER.setLevel(logging.WARNING if quiet else logging.INFO)
