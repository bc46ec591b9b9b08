"""Counts what is sent in bad faith, and prints the counts at the end of the run."""

import pytest

from tests.e2e.hostile.tally import Tally

_TALLY = pytest.StashKey[Tally]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of docs/security.md, of this run."""
    lines = list(config.stash.get(_TALLY, Tally()).lines())
    if lines:
        terminalreporter.section("what was sent to the shop in bad faith")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """The counts of the whole run."""
    return pytestconfig.stash.setdefault(_TALLY, Tally())
