"""Payments, their checkouts and the outbox in memory."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, field

from common.domain.payment import Payment, PaymentStatus
from common.events import Message
from common.kinds import service
from common.ports.audit import OrderRange
from common.ports.payments import PaymentRecord
from common.ports.provider import Checkout


@service
class MemoryPayments:
    """`PaymentRepository` in memory, for one thread."""

    _payments: dict[str, Payment] = field(factory=dict)
    _events: set[str] = field(factory=set)
    _checkouts: dict[UUID, Checkout] = field(factory=dict)
    _outbox: dict[UUID, Message] = field(factory=dict)
    _refund_due_at: dict[str, datetime] = field(factory=dict)
    _refunded_at: dict[str, datetime] = field(factory=dict)

    def record(self, event_id: str, payment: Payment, message: Message, at: datetime) -> bool:
        if event_id in self._events:
            return False
        self._events.add(event_id)
        known = self._payments.get(payment.payment_id)
        if known is not None and not (
            known.status in (PaymentStatus.FAILED, PaymentStatus.EXPIRED)
            and payment.status is PaymentStatus.SUCCEEDED
        ):
            return False
        self._payments[payment.payment_id] = payment
        self._outbox[message.message_id] = message
        return True

    def of_order(self, order_id: UUID) -> Sequence[Payment]:
        found = [payment for payment in self._payments.values() if payment.order_id == order_id]
        return sorted(found, key=lambda payment: (payment.occurred_at, payment.payment_id))

    def audit(self, wanted: OrderRange) -> Sequence[PaymentRecord]:
        unpublished = {json.loads(message.body)["data"]["payment_id"] for message in self._outbox.values()}
        found = [
            PaymentRecord(
                payment,
                self._refund_due_at.get(payment_id),
                self._refunded_at.get(payment_id),
                payment_id not in unpublished,
            )
            for payment_id, payment in self._payments.items()
            if wanted.first <= payment.order_id <= wanted.last
        ]
        found.sort(key=lambda record: (record.payment.order_id, record.payment.payment_id))
        last = found[wanted.limit - 1].payment.order_id if len(found) >= wanted.limit else wanted.last
        return [record for record in found if record.payment.order_id <= last]

    def keep_checkout(self, order_id: UUID, checkout: Checkout) -> Checkout:
        return self._checkouts.setdefault(order_id, checkout)

    def checkout(self, order_id: UUID) -> Checkout | None:
        return self._checkouts.get(order_id)

    def publish(self, send: Callable[[Sequence[Message]], Sequence[UUID]], limit: int, at: datetime) -> int:
        waiting = [self._outbox[message_id] for message_id in sorted(self._outbox)[:limit]]
        published = send(waiting) if waiting else []
        for message_id in published:
            del self._outbox[message_id]
        return len(published)

    def refund_due(self, payment_id: str, at: datetime) -> None:
        if self._move(payment_id, PaymentStatus.SUCCEEDED, PaymentStatus.REFUND_DUE):
            self._refund_due_at[payment_id] = at

    def refunds_due(self, limit: int) -> Sequence[Payment]:
        due = [one for one in self._payments.values() if one.status is PaymentStatus.REFUND_DUE]
        return sorted(due, key=lambda payment: self._refund_due_at[payment.payment_id])[:limit]

    def refund_failed(self, payment_id: str, at: datetime) -> None:
        if self._move(payment_id, PaymentStatus.REFUND_DUE, PaymentStatus.REFUND_DUE):
            self._refund_due_at[payment_id] = at

    def refunded(self, payment_id: str, at: datetime) -> None:
        if self._move(payment_id, PaymentStatus.REFUND_DUE, PaymentStatus.REFUNDED):
            self._refunded_at[payment_id] = at

    def _move(self, payment_id: str, leaves: PaymentStatus, enters: PaymentStatus) -> bool:
        payment = self._payments.get(payment_id)
        if payment is None or payment.status is not leaves:
            return False
        self._payments[payment_id] = evolve(payment, status=enters)
        return True
