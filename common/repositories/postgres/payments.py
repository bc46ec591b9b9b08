"""Payments, their checkouts and the outbox in Postgres."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.events import Message
from common.kinds import service
from common.ports.audit import OrderRange
from common.ports.payments import PaymentRecord
from common.ports.provider import Checkout
from common.repositories.postgres.database import Database, Row, Run

# A row comes back if the event is new and the payment with it: first seen, or succeeded after all.
_RECORD = """
WITH event AS (
    INSERT INTO provider_events (event_id, payment_id, received_at)
    VALUES (:event_id, :payment_id, :at)
    ON CONFLICT (event_id) DO NOTHING
    RETURNING payment_id
)
INSERT INTO payments AS known (payment_id, order_id, status, amount, currency, occurred_at, reason)
SELECT :payment_id, :order_id, :status, :amount, :currency, :occurred_at, :reason FROM event
ON CONFLICT (payment_id) DO UPDATE
SET status = excluded.status, amount = excluded.amount, currency = excluded.currency,
    occurred_at = excluded.occurred_at, reason = excluded.reason
WHERE known.status IN ('failed', 'expired') AND excluded.status = 'succeeded'
RETURNING payment_id
"""

# Few messages are unpublished at a time, and an index leads to them.
_AUDIT = """
SELECT *, payment_id NOT IN (
    SELECT body ::jsonb #>> '{data,payment_id}' FROM outbox WHERE published_at IS NULL
) AS is_published
FROM payments WHERE order_id BETWEEN :first AND :last
ORDER BY order_id FETCH FIRST :limit ROWS WITH TIES
"""


@service
class PostgresPayments:
    """`PaymentRepository` in Postgres."""

    database: Database

    def record(self, event_id: str, payment: Payment, message: Message, at: datetime) -> bool:
        def work(run: Run) -> bool:
            recorded = run(
                _RECORD,
                event_id=event_id,
                payment_id=payment.payment_id,
                order_id=payment.order_id,
                status=payment.status,
                amount=payment.amount.amount,
                currency=payment.amount.currency,
                occurred_at=payment.occurred_at,
                reason=payment.reason,
                at=at,
            )
            if recorded:
                run(
                    "INSERT INTO outbox (message_id, body) VALUES (:message_id, :body)",
                    message_id=message.message_id,
                    body=message.body,
                )
            return bool(recorded)

        return self.database.transaction(work)

    def of_order(self, order_id: UUID) -> Sequence[Payment]:
        rows = self.database.run(
            "SELECT * FROM payments WHERE order_id = :order_id ORDER BY occurred_at, payment_id",
            order_id=order_id,
        )
        return [_payment(row) for row in rows]

    def audit(self, wanted: OrderRange) -> Sequence[PaymentRecord]:
        rows = self.database.run(_AUDIT, first=wanted.first, last=wanted.last, limit=wanted.limit)
        rows.sort(key=lambda row: (row["order_id"], row["payment_id"]))
        return [
            PaymentRecord(_payment(row), row["refund_due_at"], row["refunded_at"], row["is_published"])
            for row in rows
        ]

    def keep_checkout(self, order_id: UUID, checkout: Checkout) -> Checkout:
        self.database.run(
            """
            INSERT INTO checkouts (order_id, checkout_id, url, expires_at)
            VALUES (:order_id, :checkout_id, :url, :expires_at)
            ON CONFLICT (order_id) DO NOTHING
            """,
            order_id=order_id,
            checkout_id=checkout.checkout_id,
            url=checkout.url,
            expires_at=checkout.expires_at,
        )
        return self.checkout(order_id) or checkout

    def checkout(self, order_id: UUID) -> Checkout | None:
        rows = self.database.run(
            "SELECT checkout_id, url, expires_at FROM checkouts WHERE order_id = :order_id",
            order_id=order_id,
        )
        return Checkout(**rows[0]) if rows else None

    def publish(self, send: Callable[[Sequence[Message]], Sequence[UUID]], limit: int, at: datetime) -> int:
        def work(run: Run) -> int:
            rows = run(
                """
                SELECT message_id, body FROM outbox WHERE published_at IS NULL
                ORDER BY message_id LIMIT :limit FOR UPDATE SKIP LOCKED
                """,
                limit=limit,
            )
            if not rows:
                return 0
            published = send([Message(row["message_id"], row["body"]) for row in rows])
            run(
                "UPDATE outbox SET published_at = :at WHERE message_id = ANY (:published ::uuid[])",
                at=at,
                published=list(published),
            )
            return len(published)

        return self.database.transaction(work)

    def refund_due(self, payment_id: str, at: datetime) -> None:
        self.database.run(
            """
            UPDATE payments SET status = 'refund_due', refund_due_at = :at
            WHERE payment_id = :payment_id AND status = 'succeeded'
            """,
            payment_id=payment_id,
            at=at,
        )

    def refunds_due(self, limit: int) -> Sequence[Payment]:
        rows = self.database.run(
            "SELECT * FROM payments WHERE status = 'refund_due' ORDER BY refund_due_at LIMIT :limit",
            limit=limit,
        )
        return [_payment(row) for row in rows]

    def refund_failed(self, payment_id: str, at: datetime) -> None:
        self.database.run(
            """
            UPDATE payments SET refund_due_at = :at
            WHERE payment_id = :payment_id AND status = 'refund_due'
            """,
            payment_id=payment_id,
            at=at,
        )

    def refunded(self, payment_id: str, at: datetime) -> None:
        self.database.run(
            """
            UPDATE payments SET status = 'refunded', refunded_at = :at
            WHERE payment_id = :payment_id AND status = 'refund_due'
            """,
            payment_id=payment_id,
            at=at,
        )


def _payment(row: Row) -> Payment:
    return Payment(
        row["payment_id"],
        row["order_id"],
        PaymentStatus(row["status"]),
        Money(row["amount"], row["currency"]),
        row["occurred_at"],
        row["reason"],
    )
