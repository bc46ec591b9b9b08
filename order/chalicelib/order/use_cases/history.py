"""Live and archived orders as one: whoever asks here does not notice where an order is.

An order moves from the live ones to the archive, never back, and is in the archive before it leaves. So the
live ones are always read first: what has left them by then is found in the archive, and what is found in
both is the same.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from common.domain.order import Order
from common.errors import Unavailable
from common.kinds import service, value
from common.ports.archive import OrderArchive
from common.ports.orders import OrderRepository, Request, Step


@value
class Position:
    """How far a customer has read: the last order that was seen of the live, and of the archived ones.

    They differ only after a page on which the archived ones were missing.
    """

    live: UUID | None = None
    archived: UUID | None = None


@value
class HistoryPage:
    """Some orders, newest first, and where the next page begins, if there is more.

    `incomplete`: archived orders are missing, because the archive does not answer. `next` is then where they
    and the rest can be had later; an order that is archived in between may come a second time there.
    """

    orders: Sequence[Order]
    next: Position | None
    incomplete: bool


@service
class History:
    """`Orders` wherever they are. `archive` is called, and what it needs is imported, on need only."""

    live: OrderRepository
    archive: Callable[[], OrderArchive]

    def add(self, order: Order, request: Request) -> bool:
        return self.live.add(order, request)

    def take(self, order_id: UUID, step: Step) -> Order | None:
        return self.live.take(order_id, step)

    def get(self, order_id: UUID) -> Order | None:
        """The order with its story. Raises `Unavailable` where only the archive could tell."""
        return self.live.get(order_id) or self.archive().get(order_id)

    def find(self, customer_id: str, key: str) -> tuple[Order, Request] | None:
        """The order that the customer asked for with this key, and the request for it."""
        found = self.live.find(customer_id, key)
        asked = None if found else self.live.asked(customer_id, key)
        if asked is None:
            return found
        order_id, request = asked
        order = self.get(order_id)
        return (order, request) if order else None

    def page(self, customer_id: str, position: Position, limit: int) -> HistoryPage:
        """The customer's newest `limit` orders after the position, without stories."""
        live = self.live.page(customer_id, position.live, limit + 1)
        try:
            archived = self.archive().page(customer_id, position.archived, limit + 1)
            incomplete = False
        except Unavailable:
            archived, incomplete = (), True
        found = {order.order_id: order for order in (*live, *archived)}
        newest = sorted(found, reverse=True)
        last = newest[:limit][-1] if newest else None
        following = None
        if incomplete:
            following = Position(_older(position.live, last), position.archived)
        elif len(newest) > limit:
            following = Position(_older(position.live, last), _older(position.archived, last))
        return HistoryPage([found[order_id] for order_id in newest[:limit]], following, incomplete)


def _older(one: UUID | None, other: UUID | None) -> UUID | None:
    return min((order_id for order_id in (one, other) if order_id), default=None)
