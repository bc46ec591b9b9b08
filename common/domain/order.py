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

from attrs import field, frozen

from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.domain.stock import StockLine


class OrderStatus(StrEnum):
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


@frozen
class OrderLine:
    """`quantity` pieces of a product, with the name and the price that it had when it was ordered."""

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


@frozen
class OrderEvent:
    """One step of an order's story: the state it came to, when, and what caused it."""

    status: OrderStatus
    at: datetime
    cause: str


@frozen
class Order:
    """One order of one customer.

    `lines` stand in the order of their product ids. `expires_at` is when an unpaid order is canceled.
    `payment_id` is the one payment that it accepted. `story` has its steps, oldest first.
    """

    order_id: UUID
    customer_id: str
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


def total_of(lines: Sequence[OrderLine]) -> Money:
    """What the lines cost together. Raises `Invalid` where their currencies differ."""
    return reduce(add, (line.total for line in lines))


class Verdict(StrEnum):
    """What an order makes of a payment."""

    ACCEPT = "accept"
    CANCEL = "cancel"
    REFUND = "refund"
    CANCEL_AND_REFUND = "cancel_and_refund"
    NOTHING = "nothing"


def judge(order: Order, payment: Payment) -> tuple[Verdict, CancelReason | None]:
    """What `payment` does to `order`, and why, as the order stands now.

    The same payment always gets the same verdict again once it was carried out, so a message may come
    twice. A success for an order that cannot take it is money to give back.
    """
    if payment.status is PaymentStatus.SUCCEEDED:
        if order.payment_id == payment.payment_id:
            return Verdict.NOTHING, None
        if order.status is not OrderStatus.AWAITING_PAYMENT:
            return Verdict.REFUND, order.reason
        if payment.amount != order.total:
            return Verdict.CANCEL_AND_REFUND, CancelReason.PAYMENT_MISMATCH
        return Verdict.ACCEPT, None
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        return Verdict.NOTHING, None
    if payment.status is PaymentStatus.EXPIRED:
        return Verdict.CANCEL, CancelReason.PAYMENT_EXPIRED
    return Verdict.CANCEL, CancelReason.PAYMENT_FAILED
