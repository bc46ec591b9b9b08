"""A whole shop for each test."""

from collections.abc import Iterator

import pytest

from local.services import SERVICES
from tests.apps import load_app
from tests.functional.shop import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Six apps on empty stores; afterwards each has its own wiring again."""
    modules = [load_app(service) for service in SERVICES]
    wired = [module.shop for module in modules]
    yield Shop()
    for module, wiring in zip(modules, wired, strict=True):
        module.shop = wiring  # type: ignore[attr-defined]
