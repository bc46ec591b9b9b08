"""A customer looks at an order."""

from uuid import UUID

from common.domain.customer import Customer
from common.domain.order import Order, of_customer
from common.kinds import service
from common.ports.orders import Orders


@service
class GetOrder:
    orders: Orders

    def __call__(self, customer: Customer, order_id: UUID) -> Order:
        """The customer's order. Raises `NotFound`, for another's too."""
        return of_customer(self.orders.get(order_id), customer)
