"""The shapes of what the payment service is asked and answers."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.ports.provider import Checkout


@frozen
class CheckoutBody:
    """The order that the customer wants to pay."""

    order_id: UUID


@frozen
class OpenedCheckout:
    """The provider's page where the order is paid, and until when."""

    order_id: UUID
    url: str
    expires_at: datetime

    @classmethod
    def of(cls, order_id: UUID, checkout: Checkout) -> "OpenedCheckout":
        return cls(order_id, checkout.url, checkout.expires_at)


@frozen
class PaymentBody:
    """One payment as the order's customer sees it."""

    payment_id: str
    status: PaymentStatus
    amount: Money
    occurred_at: datetime
    reason: str

    @classmethod
    def of(cls, payment: Payment) -> "PaymentBody":
        return cls(payment.payment_id, payment.status, payment.amount, payment.occurred_at, payment.reason)


@frozen
class PaymentsOfOrder:
    """What was paid for an order, when, and how it ended, oldest first."""

    order_id: UUID
    payments: tuple[PaymentBody, ...]


@frozen
class Received:
    """The answer to a webhook. `news` is false for what was known already, or is none of the shop's."""

    news: bool


@frozen
class PaymentId:
    payment_id: str
