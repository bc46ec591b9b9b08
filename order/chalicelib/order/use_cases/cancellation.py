"""An order that holds stock is canceled, and its stock goes back at once."""

from uuid import UUID

from common.domain.order import CancelReason, Order, OrderStatus
from common.errors import Unavailable
from common.kinds import service
from common.logging import logger
from common.ports.clock import Clock
from common.ports.orders import OrderRepository, Step
from common.ports.services.inventory import Inventory


@service
class Cancellation:
    orders: OrderRepository
    inventory: Inventory
    clock: Clock

    def cancel(self, order_id: UUID, leaves: OrderStatus, reason: CancelReason, cause: str) -> Order | None:
        """Cancels the order if it is in the state `leaves`; returns it then, and None otherwise.

        Its stock is given back at once if the inventory answers, and by `ReturnStock` if it does not.
        """
        step = Step(leaves, OrderStatus.CANCELED, self.clock.now(), cause, reason)
        order = self.orders.take(order_id, step)
        if order is not None:
            self.give_back(order_id)
        return order

    def give_back(self, order_id: UUID) -> bool:
        """Gives back the stock of a canceled order; says whether the inventory answered."""
        try:
            self.inventory.release_stock(order_id)
        except Unavailable:
            logger("order").warning("The stock of a canceled order is still to be given back")
            return False
        self.orders.stock_returned(order_id, self.clock.now())
        return True
