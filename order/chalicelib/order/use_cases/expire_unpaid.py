"""Nobody paid in time: the order is canceled, and others can buy what it held."""

from attrs import frozen
from chalicelib.order.use_cases.cancellation import Cancellation

from common.domain.order import CancelReason, OrderStatus
from common.ports.clock import Clock
from common.ports.orders import OrderRepository

# What one run takes on; the next run, a minute later, takes the rest.
BATCH = 500


@frozen
class ExpireUnpaid:
    orders: OrderRepository
    cancellation: Cancellation
    clock: Clock

    def __call__(self) -> int:
        """Cancels unpaid orders whose time is over, the oldest first; returns how many."""
        overdue = self.orders.overdue(OrderStatus.AWAITING_PAYMENT, self.clock.now(), BATCH)
        canceled = [
            self.cancellation.cancel(
                order_id,
                OrderStatus.AWAITING_PAYMENT,
                CancelReason.PAYMENT_EXPIRED,
                "it was not paid in time",
            )
            for order_id in overdue
        ]
        return len([order for order in canceled if order])
