"""Orders in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, field

from common.domain.order import Order, OrderEvent, OrderStatus
from common.kinds import service
from common.ports.audit import OrderRange
from common.ports.orders import Delivered, OrderRecord, Request, Step
from common.repositories.copies import copy_of


@service
class MemoryOrders:
    """`OrderRepository` in memory, for one thread."""

    _orders: dict[UUID, Order] = field(factory=dict)
    _requests: dict[tuple[str, str], tuple[UUID, Request]] = field(factory=dict)
    _stock_returned: dict[UUID, datetime] = field(factory=dict)

    def add(self, order: Order, request: Request) -> bool:
        known = (order.customer_id, request.key)
        if known in self._requests:
            return False
        self._requests[known] = order.order_id, request
        self._orders[order.order_id] = order
        return True

    def find(self, customer_id: str, key: str) -> tuple[Order, Request] | None:
        if (customer_id, key) not in self._requests:
            return None
        order_id, request = self._requests[customer_id, key]
        return (self._orders[order_id], request) if order_id in self._orders else None

    def asked(self, customer_id: str, key: str) -> tuple[UUID, Request] | None:
        return self._requests.get((customer_id, key))

    def get(self, order_id: UUID) -> Order | None:
        return self._orders.get(order_id)

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        found = [
            evolve(order, story=())
            for order in self._orders.values()
            if order.customer_id == customer_id and (before is None or order.order_id < before)
        ]
        return sorted(found, key=lambda order: order.order_id, reverse=True)[:limit]

    def take(self, order_id: UUID, step: Step) -> Order | None:
        order = self._orders.get(order_id)
        if order is None or order.status is not step.leaves:
            return None
        self._orders[order_id] = evolve(
            order,
            status=step.enters,
            reason=step.reason,
            payment_id=step.payment.payment_id if step.payment else order.payment_id,
            paid_at=step.payment.occurred_at if step.payment else order.paid_at,
            story=(*order.story, OrderEvent(step.enters, step.at, step.cause)),
        )
        return self._orders[order_id]

    def overdue(self, status: OrderStatus, before: datetime, limit: int) -> Sequence[UUID]:
        def deadline(order: Order) -> datetime:
            return order.placed_at if status is OrderStatus.RESERVING else order.expires_at

        waiting = [order for order in self._orders.values() if order.status is status]
        late = sorted((order for order in waiting if deadline(order) < before), key=deadline)
        return [order.order_id for order in late[:limit]]

    def owing_stock(self, limit: int) -> Sequence[UUID]:
        canceled = {key for key, order in self._orders.items() if order.status is OrderStatus.CANCELED}
        return sorted(canceled - self._stock_returned.keys())[:limit]

    def stock_returned(self, order_id: UUID, at: datetime) -> None:
        if self._orders[order_id].status is OrderStatus.CANCELED:
            self._stock_returned.setdefault(order_id, at)

    def audit(self, wanted: OrderRange) -> Sequence[OrderRecord]:
        found = [
            OrderRecord(order, self._stock_returned.get(order_id))
            for order_id, order in sorted(self._orders.items())
            if wanted.first <= order_id <= wanted.last
        ]
        return found[: wanted.limit]

    def delivered(self, before: datetime, after: UUID | None, limit: int) -> Sequence[Delivered]:
        found = [
            Delivered(copy_of(order), repr(order))
            for order_id, order in sorted(self._orders.items())
            if order.status is OrderStatus.DELIVERED
            and order.story[-1].at <= before
            and (after is None or order_id > after)
        ]
        return found[:limit]

    def remove(self, orders: Collection[Delivered]) -> int:
        same = [
            order.copy.order_id
            for order in orders
            if repr(self._orders.get(order.copy.order_id)) == order.version
        ]
        for order_id in same:
            del self._orders[order_id]
        return len(same)
