"""Payments: what the provider says that happened to a customer's money."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from common.domain.money import Money


class PaymentStatus(StrEnum):
    """`failed` may still become `succeeded`; what was succeeded is only ever given back, once."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


@frozen
class Payment:
    """One payment at the provider, as its webhooks told it.

    `payment_id` is the provider's own id. `order_id` is the order that the checkout was opened for.
    `reason` is the provider's word for why it failed, empty if it did not.
    """

    payment_id: str
    order_id: UUID
    status: PaymentStatus
    amount: Money
    occurred_at: datetime
    reason: str = ""
