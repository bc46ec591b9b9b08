"""A customer looks at all orders, live and archived, page by page."""

from chalicelib.order.use_cases.history import History, HistoryPage, Position

from common.domain.customer import Customer
from common.kinds import service


@service
class ListOrders:
    history: History

    def __call__(self, customer: Customer, position: Position, limit: int) -> HistoryPage:
        """The customer's newest `limit` orders after the position, without stories."""
        return self.history.page(customer.customer_id, position, limit)
