"""Which storms the shop has to weather; tests/conftest.py has the options."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def seeds(pytestconfig: pytest.Config) -> range:
    """The seeds to run."""
    one = pytestconfig.getoption("--seed")
    first = pytestconfig.getoption("--first") if one is None else one
    return range(first, first + (pytestconfig.getoption("--seeds") if one is None else 1))


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """A hundred thousand orders say more than anybody reads."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def customers(pytestconfig: pytest.Config) -> int:
    """How many customers come in each run."""
    return int(pytestconfig.getoption("--customers"))
