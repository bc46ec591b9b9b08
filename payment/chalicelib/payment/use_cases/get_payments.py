"""A customer asks what was paid for an order."""

from collections.abc import Sequence
from uuid import UUID

from common.domain.customer import Customer
from common.domain.order import of_customer
from common.domain.payment import Payment
from common.kinds import service
from common.ports.payments import PaymentRepository
from common.ports.services.orders import Orders


@service
class GetPayments:
    orders: Orders
    payments: PaymentRepository

    def __call__(self, customer: Customer, order_id: UUID) -> Sequence[Payment]:
        """All payments tried for the customer's order, oldest first. Raises `NotFound`, for another's too."""
        of_customer(self.orders.get_order(order_id), customer)
        return self.payments.of_order(order_id)
