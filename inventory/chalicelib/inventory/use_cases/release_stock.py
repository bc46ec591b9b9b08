"""An order gives its stock back, once."""

from uuid import UUID

from common.kinds import service
from common.ports.clock import Clock
from common.ports.stock import StockRepository


@service
class ReleaseStock:
    stock: StockRepository
    clock: Clock

    def __call__(self, order_id: UUID) -> None:
        """As `StockRepository.release`."""
        self.stock.release(order_id, self.clock.now())
