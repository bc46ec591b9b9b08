"""A customer changes their mind."""

from uuid import UUID

from chalicelib.order.use_cases.cancellation import Cancellation
from chalicelib.order.use_cases.get_order import GetOrder

from common.domain.customer import Customer
from common.domain.order import CancelReason, Order, OrderStatus
from common.errors import NotCancelable
from common.kinds import service


@service
class CancelOrder:
    get_order: GetOrder
    cancellation: Cancellation

    def __call__(self, customer: Customer, order_id: UUID) -> Order:
        """Cancels the customer's order while it awaits payment, and returns it; again changes nothing.

        Raises `NotFound`, and `NotCancelable` where it is too late, or too early: it is still being placed.
        """
        self.get_order(customer, order_id)
        canceled = self.cancellation.cancel(
            order_id, OrderStatus.AWAITING_PAYMENT, CancelReason.CUSTOMER_REQUEST, "the customer canceled it"
        )
        order = canceled or self.get_order(customer, order_id)
        if order.status is not OrderStatus.CANCELED:
            raise NotCancelable(order.status)
        return order
