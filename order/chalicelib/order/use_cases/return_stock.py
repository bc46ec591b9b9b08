"""Canceled orders whose stock is still to be given back."""

from itertools import takewhile

from chalicelib.order.use_cases.cancellation import Cancellation

from common.kinds import service
from common.ports.orders import OrderRepository

BATCH = 500


@service
class ReturnStock:
    orders: OrderRepository
    cancellation: Cancellation

    def __call__(self) -> int:
        """Gives back the stock of such orders, until the inventory does not answer; returns of how many."""
        owing = self.orders.owing_stock(BATCH)
        return len(list(takewhile(self.cancellation.give_back, owing)))
