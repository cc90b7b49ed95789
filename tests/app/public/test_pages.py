from __future__ import annotations

from dataclasses import replace

import pytest

from app.kernel import mail
from app.kernel.settings import Centre
from app.main import create_app
from app.public import service
from tests.app.browser import Browser, newest_link, text_of


@pytest.fixture
def browser(flask, kernel):
    return Browser(flask, kernel)


def with_settings(kernel, **changes):
    changed = replace(kernel, settings=replace(kernel.settings, **changes))
    return Browser(create_app(changed), changed)


def test_the_start_page_shows_the_doors_that_exist(browser):
    page = browser.get("/")
    text = text_of(page)
    for path in ("/kurzcheck", "/registrieren", "/anmelden", "/datenschutz"):
        assert f'href="{path}"' in text
    assert text.count("kern-btn--primary") == 1
    assert "<title>Lotse: IT-Sicherheit für Ihre Firma</title>" in text
    assert Centre().name not in text.partition("<main")[2].partition("</main>")[0]
    assert not any(word in text for word in ("Webinar", "Bescheinigung", "Notfall", "Echtheit"))
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("path", ["/impressum", "/datenschutz", "/barrierefreiheit"])
def test_legal_pages_show_the_centre_and_its_placeholders(kernel, path):
    named = Centre(
        name="Zentrum Nord",
        email="hilfe@nord.example",
        accessibility_contact="bf@nord.example",
    )
    text = text_of(with_settings(kernel, centre=named).get(path))
    assert "Zentrum Nord" in text
    assert "@nord.example" in text
    assert "{" not in text.partition("<main")[2].partition("</main>")[0]
    shown = text_of(Browser(create_app(kernel), kernel).get(path))
    assert "&lt;" in shown


def test_legal_texts_are_complete_in_both_languages():
    from app.kernel.i18n import speak  # noqa: PLC0415  (the language of this test alone)

    for name in ("imprint", "privacy", "accessibility"):
        shapes = []
        for language in ("de", "en"):
            with speak(language):
                page = service.legal_page(name, Centre())
            texts = [t for s in page.sections for t in (s.title, *s.items, *s.paragraphs)]
            assert all(texts)
            shapes.append([(len(s.items), len(s.paragraphs)) for s in page.sections])
        assert shapes[0] == shapes[1]


def test_security_txt_names_whom_to_tell(kernel):
    browser = with_settings(kernel, security_contact="security@nord.example")
    page = browser.get("/.well-known/security.txt")
    assert page.content_type == "text/plain; charset=utf-8"
    assert text_of(page).splitlines() == [
        "Contact: mailto:security@nord.example",
        "Expires: 2027-08-28T00:00:00Z",
        "Preferred-Languages: de, en",
        "Canonical: https://lotse.example/.well-known/security.txt",
    ]


def test_without_a_contact_there_is_no_security_txt(browser):
    assert browser.get("/.well-known/security.txt").status_code == 404


def test_the_mailbox_shows_mails_with_a_link_to_click(browser, kernel):
    assert "Noch keine E-Mail" in text_of(browser.get("/postfach"))
    browser.post(
        "/registrieren",
        firm="Krause",
        kind="firm",
        size="1-9",
        branch="other",
        district="elsewhere",
        name="Jens",
        email="jens@krause.example",
    )
    path = newest_link(kernel, "/registrieren/")
    text = text_of(browser.get("/postfach"))
    assert f'href="{kernel.settings.base_url}{path}"' in text
    assert "Bestätigen Sie Ihre Adresse für Lotse" in text


def test_the_mailbox_shows_what_a_mail_says_and_runs_none_of_it(browser, kernel):
    folder = mail.mailbox(kernel.settings)
    folder.mkdir()
    (folder / "00000001.eml").write_text("Subject: <b>x</b>\nTo: a@b.de\n\n<script>1</script>\n")
    text = text_of(browser.get("/postfach"))
    assert "<script>1" not in text
    assert "&lt;script&gt;1" in text


def test_production_has_no_mailbox(kernel):
    browser = with_settings(kernel, environment="production")
    assert browser.get("/postfach").status_code == 404
    assert "/postfach" not in text_of(browser.get("/"))


def test_the_address_cannot_speak_for_the_link_to_the_other_language(browser):
    text = text_of(browser.get("/?endpoint=x&_scheme=javascript&_external=1&lang=de"))
    assert "?endpoint=x&amp;_scheme=javascript&amp;_external=1&amp;lang=en" in text
