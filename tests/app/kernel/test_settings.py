"""Settings are read in one place, checked at once, and documented."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.kernel.errors import BadSetting
from app.kernel.settings import FOR_TESTS, KNOWN, Centre, read_settings

ROOT = Path(__file__).parents[3]
PRODUCTION = {
    "LOTSE_ENV": "production",
    "LOTSE_BASE_URL": "https://lotse.example.org",
    "LOTSE_ROOT_KEY_FILE": "/etc/lotse/root.key",
    "LOTSE_DATA": "/var/lib/lotse",
    "LOTSE_SMTP_HOST": "mail.example.org",
}


def refused(**environ):
    with pytest.raises(BadSetting) as error:
        read_settings(environ)
    return error.value.what


def test_nothing_need_be_set_for_a_first_look():
    settings = read_settings({})
    assert (settings.production, settings.secure, settings.cookie) == (False, False, "lotse")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.data.is_absolute()
    assert settings.database == f"sqlite:///{settings.data}/lotse.db"
    assert settings.root_key_path == settings.data / "secrets/root.key"
    assert settings.smtp is None


def test_production_with_all_it_needs():
    settings = read_settings(PRODUCTION)
    assert (settings.production, settings.secure) == (True, True)
    assert (settings.cookie, settings.host) == ("__Host-lotse", "lotse.example.org")
    assert settings.smtp is not None
    assert (settings.smtp.port, settings.smtp.security) == (587, "starttls")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"LOTSE_BASE_URL": "http://lotse.example.org"}, "LOTSE_BASE_URL must begin with https"),
        ({"LOTSE_BASE_URL": ""}, "LOTSE_BASE_URL must begin with https"),
        ({"LOTSE_RATE_LIMITS": "off"}, "LOTSE_RATE_LIMITS cannot be off"),
        ({"LOTSE_ROOT_KEY_FILE": ""}, "LOTSE_ROOT_KEY_FILE is needed"),
        (
            {"LOTSE_ROOT_KEY_FILE": "/var/lib/lotse/root.key"},
            "LOTSE_ROOT_KEY_FILE must lie outside",
        ),
        (
            {"LOTSE_ROOT_KEY_FILE": "/etc/../var/lib/lotse/x"},
            "LOTSE_ROOT_KEY_FILE must lie outside",
        ),
    ],
)
def test_production_refuses_what_would_be_unsafe(change, said):
    assert refused(**{**PRODUCTION, **change}).startswith(said)


def test_what_production_refuses_is_fine_for_trying_out():
    assert read_settings({"LOTSE_RATE_LIMITS": "off"}).rate_limits is False


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("LOTSE_BASEURL", "LOTSE_BASE_URL"),
        ("LOTSE_SMTP_HOSTNAME", "LOTSE_SMTP_HOST"),
        ("LOTSE_DATABSE_URL", "LOTSE_DATABASE_URL"),
        ("LOTSE_CENTER_NAME", "LOTSE_CENTRE_NAME"),
        ("LOTSE_RATELIMIT", "LOTSE_RATE_LIMITS"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(wrong, right):
    assert refused(**{wrong: "x"}) == f"{wrong} unknown; did you mean {right}?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOTSE_ENV", "prod"),
        ("LOTSE_BASE_URL", "lotse.example.org"),
        ("LOTSE_BASE_URL", "ftp://lotse.example.org"),
        ("LOTSE_BASE_URL", "https://"),
        ("LOTSE_BASE_URL", "https://lotse.example.org/lotse"),
        ("LOTSE_BASE_URL", "https://lotse.example.org:x"),
        ("LOTSE_BASE_URL", "https://olga@lotse.example.org"),
        ("LOTSE_BASE_URL", "https://löwe.example.org"),
        ("LOTSE_BASE_URL", "http://[::1"),
        ("LOTSE_DATABASE_URL", "mysql://x/y"),
        ("LOTSE_DATABASE_URL", "nonsense"),
        ("LOTSE_SMTP_SECURITY", "ssl"),
        ("LOTSE_TRUSTED_PROXIES", "one"),
        ("LOTSE_TRUSTED_PROXIES", "-1"),
        ("LOTSE_TRUSTED_PROXIES", "²"),
        ("LOTSE_RATE_LIMITS", "true"),
    ],
)
def test_a_value_that_cannot_be_names_its_setting(name, value):
    assert refused(**{name: value}).startswith(f"{name} ")


def test_a_port_must_be_a_number():
    said = refused(LOTSE_SMTP_HOST="mail.example.org", LOTSE_SMTP_PORT="smtp")
    assert said == "LOTSE_SMTP_PORT must be a whole number up to 65535"
    again = refused(LOTSE_SMTP_HOST="mail.example.org", LOTSE_SMTP_PORT="65536")
    assert again == said


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("HTTPS://Lotse.Example.org/", "https://lotse.example.org"),
        ("https://lotse.example.org:443", "https://lotse.example.org"),
        ("https://lotse.example.org:8443/", "https://lotse.example.org:8443"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_the_address_is_kept_as_browsers_send_it(written, sent):
    assert read_settings({"LOTSE_BASE_URL": written}).base_url == sent


def test_a_password_is_not_shown_with_the_settings():
    url = "postgresql+psycopg://lotse:very-secret@db.example.org/lotse"
    hidden = {"LOTSE_SMTP_PASSWORD": "very-secret", "LOTSE_DATABASE_URL": url}
    assert "very-secret" not in repr(read_settings({**PRODUCTION, **hidden}))


def test_what_is_not_ours_is_left_alone():
    assert read_settings({"PATH": "/bin", "LOTSENDIENST": "x"}) == read_settings({})


def test_the_centre_is_set_by_its_own_names():
    settings = read_settings({"LOTSE_CENTRE_NAME": "Lotsenstelle", "LOTSE_CENTRE_STATE": "Sachsen"})
    assert settings.centre.name == "Lotsenstelle"
    assert "LOTSE_CENTRE_NAME" not in settings.centre.placeholders()
    assert "LOTSE_CENTRE_ADDRESS" in settings.centre.placeholders()
    filled = {f"LOTSE_CENTRE_{item.name.upper()}": "filled" for item in fields(Centre)}
    assert read_settings(filled).centre.placeholders() == ()


@pytest.mark.parametrize("name", KNOWN)
def test_each_setting_is_read(name):
    """Nothing is known that does not change anything."""
    other = {
        "LOTSE_ENV": "production",
        "LOTSE_BASE_URL": "https://other.example.org",
        "LOTSE_RATE_LIMITS": "off",
        "LOTSE_SMTP_SECURITY": "tls",
        "LOTSE_SMTP_PORT": "25",
        "LOTSE_TRUSTED_PROXIES": "2",
        "LOTSE_DATABASE_URL": "postgresql+psycopg:///lotse",
    }
    base = {} if name != "LOTSE_ENV" else {k: v for k, v in PRODUCTION.items() if k != name}
    if name.startswith("LOTSE_SMTP"):
        base = {"LOTSE_SMTP_HOST": "mail.example.org"}
    assert read_settings({**base, name: other.get(name, "other")}) != read_settings(base)


def test_every_name_that_is_written_down_exists():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*")]
    written = {
        name
        for page in pages
        if page.is_file()
        for name in re.findall(r"\bLOTSE_[A-Z_]*[A-Z]\b(?!_)", page.read_text(encoding="utf-8"))
    }
    assert written <= KNOWN.keys() | FOR_TESTS
