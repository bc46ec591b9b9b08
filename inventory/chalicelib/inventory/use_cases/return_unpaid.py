"""A payment failed: what its order held goes back on the shelf."""

from common.domain.order import OrderStatus
from common.domain.payment import Payment
from common.kinds import service
from common.ports.clock import Clock
from common.ports.services.orders import Orders
from common.ports.stock import StockRepository


@service
class ReturnUnpaid:
    orders: Orders
    stock: StockRepository
    clock: Clock

    def __call__(self, payment: Payment) -> None:
        """Gives back the stock of the payment's order, if the order was canceled.

        The order decides what the payment means, not the message: a failure may come after a success
        that was accepted, and then the stock is the customer's. Raises `Unavailable`.
        """
        order = self.orders.apply_payment(payment)
        if order is not None and order.status is OrderStatus.CANCELED:
            self.stock.release(order.order_id, self.clock.now())
