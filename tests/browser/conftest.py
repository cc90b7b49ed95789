from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import make
from tests.browser import live
from tests.browser.live import Service
from tests.browser.windows import LAUNCH, Windows
from tools.setup import find_chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium(os.environ)
    if chromium is None:
        pytest.fail("no Chromium here: set LOTSE_CHROMIUM to its path, or LOTSE_BROWSER_TESTS=off")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One instance for all tests of this process; each makes a firm of its own."""
    with live.running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def windows(browser: Browser, service: Service) -> Iterator[Windows]:
    windows = Windows(browser, service)
    yield windows
    windows.close()
    assert windows.problems == []


@pytest.fixture
def krause(service: Service) -> make.Firm:
    return make.firm(service.kernel)
