"""Nobody paid in time: the order is canceled, and others can buy what it held."""

from common.domain.order import CancelReason, OrderStatus
from common.kinds import service
from common.ports.clock import Clock
from common.ports.orders import OrderRepository, Step

# What one run takes on; the next run, a minute later, takes the rest.
BATCH = 500


@service
class ExpireUnpaid:
    orders: OrderRepository
    clock: Clock

    def __call__(self) -> int:
        """Cancels unpaid orders whose time is over, the oldest first; returns how many.

        `ReturnStock` gives their stock back.
        """
        now = self.clock.now()
        step = Step(
            OrderStatus.AWAITING_PAYMENT,
            OrderStatus.CANCELED,
            now,
            "it was not paid in time",
            CancelReason.PAYMENT_EXPIRED,
        )
        overdue = self.orders.overdue(OrderStatus.AWAITING_PAYMENT, now, BATCH)
        return sum(self.orders.take(order_id, step) is not None for order_id in overdue)
