"""Products come to the shop for the first time."""

from collections.abc import Sequence

from common.domain.stock import StockLine
from common.kinds import service
from common.ports.stock import StockRepository


@service
class StockNewProducts:
    stock: StockRepository

    def __call__(self, lines: Sequence[StockLine]) -> None:
        """Puts the pieces on the shelf of each product that has none yet.

        A product that was stocked before, were it down to 0, is left as it is: loading a catalog again
        must not undo what customers have ordered since.
        """
        self.stock.add(lines)
