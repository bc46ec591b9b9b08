"""Placing an order stopped half-way, and its customer did not ask again: it is undone."""

from datetime import timedelta

from common.domain.order import CancelReason, OrderStatus
from common.kinds import service
from common.ports.clock import Clock
from common.ports.orders import OrderRepository, Step

BATCH = 500


@service
class UndoPlacing:
    orders: OrderRepository
    clock: Clock
    time_to_place: timedelta

    def __call__(self) -> int:
        """Cancels orders that have been `reserving` for too long; returns how many.

        `ReturnStock` gives back what they hold. A reservation that arrives after that finds itself released:
        see `StockRepository.release`.
        """
        now = self.clock.now()
        step = Step(
            OrderStatus.RESERVING,
            OrderStatus.CANCELED,
            now,
            "it was not placed to the end",
            CancelReason.PLACING_ABANDONED,
        )
        overdue = self.orders.overdue(OrderStatus.RESERVING, now - self.time_to_place, BATCH)
        return sum(self.orders.take(order_id, step) is not None for order_id in overdue)
