"""Windows of a browser that notice what a person would never see: errors, foreign requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests import make
from tests.browser.live import Service

LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 15_000
"""For one thing to happen on a busy machine."""
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
CUT_OFF = re.compile(r"Failed to load resource: net::ERR_")


class Windows:
    """All windows of one test; each has cookies of its own.

    Attributes:
        problems: console errors, errors of scripts and foreign requests so far.
    """

    def __init__(self, browser: Browser, service: Service) -> None:
        self.problems: list[str] = []
        self._browser, self._service = browser, service
        self._opened: list[BrowserContext] = []
        self._allowed: set[str] = set()

    def open(self, *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        """Open a window that belongs to nobody yet."""
        context = self._browser.new_context(
            base_url=self._service.url,
            locale="de-DE",
            timezone_id="Europe/Berlin",
            viewport={"width": width, "height": height},
            reduced_motion="reduce",  # nothing is half faded when it is looked at
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._look)
        self._opened.append(context)
        return context.new_page()

    def open_as(self, firm: make.Firm, role: str = "owner", **options: Any) -> Page:
        """Open a window in which somebody of the firm has signed in."""
        page = self.open(**options)
        cookie = firm.cookie(getattr(firm, role))
        name = self._service.kernel.settings.cookie
        page.context.add_cookies([{"name": name, "value": cookie, "url": self._service.url}])
        return page

    @contextmanager
    def refusing(self, *statuses: int) -> Iterator[None]:
        """Allow what browsers write into the console for these answers; 0 is a lost line."""
        before = set(self._allowed)
        self._allowed |= {str(status) for status in statuses}
        yield
        self._allowed = before

    def close(self) -> None:
        for context in self._opened:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        text, place = message.text, message.location["url"]
        refused = REFUSED.match(text)
        allowed = (refused and refused[1] in self._allowed) or (
            CUT_OFF.match(text) and "0" in self._allowed
        )
        by_axe = not place and text.startswith("Applying inline style")
        if not allowed and not by_axe:
            self.problems.append(f"console: {text} ({place})")

    def _look(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:", "about:")):
            return
        if urlsplit(request.url).netloc != urlsplit(self._service.url).netloc:
            self.problems.append(f"foreign request: {request.url}")
