"""Where payments are kept, with the messages about them that still have to be published."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from common.domain.payment import Payment
from common.events import Message
from common.kinds import value
from common.ports.audit import OrderRange
from common.ports.provider import Checkout


@value
class PaymentRecord:
    """A payment, when it was last due to be given back and when it was, and whether the others were told."""

    payment: Payment
    refund_due_at: datetime | None
    refunded_at: datetime | None
    is_published: bool


class PaymentRepository(Protocol):
    def record(self, event_id: str, payment: Payment, message: Message, at: datetime) -> bool:
        """Stores what one event, received at `at`, says of a payment, and the message about it: both or none.

        False, and nothing stored, for an event that is known already, or that adds nothing: a payment
        may turn from failed or expired to succeeded, and in no other way by an event.
        """
        ...

    def of_order(self, order_id: UUID) -> Sequence[Payment]:
        """All payments that were tried for the order, oldest first."""
        ...

    def audit(self, wanted: OrderRange) -> Sequence[PaymentRecord]:
        """The payments of the first orders of the range, in the order of the orders' ids, then their own.

        `limit` counts payments, but those of one order come together.
        """
        ...

    def keep_checkout(self, order_id: UUID, checkout: Checkout) -> Checkout:
        """Stores the order's checkout, unless one is stored: that one is returned."""
        ...

    def checkout(self, order_id: UUID) -> Checkout | None:
        """The checkout that was opened for the order."""
        ...

    def publish(self, send: Callable[[Sequence[Message]], Sequence[UUID]], limit: int, at: datetime) -> int:
        """Hands the oldest unpublished messages, at most `limit`, to `send`, and marks as published at
        `at` those whose ids `send` returns. No other caller is handed the same messages meanwhile.
        Returns how many were published.
        """
        ...

    def refund_due(self, payment_id: str, at: datetime) -> None:
        """Notes that a payment that succeeded must be given back; does nothing to any other."""
        ...

    def refunds_due(self, limit: int) -> Sequence[Payment]:
        """Payments to give back, those that wait longest first."""
        ...

    def refund_failed(self, payment_id: str, at: datetime) -> None:
        """Notes that giving a payment back was tried in vain: others that are due come first then."""
        ...

    def refunded(self, payment_id: str, at: datetime) -> None:
        """Notes that a payment was given back."""
        ...
