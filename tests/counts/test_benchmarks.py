"""Benchmarks still measure something, whenever they are asked, since nobody asks them often."""

import math

import pytest

from benchmarks.apart import measured

# The others take longer than what they would find is worth, ask for a server, or write into the checkout.
SHORT = ("memory", "counts", "stock", "relay", "invoice", "archive")


@pytest.mark.parametrize("name", SHORT)
def test_it_measures_what_it_says(name: str) -> None:
    """Each row has a figure, and so has its floor, where it has one; which they are is not looked at."""
    about, rows = measured(name, full=False)
    assert about
    assert rows
    figures = [figure for row in rows for figure in (row.ours, row.floor) if figure is not None]
    assert all(math.isfinite(figure) and figure > 0 for figure in figures)
