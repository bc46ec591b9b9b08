"""Where delivered orders are kept for good."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from common.domain.order import Order
from common.kinds import value


@value
class OrderCopy:
    """An order as stores keep it, field by field, so that two copies can be compared exactly.

    Times are RFC 3339 in UTC to the microsecond: a `timestamp` of Cassandra ends at the millisecond.
    `lines` and `story` are the JSON text of the order's lines and events; `invoice_number` is the number of
    its invoice.
    """

    order_id: UUID
    customer_id: str
    customer_name: str
    email: str
    status: str
    reason: str | None
    lines: str
    amount: int
    currency: str
    placed_at: str
    expires_at: str
    payment_id: str | None
    paid_at: str | None
    invoice_number: str
    story: str


class OrderArchive(Protocol):
    def put(self, copies: Sequence[OrderCopy]) -> None:
        """Stores the copies, each under its id and in its customer's history; again changes nothing.

        Raises `Unavailable`: some may be stored then, whole or in part.
        """
        ...

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        """What is stored of these orders, by id: only those that both ways of reading lead to."""
        ...

    def get(self, order_id: UUID) -> Order | None:
        """The archived order with its story."""
        ...

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        """The customer's newest `limit` archived orders, older than the order `before`; without stories."""
        ...
