"""A customer looks at an order."""

from uuid import UUID

from attrs import frozen

from common.domain.customer import Customer
from common.domain.order import Order
from common.errors import NotFound
from common.ports.orders import Orders


@frozen
class GetOrder:
    orders: Orders

    def __call__(self, customer: Customer, order_id: UUID) -> Order:
        """The customer's order. Raises `NotFound`, for another's too."""
        order = self.orders.get(order_id)
        if order is None or order.customer_id != customer.customer_id:
            raise NotFound("There is no such order.")
        return order
