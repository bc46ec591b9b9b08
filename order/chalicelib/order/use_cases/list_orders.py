"""A customer looks at all orders, page by page."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from common.domain.customer import Customer
from common.domain.order import Order
from common.ports.orders import OrderRepository


@frozen
class ListOrders:
    orders: OrderRepository

    def __call__(self, customer: Customer, before: UUID | None, limit: int) -> Sequence[Order]:
        """The customer's newest `limit` orders, older than the order `before` only, without stories."""
        return self.orders.page(customer.customer_id, before, limit)
