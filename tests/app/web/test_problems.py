"""Whatever goes wrong is said in one sentence, with a way out, and nothing typed is lost."""

from __future__ import annotations

import html
import re
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import Connection

from app.kernel import errors
from app.kernel.access import access
from app.kernel.errors import REGISTRY, Busy, DiskFull, LotseError, Migrating, SlowDown, TooLarge
from app.web import gate
from app.web.problems import SIGN_IN_AGAIN
from checklists.errors import ChecklistError
from tests import make
from tests.app.browser import Browser, text_of
from tests.app.web.routes import VALUES, address, unsafe_routes

SECRET = "olga@firma.example"
MADE = {
    "TooLarge": TooLarge("1 MiB"),
    "SlowDown": SlowDown(90),
    "Internal": errors.Internal("7"),
    "StartRefused": errors.StartRefused("x"),
    "BadSetting": errors.BadSetting("LOTSE_X", "is wrong"),
}


def classes(base=LotseError):
    for one in base.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from classes(one)


def made(one):
    if one.__name__ in MADE:
        return MADE[one.__name__]
    return one("x") if issubclass(one, errors.StartRefused) else one()


RAISED = {one.__name__: made(one) for one in classes()}


@pytest.fixture
def guest(flask, kernel):
    return Browser(flask, kernel)


def raising(flask, error, path="/raising", **marker):
    """A page that always fails."""

    def view():
        raise error

    name = path.replace("/", "-")
    flask.add_url_rule(
        path, name, access(**(marker or {"public": True}))(view), methods=["GET", "POST"]
    )


def heading(answer):
    found = re.search(r"<h1>(.*?)</h1>", text_of(answer), re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def sentence(error):
    """What is said where somebody has posted."""
    if isinstance(error, errors.SignInNeeded):
        return SIGN_IN_AGAIN
    return REGISTRY[error.code].title % error.facts


@pytest.mark.parametrize("name", RAISED)
def test_each_error_shows_its_sentence_and_status(name, flask, guest):
    error = RAISED[name]
    raising(flask, error)
    answer = guest.post("/raising")
    assert answer.status_code == REGISTRY[error.code].status
    assert heading(answer) == sentence(error)
    assert re.search(rf"[0-9a-f]{{12}}</span> \({error.code}\)", text_of(answer))


@pytest.mark.parametrize("name", RAISED)
def test_each_error_is_a_problem_document_below_the_api(name, flask, guest):
    error = RAISED[name]
    raising(flask, error, "/api/v1/raising")
    answer = guest.post("/api/v1/raising")
    assert answer.status_code == REGISTRY[error.code].status
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["code"] == error.code
    assert problem["status"] == answer.status_code
    assert problem["title"] == sentence(error)
    assert problem["type"] == f"https://lotse.example/fehler/{error.code}"
    assert re.fullmatch("[0-9a-f]{12}", problem["request_id"])
    assert guest.get(f"/fehler/{error.code}").status_code == 200


def test_errors_of_the_rooms_are_shown_too(flask, guest):
    class OfARoom(ChecklistError):
        code = "unknown-question"

    raising(flask, OfARoom())
    answer = guest.get("/raising")
    assert answer.status_code == 422
    assert heading(answer) == REGISTRY["unknown-question"].title


@pytest.mark.parametrize("code", REGISTRY)
def test_each_code_has_a_page(code, guest):
    answer = guest.get(f"/fehler/{code}")
    assert answer.status_code == 200
    assert "%(" not in text_of(answer)


def test_an_unknown_code_has_none(guest):
    assert guest.get("/fehler/nothing").status_code == 404


@pytest.mark.parametrize("below", ["", "/api/v1"])
def test_errors_of_http_itself_speak_our_language(below, flask, guest):
    raising(flask, Busy(), f"{below}/only")
    answers = {
        "not-found": guest.get(f"{below}/nowhere"),
        "method": guest.client.delete(f"{below}/only", base_url=guest.base_url),
        "malformed": guest.client.get(f"{below}/only", base_url="https://evil.example"),
    }
    for code, answer in answers.items():
        assert answer.status_code == REGISTRY[code].status
        if below:
            assert answer.get_json()["code"] == code
        else:
            assert heading(answer) == REGISTRY[code].title
    assert answers["method"].headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_body_over_the_limit_is_too_large(guest):
    answer = guest.post("/kurzcheck", note="x" * (1024 * 1024))
    assert answer.status_code == 413
    assert heading(answer) == "Das ist zu groß (höchstens 1 MiB)."


class BrokenOff(BytesIO):
    """What a server gives when the client goes away in the middle of a chunk."""

    def read(self, *_):
        raise OSError

    readinto = read


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (BytesIO(b"firm=Krau"), {"CONTENT_LENGTH": "500"}),
        (BrokenOff(), {"HTTP_TRANSFER_ENCODING": "chunked"}),
        (BrokenOff(), {"CONTENT_LENGTH": "500"}),
    ],
)
def test_a_body_that_broke_off_is_not_taken_for_a_whole_one(body, length, guest):
    answer = guest.client.post(
        "/registrieren",
        base_url=guest.base_url,
        headers={"Origin": guest.base_url},
        content_type="application/x-www-form-urlencoded",
        # as gunicorn says
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True, **length},
    )
    assert answer.status_code == 400


