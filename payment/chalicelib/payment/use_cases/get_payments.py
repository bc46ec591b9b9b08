"""A customer asks what was paid for an order."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from common.domain.customer import Customer
from common.domain.payment import Payment
from common.errors import NotFound
from common.ports.payments import PaymentRepository
from common.ports.services import Orders


@frozen
class GetPayments:
    orders: Orders
    payments: PaymentRepository

    def __call__(self, customer: Customer, order_id: UUID) -> Sequence[Payment]:
        """All payments tried for the customer's order, oldest first. Raises `NotFound`, for another's too."""
        order = self.orders.get_order(order_id)
        if order is None or order.customer_id != customer.customer_id:
            raise NotFound("There is no such order.")
        return self.payments.of_order(order_id)
