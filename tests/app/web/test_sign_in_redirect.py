"""Where somebody without a session is led, and what is said after a while."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.app.browser import Browser, text_of


@pytest.fixture
def guest(flask, kernel):
    return Browser(flask, kernel)


def asked(location):
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_the_way_back_is_kept(guest):
    answer = guest.get("/checks")
    assert (answer.status_code, asked(answer.location)) == (303, {"next": "/checks"})


def test_language_and_way_back_are_both_kept(guest):
    answer = guest.get("/checks?lang=en")
    assert urlsplit(answer.location).path == "/anmelden"
    assert asked(answer.location) == {"lang": "en", "next": "/checks?lang=en"}
    page = text_of(guest.get(answer.location))
    assert '<html lang="en">' in page
    assert 'name="next" value="/checks?lang=en"' in page


def test_a_post_without_session_says_that_the_text_stays(guest):
    answer = guest.post("/checks", id="1", note="Angefangen")
    assert answer.status_code == 401
    assert "Bitte melden Sie sich neu an. Ihr Text bleibt stehen." in text_of(answer)
    assert "Angefangen" in text_of(answer)
