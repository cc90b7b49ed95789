from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import service
from app.accounts.tables import PersonRow
from app.kernel.audit import AuditRow
from app.kernel.jobs import JobRow
from app.kernel.scope import NOBODY, everything
from tests.app.browser import Browser, mails, newest_link, text_of

PASSWORD = "vier Wörter Kaffee Amboss"
NEW_PASSWORD = "ganz andere Worte hier"


@pytest.fixture
def browser(flask, kernel):
    return Browser(flask, kernel)


@pytest.fixture
def email(kernel, firm):
    hashed = service.hash_password(PASSWORD)
    with kernel.write(firm.member) as work:
        work.session.get(PersonRow, firm.member.actor).password_hash = hashed
    return f"max@{firm.id.hex}.example"


def audited(kernel):
    with kernel.read(everything("test")) as work:
        return work.session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()


def test_signing_in_leads_where_one_wanted_to_go(browser, email, kernel):
    answer = browser.get("/checks")
    assert answer.location.startswith("/anmelden?next=")
    page = text_of(browser.get(answer.location))
    assert 'name="next" value="/checks"' in page
    answer = browser.post("/anmelden", email=email.upper(), password=PASSWORD, next="/checks")
    assert (answer.status_code, answer.location) == (303, "/checks")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-lotse=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Expires" not in cookie
    assert browser.get("/checks").status_code == 200
    assert audited(kernel)[-1] == "signed-in"


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", ""]
)
def test_signing_in_never_leads_to_another_site(browser, email, target):
    answer = browser.post("/anmelden", email=email, password=PASSWORD, next=target)
    assert answer.location == "/checks"
    assert browser.get("/anmelden?next=//evil.example").location == "/checks"


def test_known_and_unknown_addresses_get_the_same_answer(browser, email):
    known = browser.post("/anmelden", email=email, password="not the password")
    unknown = browser.post("/anmelden", email="a" * len(email), password="not the password")
    assert known.status_code == unknown.status_code == 401
    assert text_of(known).replace(email, "") == text_of(unknown).replace("a" * len(email), "")
    assert set(known.headers.keys()) == set(unknown.headers.keys())
    assert "Adresse oder Passwort stimmt nicht." in text_of(known)
    assert f'value="{email}"' in text_of(known)
    assert "not the password" not in text_of(known)


def test_an_empty_form_says_what_is_missing(browser):
    answer = browser.post("/anmelden", email=" ", password="")
    assert answer.status_code == 422
    assert "Bitte tragen Sie Ihre E-Mail-Adresse ein." in text_of(answer)
    assert "<title>Fehler: Anmelden" in text_of(answer)


def test_after_ten_failures_one_waits_and_a_reset_still_works(browser, email, kernel):
    for _ in range(10):
        assert browser.post("/anmelden", email=email, password="x").status_code == 401
    answer = browser.post("/anmelden", email=email, password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    browser.post("/passwort-vergessen", email=email)
    path = newest_link(kernel, "/passwort/")
    assert browser.post(path, password=NEW_PASSWORD).location == "/checks"
    browser.post("/abmelden")
    assert browser.post("/anmelden", email=email, password=NEW_PASSWORD).status_code == 303


def test_signing_out_forgets_the_browser(browser, email, kernel):
    browser.post("/anmelden", email=email, password=PASSWORD)
    answer = browser.post("/abmelden")
    assert answer.location == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert browser.get("/checks").status_code == 303
    assert browser.post("/abmelden").status_code == 303
    assert audited(kernel)[-1] == "signed-out"


def test_a_reset_asks_known_and_unknown_addresses_the_same(browser, email, kernel):
    known = browser.post("/passwort-vergessen", email=email)
    unknown = browser.post("/passwort-vergessen", email="niemand@krause.example")
    assert known.status_code == unknown.status_code == 200
    assert text_of(known).replace(email, "x") == text_of(unknown).replace(
        "niemand@krause.example", "x"
    )
    with kernel.read(NOBODY) as work:
        assert len(work.session.scalars(select(JobRow.id)).all()) == 2
    assert len(mails(kernel)) == 1


def test_a_reset_needs_an_address(browser):
    answer = browser.post("/passwort-vergessen", email="a@b, c@d")
    assert answer.status_code == 422
    assert "name@firma.de" in text_of(answer)
    assert browser.get("/passwort-vergessen").status_code == 200


def test_a_reset_signs_out_everywhere_else_and_signs_in_here(browser, email, kernel, firm):
    browser.post("/passwort-vergessen", email=email)
    path = newest_link(kernel, "/passwort/")
    assert email in text_of(browser.get(path))
    assert browser.post(path, password="Krause Metallbau 7").status_code == 422
    assert browser.post(path, password="").status_code == 422
    assert browser.post(path, password=NEW_PASSWORD).location == "/checks"
    assert browser.get("/checks").status_code == 200
    with kernel.read(NOBODY) as work:
        assert service.identify(work, firm.cookie(firm.member)).scope.actor is None
    assert browser.get(path).status_code == 410
    again = browser.post(path, password=NEW_PASSWORD)
    assert again.status_code == 410
    assert "/passwort-vergessen" in text_of(again)
    assert "Dieser Link wurde schon benutzt oder ist zu alt." in text_of(again)
    assert "unverändert" not in text_of(again).replace("Antworten sind unverändert", "")
    assert "gilt ein neues Passwort" in mails(kernel)[-1]
    assert "password-changed" in audited(kernel)


def test_a_link_ends_after_half_an_hour(browser, email, kernel, clock):
    browser.post("/passwort-vergessen", email=email)
    path = newest_link(kernel, "/passwort/")
    clock.now += timedelta(minutes=30)
    assert browser.get(path).status_code == 410
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_the_chosen_language_stays_with_the_person(browser, email, kernel, firm):
    browser.post("/anmelden", email=email, password=PASSWORD)
    headers = {"Origin": browser.base_url, "Referer": f"{browser.base_url}/checks"}
    answer = browser.client.post(
        "/konto/sprache", data={"language": "en"}, headers=headers, base_url=browser.base_url
    )
    assert answer.location == "/checks"
    assert browser.post("/konto/sprache", language="fr").status_code == 422
    with kernel.read(NOBODY) as work:
        found = service.find(work, email)
    assert found is not None
    assert found.language == "en"


def test_the_language_page_leads_back_to_us_only(browser, email):
    browser.post("/anmelden", email=email, password=PASSWORD)
    headers = {"Origin": browser.base_url, "Referer": "https://evil.example/checks"}
    answer = browser.client.post(
        "/konto/sprache", data={"language": "de"}, headers=headers, base_url=browser.base_url
    )
    assert answer.location == "/"


def test_a_page_that_answered_a_post_is_not_where_the_language_leads(browser, email, firm):
    browser.post("/anmelden", email=email, password=PASSWORD)
    posted_to = f"{browser.base_url}/checks/{firm.id}/fragen/bak-restore-test"
    headers = {"Origin": browser.base_url, "Referer": posted_to}
    answer = browser.client.post(
        "/konto/sprache", data={"language": "en"}, headers=headers, base_url=browser.base_url
    )
    assert browser.get(answer.location).status_code == 200


def test_a_whole_office_behind_one_connection_signs_in(browser, email):
    for _ in range(55):
        assert browser.post("/anmelden", email=email, password=PASSWORD).status_code == 303
    codes = {
        browser.post("/anmelden", email=f"nobody{number}@firma.example", password="x").status_code
        for number in range(50)
    }
    assert codes == {401}
    assert browser.post("/anmelden", email=email, password=PASSWORD).status_code == 429
