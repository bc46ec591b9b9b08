"""Orders: their lines, their states, and what a payment means to one.

    reserving -> awaiting_payment -> delivering -> delivered
         \\______________\\__________ canceled (reason)

A canceled order never comes back.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import add
from uuid import UUID

from attrs import field

from common.domain.customer import Customer
from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.domain.stock import StockLine
from common.errors import NotFound
from common.kinds import value


class OrderStatus(StrEnum):
    """How far an order has come.

    `reserving` while its stock is being taken; `awaiting_payment` until it is paid; `delivering` until an
    operator says that it is `delivered`; or `canceled`, which is for good.
    """

    RESERVING = "reserving"
    AWAITING_PAYMENT = "awaiting_payment"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    CANCELED = "canceled"


class CancelReason(StrEnum):
    """Why an order was canceled. `placing_abandoned`: nobody finished placing it in time."""

    OUT_OF_STOCK = "out_of_stock"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_EXPIRED = "payment_expired"
    PAYMENT_MISMATCH = "payment_mismatch"
    PLACING_ABANDONED = "placing_abandoned"
    CUSTOMER_REQUEST = "customer_request"


@value
class OrderLine:
    """Some pieces of a product, with the name and the price that it had when it was ordered."""

    product_id: str
    name: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity

    @property
    def stock(self) -> StockLine:
        return StockLine(self.product_id, self.quantity)


@value
class OrderEvent:
    """One step of an order's story."""

    status: OrderStatus
    """The state that it came to."""
    at: datetime
    cause: str
    """What caused it, for people."""


@value
class Order:
    """One order of one customer.

    `lines` stand in the order of their product ids. `expires_at` is when an unpaid order is canceled.
    `payment_id` is the one payment that it accepted. `story` has its steps, oldest first. `correlation_id` is
    what the logs call the request that placed it, and all that follows from it; the archive does not keep it,
    so it is no part of what makes two orders equal.
    """

    order_id: UUID
    customer_id: str
    customer_name: str
    email: str
    status: OrderStatus
    lines: tuple[OrderLine, ...]
    total: Money
    placed_at: datetime
    expires_at: datetime
    reason: CancelReason | None = None
    payment_id: str | None = None
    paid_at: datetime | None = None
    story: tuple[OrderEvent, ...] = field(default=())
    correlation_id: str = field(default="", eq=False)


def total_of(lines: Sequence[OrderLine]) -> Money:
    """What the lines cost together. Raises `Invalid` where their currencies differ."""
    return reduce(add, (line.total for line in lines))


def effect(order: Order, payment: Payment) -> tuple[OrderStatus, CancelReason | None] | None:
    """The state that `payment` brings `order` to as it stands now, and why; None if it changes nothing.

    Only an order that awaits payment is moved, so a message may come twice, late and in any order.
    """
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        return None
    if payment.status is PaymentStatus.EXPIRED:
        return OrderStatus.CANCELED, CancelReason.PAYMENT_EXPIRED
    if payment.status is PaymentStatus.FAILED:
        return OrderStatus.CANCELED, CancelReason.PAYMENT_FAILED
    if payment.amount != order.total:
        return OrderStatus.CANCELED, CancelReason.PAYMENT_MISMATCH
    return OrderStatus.DELIVERING, None


def of_customer(order: Order | None, customer: Customer) -> Order:
    """The order, if it is this customer's. Raises `NotFound` if there is none, and for another's too."""
    if order is None or order.customer_id != customer.customer_id:
        raise NotFound("There is no such order.")
    return order


def accepted(order: Order | None, payment: Payment) -> bool:
    """Whether this is the one payment that the order took."""
    return order is not None and order.payment_id == payment.payment_id


def owed_back(order: Order | None, payment: Payment) -> bool:
    """Whether the customer paid for nothing: a success that its order, if there is one, did not take."""
    return payment.status is PaymentStatus.SUCCEEDED and not accepted(order, payment)
