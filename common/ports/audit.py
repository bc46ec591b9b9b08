"""What those who run the shop may see of its stores: orders and what goes with them, in the order of ids.

Ids of orders are UUIDv7: a range of them is a span of time.
"""

from datetime import datetime
from uuid import UUID

from attrs import field

from common.domain.order import Order, OrderStatus
from common.domain.payment import Payment
from common.domain.rules import Between
from common.domain.stock import ReservationState, StockLine
from common.kinds import value


@value
class OrderRange:
    """The orders from `first` to `last`, both included, of which the first `limit` are wanted."""

    first: UUID
    last: UUID
    limit: int = field(validator=Between(1, 500))


@value
class OrderRecord:
    """A live order, and when the stock of a canceled one was given back."""

    order: Order
    stock_returned_at: datetime | None


@value
class PaymentRecord:
    """A payment, when it was last due to be given back and when it was, and whether the others were told."""

    payment: Payment
    refund_due_at: datetime | None
    refunded_at: datetime | None
    is_published: bool


@value
class ReservationRecord:
    """What an order holds of the stock, or held until it was released."""

    order_id: UUID
    state: ReservationState
    lines: tuple[StockLine, ...]
    reserved_at: datetime | None
    released_at: datetime | None


@value
class StuckOrder:
    """An order that a schedule should have finished, and since when."""

    order_id: UUID
    status: OrderStatus
    since: datetime
    schedule: str
    """The function that does it, such as `expire_unpaid`."""
