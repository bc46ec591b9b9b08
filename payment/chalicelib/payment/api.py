"""The shapes of what the payment service is asked and answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.kinds import value
from common.ports.provider import Checkout


@value
class CheckoutBody:
    """The order that the customer wants to pay."""

    order_id: UUID


@value
class OpenedCheckout:
    """Where an order is paid."""

    order_id: UUID
    url: str
    """The payment provider's page: send the customer there."""
    expires_at: datetime
    """Until when it is open."""

    @classmethod
    def of(cls, order_id: UUID, checkout: Checkout) -> "OpenedCheckout":
        return cls(order_id, checkout.url, checkout.expires_at)


@value
class PaymentBody:
    """One payment as the order's customer sees it."""

    payment_id: str
    """The payment provider's own id."""
    status: PaymentStatus
    amount: Money
    occurred_at: datetime
    reason: str
    """The provider's word for why it failed; empty if it did not."""

    @classmethod
    def of(cls, payment: Payment) -> "PaymentBody":
        return cls(payment.payment_id, payment.status, payment.amount, payment.occurred_at, payment.reason)


@value
class PaymentsOfOrder:
    """What was paid for an order, when, and how it ended."""

    order_id: UUID
    payments: tuple[PaymentBody, ...]
    """Oldest first."""

    @classmethod
    def of(cls, order_id: UUID, payments: Sequence[Payment]) -> "PaymentsOfOrder":
        return cls(order_id, tuple(PaymentBody.of(payment) for payment in payments))


@value
class Received:
    """The answer to a webhook."""

    news: bool
    """False for what was known already, or is none of the shop's."""


@value
class PaymentId:
    payment_id: str
