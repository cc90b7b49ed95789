"""Pages of checks: choose, answer, result, report."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app.assessments import drawn, service
from app.assessments.forms import AgainForm, AnswerForm, ReportForm, StartForm
from app.kernel.access import access
from app.kernel.errors import Invalid
from app.web.forms import posted
from app.web.gate import count, reading, visitor, writing
from app.web.headers import DOWNLOAD_POLICY
from app.web.pages import asked_by_script, render

blueprint = Blueprint("assessments", __name__)
drawn.install(blueprint)

LOOK_AGAIN_S = 3


@blueprint.get("/checks")
@access(firm="viewer", on="assessment", action="read")
def show_checks() -> ResponseReturnValue:
    with reading() as work:
        page = service.checks_page(work)
    return render("assessments/checks.html", page)


@blueprint.post("/checks")
@access(firm="member", on="assessment", action="start")
def start() -> ResponseReturnValue:
    form = StartForm(posted())
    if not form.validate():
        raise Invalid
    assessment_id, catalog_id = form.read()
    with writing() as work:
        assessment_id = service.start(work, assessment_id, catalog_id)
    return redirect(url_for("assessments.resume", assessment_id=assessment_id), 303)


@blueprint.get("/checks/<uuid:assessment_id>")
@access(firm="viewer", on="assessment", action="read")
def resume(assessment_id: UUID) -> ResponseReturnValue:
    """Lead to the first open question, on whatever device."""
    with reading() as work:
        go_on = service.resume(work, assessment_id)
    if go_on.area is None:
        return redirect(url_for("assessments.show_result", assessment_id=assessment_id), 302)
    return redirect(_area_url(assessment_id, go_on.area, go_on.question), 302)


# Its forms have relative addresses: with a slash at the end they would lead nowhere.
@blueprint.get("/checks/<uuid:assessment_id>/bereiche/<string:area_id>", strict_slashes=True)
@access(firm="viewer", on="assessment", action="read")
def show_area(assessment_id: UUID, area_id: str) -> ResponseReturnValue:
    with reading() as work:
        page = service.area_page(work, assessment_id, area_id)
    return render("assessments/area.html", page)


@blueprint.post("/checks/<uuid:assessment_id>/fragen/<string:question_id>")
@access(firm="member", on="assessment", action="answer")
def save_answer(assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    form = AnswerForm(posted())
    if not form.validate():
        return _show_problems(assessment_id, question_id, form), 422
    with writing() as work:
        outcome = service.save_answer(work, assessment_id, question_id, form.read())
    match outcome:
        case service.Saved():
            return _show_saved(assessment_id, outcome)
        case service.Conflict():
            return _show_conflict(assessment_id, question_id, form, outcome), 409
        case _:
            assert_never(outcome)


@blueprint.get("/checks/<uuid:assessment_id>/ergebnis")
@access(firm="viewer", on="assessment", action="read")
def show_result(assessment_id: UUID) -> ResponseReturnValue:
    with reading() as work:
        page = service.result_page(work, assessment_id)
    return render("assessments/result.html", page)


@blueprint.post("/checks/<uuid:assessment_id>/abschliessen")
@access(firm="member", on="assessment", action="finish")
def finish(assessment_id: UUID) -> ResponseReturnValue:
    with writing() as work:
        service.finish(work, assessment_id)
    return redirect(url_for("assessments.show_result", assessment_id=assessment_id), 303)


@blueprint.post("/checks/<uuid:assessment_id>/neuer-durchgang")
@access(firm="member", on="assessment", action="start")
def start_again(assessment_id: UUID) -> ResponseReturnValue:
    form = AgainForm(posted())
    if not form.validate():
        raise Invalid
    with writing() as work:
        new_id = service.start_again(work, assessment_id, form.read())
    return redirect(url_for("assessments.resume", assessment_id=new_id), 303)


@blueprint.post("/checks/<uuid:assessment_id>/berichte")
@access(firm="member", on="report", action="report")
def request_report(assessment_id: UUID) -> ResponseReturnValue:
    count("report", address=str(visitor().scope.actor))
    form = ReportForm(posted())
    if not form.validate():
        raise Invalid
    report_id, language = form.read()
    with writing() as work:
        service.request_report(work, assessment_id, report_id, language)
    return redirect(_report_url(assessment_id, report_id), 303)


@blueprint.get("/checks/<uuid:assessment_id>/berichte/<uuid:report_id>")
@access(firm="viewer", on="report", action="read")
def show_report(assessment_id: UUID, report_id: UUID) -> ResponseReturnValue:
    with reading() as work:
        page = service.report_page(work, assessment_id, report_id)
    # Without script the browser itself looks again.
    headers = {"Refresh": str(LOOK_AGAIN_S)} if page.state == "waiting" else {}
    return render("assessments/report_page.html", page), 200, headers


@blueprint.get("/checks/<uuid:assessment_id>/berichte/<uuid:report_id>/bericht.pdf")
@access(firm="viewer", on="report", action="read")
def download_report(assessment_id: UUID, report_id: UUID) -> ResponseReturnValue:
    with reading() as work:
        file = service.report_file(work, assessment_id, report_id)
    response = Response(file.content, mimetype="application/pdf")
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response


def _area_url(assessment_id: UUID, area_id: str, question_id: str | None) -> str:
    return url_for(
        "assessments.show_area",
        assessment_id=assessment_id,
        area_id=area_id,
        _anchor=question_id or "weiter",
    )


def _report_url(assessment_id: UUID, report_id: UUID) -> str:
    return url_for("assessments.show_report", assessment_id=assessment_id, report_id=report_id)


def _show_saved(assessment_id: UUID, saved: service.Saved) -> ResponseReturnValue:
    area_id = saved.around.area.id
    if not asked_by_script():
        return redirect(_area_url(assessment_id, area_id, saved.next_question), 303)
    if saved.is_gate:
        with reading() as work:
            return render(
                "assessments/area_main.html", service.area_page(work, assessment_id, area_id)
            )
    opens = None
    if saved.is_first and saved.block_is_done:
        with reading() as work:
            opens = service.area_page(work, assessment_id, area_id).now
    return render("assessments/saved_part.html", service.SavedPart(saved, opens))


def _show_problems(assessment_id: UUID, question_id: str, form: AnswerForm) -> str:
    with reading() as work:
        page = service.area_page_at(work, assessment_id, question_id)
    page = page.with_typed(question_id, form.read(), form.sentences())
    if asked_by_script():
        return render("assessments/question_part.html", page.only(question_id))
    return render("assessments/area.html", page)


def _show_conflict(
    assessment_id: UUID, question_id: str, form: AnswerForm, conflict: service.Conflict
) -> str:
    with reading() as work:
        page = service.conflict_page(work, assessment_id, question_id, form.read(), conflict)
    part = asked_by_script()
    return render("assessments/versions.html" if part else "assessments/conflict.html", page)
