"""A customer wants to pay an order."""

from uuid import UUID

from common.domain.customer import Customer
from common.domain.order import OrderStatus, of_customer
from common.errors import NotPayable
from common.kinds import service
from common.logging import about
from common.ports.clock import Clock
from common.ports.payments import PaymentRepository
from common.ports.provider import Checkout, PaymentProvider
from common.ports.services.orders import Orders


@service
class OpenCheckout:
    orders: Orders
    payments: PaymentRepository
    provider: PaymentProvider
    clock: Clock

    def __call__(self, customer: Customer, order_id: UUID) -> Checkout:
        """The page where the customer's order can be paid: one for each order, however often it is asked.

        Raises `NotFound`, for another's order too, `NotPayable` where the order does not await payment (any
        more), and `Unavailable`.
        """
        about(order_id)
        order = of_customer(self.orders.get_order(order_id), customer)
        if order.status is not OrderStatus.AWAITING_PAYMENT or order.expires_at <= self.clock.now():
            raise NotPayable(order.status)
        opened = self.payments.checkout(order_id)
        if opened is not None:
            return opened
        checkout = self.provider.open_checkout(
            order_id, order.lines, order.total, order.email, order.expires_at, order.correlation_id
        )
        return self.payments.keep_checkout(order_id, checkout)
