"""A shop of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from tests.local.shop_homes import new_home, quiet


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose servers are stopped when the test is over."""
    folder = new_home(tmp_path / "shop")
    yield folder
    processes.stop(None, folder, report=quiet)
