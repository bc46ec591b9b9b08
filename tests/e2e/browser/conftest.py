"""A real browser for the tests of this folder, in front of the running shop."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.e2e.browser.window import Window, browser, programs
from tests.e2e.running import Person, RunningShop

# Set where these tests must not be skipped.
NEEDED = "SHOP_NEEDS_BROWSER"


@pytest.fixture(scope="session")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser puts what it downloads."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="session")
def chrome(downloads: Path) -> Iterator[Chrome]:
    """One browser for all tests."""
    if len(programs()) < 2:
        said = "There is no Chromium with its driver on this machine: nobody looks at the storefront."
        if os.environ.get(NEEDED):
            pytest.fail(f"{said} {NEEDED} says that there must be (Debian: chromium, chromium-driver).")
        pytest.skip(said)
    with browser(downloads) as running:
        yield running


@pytest.fixture
def window(chrome: Chrome, shop: RunningShop, request: pytest.FixtureRequest) -> Iterator[Window]:
    """A new window. Afterwards the console has no complaint, and nobody but the shop was spoken to."""
    opened = Window(chrome, shop)
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        opened.screenshot(f"failed-{request.node.name}")
    assert opened.complaints() == []
    described = shop.described
    known = {described["api"], described["payment_provider"], described["aws_endpoint"]}
    assert opened.asked <= known, "The page speaks to somebody else."


@pytest.fixture
def person(shop: RunningShop) -> Person:
    """A customer whom nobody else knows."""
    return shop.person()
