"""Frozen checks: nothing answered, half of it, and all of it with notes, gaps and doubts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID

import pypdfium2

from app.assessments.core.snapshot import canonical_json, freeze_check
from app.assessments.drawing import draw_report
from checklists import load_library, read_answers, score

FIRM = "Krause Metallbau GmbH"
CENTRE = "Kompetenzzentrum Erzgebirge"
FROZEN_AT = datetime(2026, 11, 22, 18, 4, tzinfo=UTC)
NOTE = "Angerufen am Montag – 5 < 6 & „gut“.\nRückruf kommt."
WORKSHOP = {
    "g-private": "no",
    "org-lead-owner": "no",
    "idm-mfa-mail": {"value": "unknown", "ask": "Frau Sommer, Systemhaus", "note": NOTE},
    "bak-restore-test": {"value": "no", "note": "Zuletzt 2019, mit Żaneta und Łukasz 👍"},
    "upd-eol-machine": "partly",
    "mal-mail-macros": "no",
    "net-remote-release": "no",
}
STATES = ("empty", "half", "full")


def catalog(catalog_id="kmu-check"):
    return load_library().catalog(catalog_id)


def given(state, catalog):
    """Return the answers of a state as a document names them."""
    ids = [question.id for question in catalog.questions]
    answered = {"empty": [], "half": ids[: len(ids) // 2], "full": ids}[state]
    return {question_id: WORKSHOP.get(question_id, "yes") for question_id in answered}


def snapshot(state, catalog_id="kmu-check", *, but=None, firm=FIRM):
    """Return the canonical bytes of a frozen check, answered by two people in turn.

    Args:
        state: one of `STATES`.
        catalog_id: of the catalog.
        but: other answers, by question; a callable makes one for each question.
        firm: its name.
    """
    edition = catalog(catalog_id)
    document = given(state, edition)
    if callable(but):
        document = {question.id: but(question) for question in edition.questions}
    else:
        document |= but or {}
    whole = {
        question_id: {
            **(answer if isinstance(answer, dict) else {"value": answer}),
            "by": f"person-{number % 3}",
            "on": "2026-11-20",
        }
        for number, (question_id, answer) in enumerate(document.items())
    }
    eol = whole.get("upd-eol-machine")
    if eol and eol["value"] == "partly":
        eol["missing"] = [point.id for point in edition.question("upd-eol-machine").missing]
    answers = read_answers(edition, {"answers": whole})
    return canonical_json(
        freeze_check(
            number=UUID(int=7),
            catalog=edition,
            answers=answers,
            result=score(edition, answers),
            organisation=firm,
            centre=CENTRE,
            names={"person-0": "Jens Krause", "person-1": "Sabine Berger"},
            started_on=date(2026, 11, 19),
            frozen_at=FROZEN_AT,
            finished=state == "full",
        )
    )


@cache
def drawn(state, lang, catalog_id="kmu-check"):
    """Return the PDF of a state."""
    return draw_report(snapshot(state, catalog_id), lang)


def pages(pdf):
    """Return the text layer, page by page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def squeezed(text):
    """Return a text without what line breaks do to it: white space and hyphens at line ends."""
    return re.sub(r"[\s\u00a0\ufffe\x02-]", "", text)
