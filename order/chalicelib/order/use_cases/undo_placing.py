"""Placing an order stopped half-way, and its customer did not ask again: it is undone."""

from datetime import timedelta

from attrs import frozen
from chalicelib.order.use_cases.cancellation import Cancellation

from common.domain.order import CancelReason, OrderStatus
from common.ports.clock import Clock
from common.ports.orders import OrderRepository

BATCH = 500


@frozen
class UndoPlacing:
    orders: OrderRepository
    cancellation: Cancellation
    clock: Clock
    time_to_place: timedelta

    def __call__(self) -> int:
        """Cancels orders that have been `reserving` for too long; returns how many.

        A reservation that arrives after this finds itself released: see `StockRepository.release`.
        """
        before = self.clock.now() - self.time_to_place
        canceled = [
            self.cancellation.cancel(
                order_id,
                OrderStatus.RESERVING,
                CancelReason.PLACING_ABANDONED,
                "it was not placed to the end",
            )
            for order_id in self.orders.overdue(OrderStatus.RESERVING, before, BATCH)
        ]
        return len([order for order in canceled if order])
