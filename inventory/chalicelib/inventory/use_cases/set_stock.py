"""Somebody counted the shelves."""

from collections.abc import Sequence

from common.domain.stock import StockLine
from common.kinds import service
from common.ports.stock import StockRepository


@service
class SetStock:
    stock: StockRepository

    def __call__(self, lines: Sequence[StockLine]) -> None:
        """Sets how many pieces of each product can be ordered from now on, beside those that are reserved."""
        self.stock.set(lines)
