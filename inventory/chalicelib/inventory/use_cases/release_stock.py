"""An order gives its stock back, once."""

from uuid import UUID

from attrs import frozen

from common.ports.clock import Clock
from common.ports.stock import StockRepository


@frozen
class ReleaseStock:
    stock: StockRepository
    clock: Clock

    def __call__(self, order_id: UUID) -> None:
        """As `StockRepository.release`."""
        self.stock.release(order_id, self.clock.now())