def test_a_body_over_the_limit_of_a_guest_is_not_read_to_be_kept(guest):
    answer = guest.post("/checks", note="x" * (1024 * 1024))
    assert (answer.status_code, kept(answer)) == (401, {})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"note=%00", "application/x-www-form-urlencoded"),
        (b"note=%FF", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 501), "application/x-www-form-urlencoded"),
        (b'{"note": 1}', "application/json"),
        (b"note=1", "text/plain"),
        (b"[" * 1500, "application/json"),
    ],
)
def test_hostile_bodies_are_malformed_at_every_door(body, kind, flask, kernel, firm):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    headers = {"Origin": olga.base_url}
    for method, rule in unsafe_routes(flask):
        if rule.endpoint in {"accounts.sign_out", "assessments.request_report"}:
            continue
        answer = olga.client.open(
            address(flask, rule),
            method=method,
            data=body,
            content_type=kind,
            headers=headers,
            base_url=olga.base_url,
        )
        assert answer.status_code in {303, 400, 404, 410, 429}, (rule.rule, answer.status)


@pytest.mark.parametrize(
    ("error", "wait"),
    [(Busy(), "5"), (Migrating(), "60"), (DiskFull(), "60"), (SlowDown(90), "90")],
)
def test_who_shall_come_again_is_told_when(error, wait, flask, guest):
    raising(flask, error)
    assert guest.get("/raising").headers["Retry-After"] == wait


def test_other_errors_name_no_time(guest):
    assert "Retry-After" not in guest.get("/nowhere").headers


def test_a_bug_is_a_number_and_nothing_of_it_is_shown(flask, guest, caplog):
    raising(flask, ValueError(SECRET))
    answer = guest.get("/raising")
    assert answer.status_code == 500
    number = re.search(r"Nummer (\w{12})\.", heading(answer))
    assert number is not None
    assert SECRET not in text_of(answer)
    assert "ValueError" not in text_of(answer)
    (record,) = [record for record in caplog.records if record.msg == "internal"]
    assert record.fields["request_id"] == number[1]


def kept(answer):
    page = text_of(answer)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def save_path():
    return f"/checks/{VALUES['assessment_id']}/fragen/bak-restore-test"


def test_a_session_that_ended_while_typing_loses_no_text(guest):
    typed = {
        "value": "partly",
        "missing": "<b>",
        "note": 'Band "A" & B\nnicht getestet',
        "revision": "3",
    }
    answer = guest.post(save_path(), **typed)
    assert answer.status_code == 401
    page = text_of(answer)
    assert f'action="{save_path()}"' in page
    assert kept(answer).items() >= {"value": "partly", "missing": "<b>", "revision": "3"}.items()
    textarea = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert textarea is not None
    assert html.unescape(textarea[1]) == typed["note"]
    assert 'target="_blank"' in page  # sign in elsewhere, then send again


