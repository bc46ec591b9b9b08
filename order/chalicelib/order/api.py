"""The shapes of what the order service is asked and answers."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from common.domain.money import Money
from common.domain.order import CancelReason, Order, OrderEvent, OrderLine, OrderStatus
from common.domain.payment import Payment
from common.domain.stock import StockLine


@frozen
class PlaceOrderBody:
    """What a customer wants. Names and prices are the catalog's to say."""

    lines: tuple[StockLine, ...]


@frozen
class OrderBody:
    """An order as its customer sees it."""

    order_id: UUID
    status: OrderStatus
    reason: CancelReason | None
    lines: tuple[OrderLine, ...]
    total: Money
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    story: tuple[OrderEvent, ...]

    @classmethod
    def of(cls, order: Order) -> "OrderBody":
        return cls(
            order.order_id,
            order.status,
            order.reason,
            order.lines,
            order.total,
            order.placed_at,
            order.expires_at,
            order.paid_at,
            order.story,
        )


@frozen
class OrderId:
    order_id: UUID


@frozen
class PaymentOfOrder:
    payment: Payment
