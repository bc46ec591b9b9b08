"""An operator marks that a paid order has reached its customer."""

from uuid import UUID

from common.domain.order import Order, OrderStatus
from common.errors import NotDeliverable, NotFound
from common.kinds import service
from common.ports.clock import Clock
from common.ports.orders import Orders, Step


@service
class DeliverOrder:
    orders: Orders
    clock: Clock

    def __call__(self, order_id: UUID) -> Order:
        """Marks the order delivered, and returns it; again changes nothing.

        Raises `NotFound`, and `NotDeliverable` for an order that is not on its way: unpaid, or canceled.
        """
        step = Step(
            OrderStatus.DELIVERING, OrderStatus.DELIVERED, self.clock.now(), "an operator delivered it"
        )
        order = self.orders.take(order_id, step) or self.orders.get(order_id)
        if order is None:
            raise NotFound("There is no such order.")
        if order.status is not OrderStatus.DELIVERED:
            raise NotDeliverable(order.status)
        return order