def test_what_was_kept_can_be_sent_again(flask, kernel, firm):
    with kernel.write(firm.owner) as work:
        check = make.assessment(work)
    path = f"/checks/{check}/fragen/{make.QUESTION}"
    answer = Browser(flask, kernel).post(path, value="yes", revision="0")
    again = re.search(r'action="([^"]*fragen[^"]*)"', text_of(answer))
    assert again is not None
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    assert olga.post(again[1], **kept(answer)).status_code == 303


@pytest.mark.parametrize("error", [Busy(), DiskFull(), SlowDown(60), ValueError("bug")])
def test_trouble_of_ours_loses_no_text(error, flask, guest):
    raising(flask, error)
    answer = guest.post("/raising", text="typed", password="secret", new_password="secret")
    assert kept(answer)["text"] == "typed"
    assert "secret" not in text_of(answer)


@pytest.mark.parametrize("name", ["NotFound", "Forbidden", "Malformed", "WrongOrigin", "Closed"])
def test_what_will_never_work_is_not_offered_again(name, flask, guest):
    raising(flask, RAISED[name])
    assert kept(guest.post("/raising", text="typed")) == {}


def test_a_script_gets_a_sentence_instead_of_a_page(guest):
    answer = guest.save(save_path(), value="yes", revision="0")
    assert answer.status_code == 401
    assert text_of(answer).lstrip().startswith("<p")
    assert "data-says" in text_of(answer)


def test_errors_speak_the_language_of_the_visitor(guest):
    assert 'lang="en"' in text_of(guest.get("/nowhere", **{"Accept-Language": "en"}))
    assert 'lang="de"' in text_of(guest.get("/nowhere"))


def test_a_database_without_a_connection_left_is_busy_for_everybody(
    flask, kernel, firm, monkeypatch
):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    monkeypatch.setattr(kernel.engine.pool, "_timeout", 0.05)
    taken = [kernel.engine.connect() for _ in range(20)]
    answer = olga.get("/checks")
    for connection in taken:
        connection.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert olga.get("/checks").status_code == 200


def test_a_page_of_an_error_needs_no_database(flask, kernel, firm, monkeypatch):
    """The connections run out while a view works: the frame around the error shows no names."""
    taken: list[Connection] = []

    def view():
        monkeypatch.setattr(kernel.engine.pool, "_timeout", 0.05)
        taken.extend(kernel.engine.connect() for _ in range(20))
        with gate.reading():
            pass

    flask.add_url_rule("/greedy", "greedy", access(signed_in=True)(view))
    answer = Browser(flask, kernel, firm.cookie(firm.owner)).get("/greedy")
    for connection in taken:
        connection.close()
    assert answer.status_code == 503
    assert heading(answer) == REGISTRY["busy"].title


def test_a_foreign_check_is_like_an_unknown_one(flask, kernel, firm):
    other = make.firm(kernel, name="Andere GmbH")
    with kernel.write(other.owner) as work:
        theirs = make.assessment(work)
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    pages = []
    for check in (theirs, UUID(int=5)):
        answer = olga.get(f"/checks/{check}/ergebnis")
        assert answer.status_code == 404
        pages.append(re.sub(r"[0-9a-f]{12}|[0-9a-f-]{36}", "#", text_of(answer)))
    assert pages[0] == pages[1]


def test_the_note_for_a_check_that_was_finished_meanwhile_can_be_copied(flask, guest):
    raising(flask, RAISED["Closed"])
    typed = 'Band "A" & <b>\nnicht getestet'
    page = text_of(guest.post("/raising", note=typed, value="yes"))
    textarea = re.search(r"<textarea([^>]*)>\n?(.*?)</textarea>", page, re.DOTALL)
    assert textarea is not None
    assert " readonly" in textarea[1]
    assert html.unescape(textarea[2]) == typed
    assert "Noch einmal senden" not in page
    assert 'action="/raising' not in page
    assert "<textarea" not in text_of(guest.post("/raising", note="", value="yes"))
    assert "<textarea" not in text_of(guest.get("/raising"))
