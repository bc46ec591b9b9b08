"""Canceled orders whose stock is still to be given back, because the inventory did not answer then."""

from attrs import frozen
from chalicelib.order.use_cases.cancellation import Cancellation

from common.ports.orders import OrderRepository

BATCH = 500


@frozen
class ReturnStock:
    orders: OrderRepository
    cancellation: Cancellation

    def __call__(self) -> int:
        """Gives back the stock of such orders; returns of how many the inventory took it."""
        return sum(self.cancellation.give_back(order_id) for order_id in self.orders.owing_stock(BATCH))
