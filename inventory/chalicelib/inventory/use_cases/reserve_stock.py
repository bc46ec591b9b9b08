"""An order takes its stock, all of it or none."""

from collections.abc import Sequence
from uuid import UUID

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock
from common.kinds import service
from common.ports.clock import Clock
from common.ports.metrics import Metric, Metrics
from common.ports.stock import StockRepository


@service
class ReserveStock:
    stock: StockRepository
    clock: Clock
    metrics: Metrics

    def __call__(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        """As `StockRepository.reserve`. Raises `OutOfStock`."""
        try:
            return self.stock.reserve(order_id, lines, self.clock.now())
        except OutOfStock as missed:
            self.metrics.add(Metric.STOCK_MISSES, len(missed.products))
            raise
