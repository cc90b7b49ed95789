"""Every page in every state: axe finds nothing, nothing scrolls sideways, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from app.kernel.work import Kernel
from tests import make
from tests.browser import acts, judge, made_up
from tests.browser.live import Service
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2


REPORT_MS = 60_000


@pytest.fixture
def page(windows: Windows) -> Page:
    return windows.open()


@pytest.fixture
def inside(windows: Windows, krause: make.Firm) -> Page:
    """Somebody of Krause Metallbau has signed in."""
    return windows.open_as(krause)


def stands(page: Page) -> None:
    """One heading, nothing for axe to say, nothing sideways."""
    expect(page.locator("h1")).to_have_count(1)
    assert judge.accessible(page) == [], page.url
    assert judge.sideways(page) == [], page.url


def test_pages_for_everybody(page: Page):
    for path in ("/", "/kurzcheck", "/impressum", "/datenschutz", "/barrierefreiheit", "/?lang=en"):
        page.goto(path)
        stands(page)


def test_problem_pages(windows: Windows, inside: Page, krause: make.Firm, service: Service):
    other = made_up.empty(service.kernel, make.firm(service.kernel))
    check = made_up.empty(service.kernel, krause)
    viewer = windows.open_as(krause, "viewer")
    with windows.refusing(403, 404, 405, 410):
        for path in ("/gibt-es-nicht", f"/checks/{other}/ergebnis", "/konto/sprache"):
            inside.goto(path)
            stands(inside)
        inside.goto("/registrieren/falsch")
        stands(inside)
        inside.goto("/passwort/falsch")
        stands(inside)
        viewer.goto(f"/checks/{check}/bereiche/org")
        viewer.evaluate(
            """action => {
              const form = document.createElement("form");
              document.body.append(Object.assign(form, { method: "post", action }));
              form.submit();
            }""",
            f"/checks/{check}/fragen/g-mobile",
        )
        expect(viewer.locator(".code")).to_be_visible()
        stands(viewer)
    viewer.goto("/fehler/internal")
    stands(viewer)


def test_the_quick_check(page: Page, windows: Windows):
    page.goto("/kurzcheck")
    with windows.refusing(422):
        page.get_by_role("button", name="Weiter").click()
        expect(page.get_by_role("alert")).to_be_focused()
    stands(page)
    acts.answer_quick_check(page)
    expect(page.get_by_role("button", name="Ergebnis behalten")).to_be_visible()
    stands(page)


def test_registering(page: Page, windows: Windows):
    page.goto("/registrieren")
    stands(page)
    page.evaluate("document.querySelector('main form').noValidate = true")
    with windows.refusing(422):
        page.get_by_role("button", name="Link zuschicken").click()
        expect(page.get_by_role("alert")).to_be_focused()
    stands(page)
    acts.fill_registration(page, "seiten@krause.example")
    expect(page.get_by_role("link", name="Zum Postfach dieser Testinstallation")).to_be_visible()
    stands(page)
    page.get_by_role("link", name="Zum Postfach dieser Testinstallation").click()
    expect(page).to_have_url(re.compile("/postfach$"))
    stands(page)
    acts.follow_mail(page, "seiten@krause.example", "/registrieren/")
    expect(page.get_by_role("button", name="Konto anlegen")).to_be_visible()
    stands(page)
    page.get_by_label("Passwort", exact=True).fill("kurz")
    with windows.refusing(422):
        page.get_by_role("button", name="Konto anlegen").click()
        expect(page.get_by_role("alert")).to_be_focused()
    stands(page)


def test_signing_in_and_a_new_password(
    page: Page, windows: Windows, krause: make.Firm, service: Service
):
    email = f"max@{krause.id.hex}.example"
    page.goto("/anmelden")
    stands(page)
    with windows.refusing(401):
        acts.sign_in(page, email, "falsch")
        expect(page.get_by_role("alert")).to_be_focused()
    stands(page)
    page.goto("/passwort-vergessen")
    stands(page)
    page.get_by_label("E-Mail").fill(email)
    page.get_by_role("button", name="Link zuschicken").click()
    expect(page.get_by_role("link", name="Zum Postfach dieser Testinstallation")).to_be_visible()
    stands(page)
    page.get_by_role("link", name="Zum Postfach dieser Testinstallation").click()
    acts.follow_mail(page, email, "/passwort/")
    expect(page.get_by_role("button", name="Speichern und anmelden")).to_be_visible()
    stands(page)


def test_the_list_of_checks(windows: Windows, service: Service):
    firm = make.firm(service.kernel, name=LONG_NAME[:120])
    page = windows.open_as(firm)
    page.goto("/checks")
    stands(page)
    made_up.finished(service.kernel, firm)
    made_up.half(service.kernel, firm)
    page.goto("/checks")
    stands(page)


@pytest.mark.parametrize(
    ("made", "area"),
    [
        (made_up.empty, "org"),
        (made_up.half, "bak"),
        (made_up.full, "net"),
        (made_up.finished, "upd"),
    ],
)
def test_an_area(
    inside: Page,
    krause: make.Firm,
    service: Service,
    made: Callable[[Kernel, make.Firm], UUID],
    area: str,
):
    check = made(service.kernel, krause)
    inside.goto(f"/checks/{check}/bereiche/{area}")
    stands(inside)
    inside.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    stands(inside)


def test_an_area_with_a_mistake_a_conflict_or_for_readers_only(
    windows: Windows, krause: make.Firm, service: Service
):
    check = made_up.half(service.kernel, krause)
    path = f"/checks/{check}/bereiche/bak"
    reader = windows.open_as(krause, "viewer")
    reader.goto(path)
    expect(reader.get_by_text("Sie haben Leserecht.")).to_be_visible()
    stands(reader)
    page = windows.open_as(krause)
    page.goto(path)
    with windows.refusing(409, 422):
        page.evaluate("document.querySelector('#bak-restore-plan form').submit()")
        expect(page.get_by_role("alert")).to_be_focused()
        stands(page)
        page.goto(path)
        made_up.answered(service.kernel, krause, check, "bak-restore-plan", "no")
        page.locator("#bak-restore-plan-yes").check()
        expect(page.get_by_role("button", name="Meine nehmen")).to_be_visible()
        stands(page)
        page.goto(path)
        page.evaluate(
            """() => {
              const form = document.querySelector("#bak-restore-plan form");
              form.elements.revision.value = 0;
              form.elements.value.value = "yes";
              form.submit();
            }"""
        )
        expect(page.get_by_role("heading", level=1)).to_contain_text("Jemand hat das")
        stands(page)


@pytest.mark.parametrize(
    "made", [made_up.empty, made_up.almost, made_up.full, made_up.finished, made_up.all_met]
)
def test_a_result(
    inside: Page, krause: make.Firm, service: Service, made: Callable[[Kernel, make.Firm], UUID]
):
    check = made(service.kernel, krause)
    inside.goto(f"/checks/{check}/ergebnis")
    stands(inside)
    inside.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    stands(inside)


def test_a_report_that_waits_looks_again_without_script_until_it_is_ready(
    windows: Windows, inside: Page, krause: make.Firm, service: Service
):
    check = made_up.full(service.kernel, krause)
    waiting = windows.open_as(krause, java_script_enabled=False)
    waiting.goto(f"/checks/{check}/ergebnis")
    waiting.get_by_role("button", name="Bericht als PDF").click()
    expect(waiting.get_by_role("heading", level=1)).to_have_text("Ihr Bericht wird erstellt")
    inside.route(re.compile("/berichte/"), _without_looking_again)
    inside.goto(waiting.url)
    stands(inside)
    expect(waiting.get_by_role("heading", level=1)).to_have_text(
        "Ihr Bericht ist fertig", timeout=REPORT_MS
    )
    inside.reload()
    expect(inside.get_by_role("link", name="Bericht herunterladen (PDF)")).to_be_visible()
    stands(inside)


def test_with_forced_colours_what_is_chosen_is_still_seen(
    inside: Page, krause: make.Firm, service: Service
):
    check = made_up.half(service.kernel, krause)
    inside.goto(f"/checks/{check}/bereiche/bak")
    inside.emulate_media(forced_colors="active")
    chosen, other = (inside.locator(f"#bak-restore-test-{v}") for v in ("partly", "yes"))
    assert chosen.screenshot() != other.screenshot()
    ticked, empty = (inside.locator(f"#bak-restore-test-{v}") for v in ("only-files", "older"))
    assert ticked.screenshot() != empty.screenshot()
    inside.goto(f"/checks/{check}/bereiche/org")
    dots = {_sign(inside, state) for state in ("yes", "partly", "no", "not_applicable")}
    assert len(dots) == 4


def _sign(page: Page, state: str) -> bytes:
    """The dot before the word, as it is drawn."""
    box = page.locator(f".state--{state}").first
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    assert place is not None
    clip = {"x": place["x"], "y": place["y"], "width": 16, "height": place["height"]}
    return page.screenshot(clip=clip)  # type: ignore[arg-type]  # four numbers with these names


def _without_looking_again(route: Route) -> None:
    """Keep the page still while it is judged."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    body = answer.text().replace("data-reload=", "data-later=")
    route.fulfill(response=answer, headers=headers, body=body)
