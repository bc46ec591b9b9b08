"""Payments: what the provider says that happened to a customer's money."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from common.domain.money import Money
from common.kinds import value


class PaymentStatus(StrEnum):
    """What became of a payment.

    `failed` may still become `succeeded`; what succeeded is only ever given back, once: it is `refund_due`,
    then `refunded`.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


@value
class Payment:
    """One payment at the provider, as its webhooks told it."""

    payment_id: str
    """The provider's own id."""
    order_id: UUID
    """The order that the checkout was opened for."""
    status: PaymentStatus
    amount: Money
    occurred_at: datetime
    reason: str = ""
    """The provider's word for why it failed, empty if it did not."""
