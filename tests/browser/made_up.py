"""Checks of a metal workshop with twelve people, as far along as a test or a picture needs them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.assessments import service
from app.kernel.work import Kernel
from checklists.model import Answer, Value
from tests import make

NOTE = "Herr Wolf (Dienstleister) hat im Mai zwei Ordner zurückgeholt. CNC-Programme fehlten."
HALF_DONE = ("g-mobile", "g-private", "org-", "g-remote", "idm-", "g-cloud", "bak-")


def mixed_answers() -> dict[str, Answer]:
    """An answer to every question, some of each kind."""
    answers = make.all_answers(
        org_lead_owner=Value.NO,
        org_training_phishing=Value.PARTLY,
        org_confidential_external=Value.NOT_APPLICABLE,
        idm_mfa_mail=Value.UNKNOWN,
        idm_leave_check=Value.NO,
        idm_admin_daily=Value.PARTLY,
        bak_offline_place=Value.UNKNOWN,
        bak_restore_test=Value.PARTLY,
        bak_restore_plan=Value.NO,
        upd_eol_machine=Value.NO,
        mal_media_usb=Value.NO,
        net_inventory_list=Value.PARTLY,
        net_remote_release=Value.UNKNOWN,
    )
    told = {
        "bak-restore-test": {"missing": ("only-files", "not-all"), "note": NOTE},
        "org-training-phishing": {"missing": ("office-only",)},
        "idm-admin-daily": {"missing": ("programs",), "note": "Die CAD-Plätze sind noch offen."},
        "idm-mfa-mail": {"ask": "Herr Wolf"},
    }
    return answers | {key: replace(answers[key], **more) for key, more in told.items()}  # type: ignore[arg-type]  # fields of Answer by name


def half(kernel: Kernel, firm: make.Firm) -> UUID:
    """Two areas are done, the third waits at its last question."""
    given = {
        key: answer
        for key, answer in mixed_answers().items()
        if key.startswith(HALF_DONE) and key != "bak-restore-plan"
    }
    return started(kernel, firm, given)


def almost(kernel: Kernel, firm: make.Firm) -> UUID:
    """One question is open."""
    given = mixed_answers()
    del given["net-room-room"]
    return started(kernel, firm, given)


def full(kernel: Kernel, firm: make.Firm) -> UUID:
    return started(kernel, firm, mixed_answers())


def all_met(kernel: Kernel, firm: make.Firm) -> UUID:
    return started(kernel, firm, make.all_answers())


def empty(kernel: Kernel, firm: make.Firm) -> UUID:
    return started(kernel, firm, {})


def finished(kernel: Kernel, firm: make.Firm) -> UUID:
    check = full(kernel, firm)
    with kernel.write(firm.owner) as work:
        service.finish(work, check)
    return check


def started(kernel: Kernel, firm: make.Firm, given: dict[str, Answer]) -> UUID:
    with kernel.write(firm.owner) as work:
        return service.start_with(work, make.CATALOG, given)


def answered(kernel: Kernel, firm: make.Firm, check: UUID, question: str, value: str) -> None:
    """Answer a question for the first time, as Max does in another room."""
    with kernel.write(firm.member) as work:
        outcome = service.save_answer(work, check, question, make.answer(value))
    assert isinstance(outcome, service.Saved)
