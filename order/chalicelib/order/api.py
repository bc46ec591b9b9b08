"""The shapes of what the order service is asked and answers."""

from datetime import datetime
from uuid import UUID

from attrs import field
from chalicelib.order.use_cases.history import HistoryPage, Position

from common.domain.money import Money
from common.domain.order import CancelReason, Order, OrderEvent, OrderLine, OrderStatus
from common.domain.payment import Payment
from common.domain.rules import Between, Matches
from common.kinds import value
from common.web.paging import decode_cursor, encode_cursor
from common.web.problems import Malformed
from common.web.requests import Header

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    Matches("[!-~]([ -~]*[!-~])?", "must be 1 to 255 printable ASCII characters", 255),
    "The customer's own name for the order, such as a random UUID. The same request with the same key is the "
    "same order, however often it is sent; the same key with another order is refused.",
)


@value
class OrderBody:
    """An order as its customer sees it."""

    order_id: UUID
    status: OrderStatus
    reason: CancelReason | None
    """Why it was canceled; null if it was not."""
    lines: tuple[OrderLine, ...]
    """In the order of their product ids."""
    total: Money
    placed_at: datetime
    expires_at: datetime
    """When it is canceled if it is not paid by then."""
    paid_at: datetime | None
    story: tuple[OrderEvent, ...]
    """Its steps, oldest first. Empty in a list."""

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


@value
class OrdersBody:
    """One page of a customer's orders, newest first."""

    items: list[OrderBody]
    next: str | None
    """The cursor of the page after it, null on the last one."""
    incomplete: bool
    """Whether older orders are missing for the moment; `next` is then where to go on later."""

    @classmethod
    def of(cls, page: HistoryPage) -> "OrdersBody":
        items = [OrderBody.of(order) for order in page.orders]
        return cls(items, cursor_of(page.next) if page.next else None, page.incomplete)


def cursor_of(position: Position) -> str:
    """The cursor that stands for a position: one id mostly, or two of which either may be missing."""
    if position.live == position.archived and position.live:
        return encode_cursor(str(position.live))
    return encode_cursor(f"{position.live or ''},{position.archived or ''}")


def position_of(cursor: str | None) -> Position:
    """The position that a cursor stands for. Raises `Malformed`."""
    text = decode_cursor(cursor)
    if text is None:
        return Position()
    live, comma, archived = text.partition(",")
    try:
        position = Position(_id(live), _id(archived if comma else live))
    except ValueError:
        position = Position()
    if cursor_of(position) != cursor:
        raise Malformed("This cursor is not one that a list gave you.")
    return position


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None


@value
class OrderId:
    order_id: UUID


@value
class Patience:
    minutes: int = field(validator=Between(0, 10_000))


@value
class ProductId:
    product_id: str


@value
class PaymentOfOrder:
    payment: Payment
