"""An order takes its stock, all of it or none."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from common.domain.stock import ReservationState, StockLine
from common.ports.clock import Clock
from common.ports.stock import StockRepository


@frozen
class ReserveStock:
    stock: StockRepository
    clock: Clock

    def __call__(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        """As `StockRepository.reserve`. Raises `OutOfStock`."""
        return self.stock.reserve(order_id, lines, self.clock.now())
