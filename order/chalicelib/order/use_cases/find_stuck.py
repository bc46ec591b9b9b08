"""Orders that should have been finished by a schedule, and were not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from common.domain.order import Order, OrderStatus
from common.kinds import service
from common.ports.clock import Clock
from common.ports.orders import OrderRepository, StuckOrder

MOST_OF_A_KIND = 100


@service
class FindStuck:
    orders: OrderRepository
    clock: Clock
    time_to_place: timedelta
    time_to_archive: timedelta

    def __call__(self, patience: timedelta) -> list[StuckOrder]:
        """Those that their schedule is late with by more than `patience`, longest first; 100 of each kind."""
        late = self.clock.now() - patience
        overdue = self.orders.overdue
        placing = overdue(OrderStatus.RESERVING, late - self.time_to_place, MOST_OF_A_KIND)
        unpaid = overdue(OrderStatus.AWAITING_PAYMENT, late, MOST_OF_A_KIND)
        delivered = self.orders.delivered(late - self.time_to_archive, None, MOST_OF_A_KIND)
        found = [
            *self._stuck(placing, OrderStatus.RESERVING, "undo_placing"),
            *self._stuck(unpaid, OrderStatus.AWAITING_PAYMENT, "expire_unpaid"),
            *self._stuck(self.orders.owing_stock(MOST_OF_A_KIND), OrderStatus.CANCELED, "return_stock"),
            *self._stuck(
                (order.copy.order_id for order in delivered), OrderStatus.DELIVERED, "archive_delivered"
            ),
        ]
        return sorted((order for order in found if order.since <= late), key=lambda order: order.since)

    def _stuck(self, order_ids: Iterable[UUID], status: OrderStatus, schedule: str) -> Iterable[StuckOrder]:
        """Those that are still so; who moved on meanwhile is not stuck."""
        for order_id in order_ids:
            order = self.orders.get(order_id)
            if order is not None and order.status is status:
                yield StuckOrder(order_id, status, _since(order, self.time_to_place), schedule)


def _since(order: Order, time_to_place: timedelta) -> datetime:
    match order.status:
        case OrderStatus.RESERVING:
            return order.placed_at + time_to_place
        case OrderStatus.AWAITING_PAYMENT:
            return order.expires_at
        case _:
            return order.story[-1].at
