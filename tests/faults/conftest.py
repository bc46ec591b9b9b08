"""`pytest tests/faults --seed N` replays one run; `--seeds COUNT` makes so many, beginning with `--first`."""

import logging
from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="run this one seed")
    parser.addoption("--seeds", type=int, default=200, help="run so many seeds")
    parser.addoption("--first", type=int, default=1, help="the first of them")


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
