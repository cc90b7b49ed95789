"""Every answer, errors too, bears the headers; no page has anything inline."""

from __future__ import annotations

import gzip
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.accounts.passwords import hash_password
from app.accounts.tables import PersonRow
from app.kernel.access import access
from app.main import create_app
from app.web.assets import asset
from tests import make
from tests.app.browser import Browser, text_of
from tests.app.web.routes import address, safe_routes, unsafe_routes

WANTED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
DOWNLOAD = "sandbox; default-src 'none'"


class Inline(HTMLParser):
    """Collects what our policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        data = given.get("type") == "application/ld+json"
        if tag == "style" or (tag == "script" and not data and not given.get("src")):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        links = [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        self.found += [link for link in links if link.strip().lower().startswith("javascript:")]


def inline_in(html):
    parser = Inline()
    parser.feed(html)
    return parser.found


def check(answer, what):
    missing = {
        name: answer.headers.get(name)
        for name, value in WANTED.items()
        if answer.headers.get(name) != value
        and not (name == "Content-Security-Policy" and answer.headers.get(name) == DOWNLOAD)
    }
    assert not missing, what
    assert "Cache-Control" in answer.headers, what
    assert "Server" not in answer.headers, what
    if answer.mimetype == "text/html":
        assert inline_in(text_of(answer)) == [], what


@pytest.fixture
def known(kernel, firm):
    """Ids of a firm that has a check with answers."""
    with kernel.write(firm.owner) as work:
        return {"assessment_id": make.full_assessment(work)}


def opened(browser, path, **options):
    """Open and read to the end, as a browser does."""
    return browser.client.open(path, base_url=browser.base_url, buffered=True, **options)


def everybody(flask, kernel, firm):
    yield "guest", Browser(flask, kernel)
    for role in ("viewer", "member", "owner"):
        yield role, Browser(flask, kernel, firm.cookie(getattr(firm, role)))


def test_the_search_finds_what_is_inline():
    bad = '<p style="x"><a onclick="x" href=" JavaScript:x"><script>x</script><style>x</style>'
    assert inline_in(bad) == ["p style", "a onclick", " JavaScript:x", "<script>", "<style>"]
    assert (
        inline_in('<script type="application/ld+json">{}</script><script src="/a"></script>') == []
    )


def test_every_page_for_everybody(flask, kernel, firm, known):
    shown, no_ids = 0, dict[str, object]()
    for role, browser in everybody(flask, kernel, firm):
        for rule in safe_routes(flask):
            for ids in (no_ids, known):
                for method in ("GET", "HEAD"):
                    path = address(flask, rule, **ids)
                    answer = opened(browser, path, method=method)
                    check(answer, (role, method, path))
                    shown += answer.status_code == 200
    assert shown > 60


def test_every_refused_act(flask, kernel, firm, known):
    for role, browser in everybody(flask, kernel, firm):
        for method, rule in unsafe_routes(flask):
            path = address(flask, rule, **known)
            check(browser.client.open(path, method=method, base_url=browser.base_url), (role, path))


def test_every_act_with_an_empty_form(flask, kernel, firm, known):
    for role, browser in everybody(flask, kernel, firm):
        for _method, rule in unsafe_routes(flask):
            path = address(flask, rule, **known)
            check(browser.post(path), (role, path))


def test_every_kind_of_error(flask, kernel):
    def broken():
        raise ZeroDivisionError

    flask.add_url_rule("/broken", "broken", access(public=True)(broken))
    guest = Browser(flask, kernel)
    own = {"Origin": guest.base_url}
    big = b"a=" + b"x" * (1024 * 1024)
    answers = {
        400: guest.client.get("/", base_url="https://evil.example"),
        403: guest.client.post("/kurzcheck", base_url=guest.base_url),
        404: guest.get("/nowhere"),
        405: guest.client.delete("/", base_url=guest.base_url),
        413: guest.client.post(
            "/anmelden",
            data=big,
            headers=own,
            base_url=guest.base_url,
            content_type="application/x-www-form-urlencoded",
        ),
        500: guest.get("/broken"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        check(answer, status)
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_is_signed_in_leaves_nothing_in_caches(flask, kernel, firm, known):
    olga = Browser(flask, kernel, firm.cookie(firm.owner))
    for rule in safe_routes(flask):
        if rule.endpoint not in {"assets.static_file", "web.healthz", "public.security_txt"}:
            answer = opened(olga, address(flask, rule, **known))
            assert answer.headers["Cache-Control"] == "no-store", rule.rule


def test_public_pages_are_kept_for_a_minute_by_guests(flask, kernel):
    answer = Browser(flask, kernel).get("/")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert {"Cookie", "Accept-Language"} <= set(answer.vary)


def test_link_pages_are_never_kept(flask, kernel):
    for path in ("/passwort/x", "/registrieren/x"):
        assert Browser(flask, kernel).get(path).headers["Cache-Control"] == "no-store"


def test_guests_get_no_cookie(flask, kernel):
    guest = Browser(flask, kernel)
    for rule in safe_routes(flask):
        answer = opened(guest, address(flask, rule))
        assert "Set-Cookie" not in answer.headers, rule.rule


def sign_in(flask, kernel, firm):
    with kernel.write(firm.owner) as work:
        person = work.session.get(PersonRow, firm.owner.actor)
        person.password_hash = hash_password(make.PASSWORD)
    address_ = f"olga@{firm.id.hex}.example"
    return Browser(flask, kernel).post("/anmelden", email=address_, password=make.PASSWORD)


def test_the_cookie_of_a_session_is_closed_to_all_others(flask, kernel, firm):
    (cookie,) = sign_in(flask, kernel, firm).headers.getlist("Set-Cookie")
    name_and_value, *flags = cookie.split("; ")
    assert name_and_value.startswith("__Host-lotse=")
    assert set(flags) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}  # no Domain, no Expires


def test_in_development_the_cookie_goes_without_https(kernel, firm):
    plain = replace(kernel, settings=kernel.settings.at("http://127.0.0.1:8000"))
    answer = sign_in(create_app(plain), plain, firm)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("lotse=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_signing_out_empties_the_browser(flask, kernel, firm):
    answer = Browser(flask, kernel, firm.cookie(firm.owner)).post("/abmelden")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lotse=;")
    assert "Secure" in cookie  # else a browser refuses to take it away


@pytest.mark.parametrize(
    "name",
    ["../gate.py", "..%2fgate.py", "%2e%2e/gate.py", "/etc/passwd", "x.css", "lotse.css.gz", ""],
)
def test_only_static_files_are_given_out(name, flask, kernel):
    assert Browser(flask, kernel).get(f"/static/{name}").status_code in {404, 308}


def test_static_files_say_for_how_long(flask, kernel):
    guest = Browser(flask, kernel)
    with flask.test_request_context("/"):
        hashed = asset("lotse.css")
    answer = opened(guest, hashed)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/css"
    plain = opened(guest, "/static/lotse.css")
    assert plain.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", ["%00", "lotse.css%00", "x" * 300, "x/" * 3000])
def test_a_name_that_no_file_can_have_is_not_found(name, flask, kernel):
    assert Browser(flask, kernel).get(f"/static/{name}").status_code == 404


def test_a_hash_of_other_content_is_not_kept_for_ever(flask, kernel):
    answer = opened(Browser(flask, kernel), "/static/lotse.css?v=00000000")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_whether_the_process_answers_is_never_kept(flask, kernel):
    assert Browser(flask, kernel).get("/healthz").headers["Cache-Control"] == "no-store"


def test_static_files_come_packed_where_a_browser_can_unpack(flask, kernel):
    guest, path = Browser(flask, kernel), "/static/kern/2.7.2/kern.min.css"
    packed = opened(guest, path, headers={"Accept-Encoding": "gzip"})
    plain = opened(guest, path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert "Accept-Encoding" in packed.vary
