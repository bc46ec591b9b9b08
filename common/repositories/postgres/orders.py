"""Orders in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from common.codec import read, write
from common.domain.invoice import numbered
from common.domain.money import Money
from common.domain.order import CancelReason, Order, OrderEvent, OrderLine, OrderStatus
from common.kinds import service
from common.logging import logger
from common.ports.archive import OrderCopy
from common.ports.audit import OrderRange
from common.ports.orders import Delivered, OrderRecord, Request, Step
from common.repositories.postgres.database import Database, Row

_ADD = """
WITH asked AS (
    INSERT INTO order_requests (customer_id, idempotency_key, fingerprint, order_id)
    VALUES (:customer_id, :key, :fingerprint, :order_id)
    ON CONFLICT (customer_id, idempotency_key) DO NOTHING
    RETURNING order_id, customer_id
), added AS (
    INSERT INTO orders (
        order_id, customer_id, customer_name, email, status, lines, amount, currency, placed_at, expires_at,
        correlation_id
    )
    SELECT
        order_id, customer_id, :customer_name ::text, :email ::text, :status ::text, :lines ::jsonb,
        :amount ::bigint, :currency ::text, :placed_at ::timestamptz, :expires_at ::timestamptz,
        :correlation_id ::text
    FROM asked
    RETURNING order_id, status, placed_at
)
INSERT INTO order_events (order_id, status, at, cause)
SELECT order_id, status, placed_at, :cause ::text FROM added
RETURNING order_id
"""

# An order enters its states in this order, each once. Times alone do not tell: containers' clocks differ.
_STATES = "{" + ",".join(OrderStatus) + "}"

_TAKE = """
WITH moved AS (
    UPDATE orders
    SET status = :enters,
        reason = :reason,
        payment_id = coalesce(:payment_id, payment_id),
        paid_at = coalesce(:paid_at, paid_at)
    WHERE order_id = :order_id AND status = :leaves
    RETURNING *
), told AS (
    INSERT INTO order_events (order_id, status, at, cause)
    SELECT order_id, status, :at, :cause FROM moved
    RETURNING order_id, status, at, cause
), story AS (
    SELECT event.* FROM order_events AS event JOIN moved USING (order_id) UNION ALL SELECT * FROM told
)
SELECT moved.*, (SELECT json_agg(story ORDER BY array_position(:states ::text[], status)) FROM story) AS story
FROM moved
"""

_WITH_STORY = """
orders.*, (
    SELECT json_agg(event ORDER BY array_position(:states ::text[], event.status))
    FROM order_events AS event WHERE event.order_id = orders.order_id
) AS story
"""

_GET = f"SELECT {_WITH_STORY} FROM orders WHERE order_id = :order_id"  # noqa: S608 - of columns

_AUDIT = f"""
SELECT {_WITH_STORY} FROM orders
WHERE order_id BETWEEN :first AND :last ORDER BY order_id LIMIT :limit
"""  # noqa: S608 - of columns

_FIND = f"""
SELECT order_requests.fingerprint, {_WITH_STORY} FROM order_requests JOIN orders USING (order_id)
WHERE order_requests.customer_id = :customer_id AND order_requests.idempotency_key = :key
"""  # noqa: S608 - of columns

_RFC3339 = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""

# The fields of a copy, as text that need not be read, and xmin: the transaction that changed the row last.
_DELIVERED = f"""
SELECT
    orders.order_id, customer_id, customer_name, email, status, reason, lines ::text, amount, currency,
    to_char(placed_at AT TIME ZONE 'UTC', {_RFC3339}) AS placed_at,
    to_char(expires_at AT TIME ZONE 'UTC', {_RFC3339}) AS expires_at,
    payment_id, to_char(paid_at AT TIME ZONE 'UTC', {_RFC3339}) AS paid_at,
    coalesce(story.told, '[]') AS story, orders.xmin ::text AS version
FROM orders CROSS JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object('status', event.status, 'at', event.at, 'cause', event.cause)
            ORDER BY array_position(:states ::text[], event.status)
        ) ::text AS told,
        max(event.at) FILTER (WHERE event.status = 'delivered') AS delivered_at
    FROM order_events AS event WHERE event.order_id = orders.order_id
) AS story
WHERE status = 'delivered' AND (:after ::uuid IS NULL OR orders.order_id > :after ::uuid)
    AND coalesce(delivered_at, orders.placed_at) <= :before
ORDER BY orders.order_id LIMIT :limit
"""  # noqa: S608 - of columns

_REMOVE = """
DELETE FROM orders USING unnest(:ids ::uuid[], :versions ::text[]) AS seen (order_id, version)
WHERE orders.order_id = seen.order_id AND orders.status = 'delivered' AND orders.xmin ::text = seen.version
RETURNING orders.order_id
"""

_DEADLINE = {OrderStatus.RESERVING: "placed_at", OrderStatus.AWAITING_PAYMENT: "expires_at"}


@service
class PostgresOrders:
    """`OrderRepository` in Postgres."""

    database: Database

    def add(self, order: Order, request: Request) -> bool:
        rows = self.database.run(
            _ADD,
            order_id=order.order_id,
            customer_id=order.customer_id,
            customer_name=order.customer_name,
            email=order.email,
            key=request.key,
            fingerprint=request.fingerprint,
            status=order.status,
            lines=write(list(order.lines)),
            amount=order.total.amount,
            currency=order.total.currency,
            placed_at=order.placed_at,
            expires_at=order.expires_at,
            correlation_id=order.correlation_id,
            cause=order.story[0].cause,
        )
        if rows:
            _tell(order.order_id, order.status, order.story[0].cause)
        return bool(rows)

    def find(self, customer_id: str, key: str) -> tuple[Order, Request] | None:
        rows = self.database.run(_FIND, states=_STATES, customer_id=customer_id, key=key)
        return (_order(rows[0]), Request(key, rows[0]["fingerprint"])) if rows else None

    def asked(self, customer_id: str, key: str) -> tuple[UUID, Request] | None:
        rows = self.database.run(
            """
            SELECT order_id, fingerprint FROM order_requests
            WHERE customer_id = :customer_id AND idempotency_key = :key
            """,
            customer_id=customer_id,
            key=key,
        )
        return (rows[0]["order_id"], Request(key, rows[0]["fingerprint"])) if rows else None

    def get(self, order_id: UUID) -> Order | None:
        rows = self.database.run(_GET, order_id=order_id, states=_STATES)
        return _order(rows[0]) if rows else None

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        rows = self.database.run(
            """
            SELECT orders.*, NULL AS story FROM orders
            WHERE customer_id = :customer_id AND (:before ::uuid IS NULL OR order_id < :before ::uuid)
            ORDER BY order_id DESC LIMIT :limit
            """,
            customer_id=customer_id,
            before=before,
            limit=limit,
        )
        return [_order(row) for row in rows]

    def take(self, order_id: UUID, step: Step) -> Order | None:
        rows = self.database.run(
            _TAKE,
            states=_STATES,
            order_id=order_id,
            leaves=step.leaves,
            enters=step.enters,
            at=step.at,
            cause=step.cause,
            reason=step.reason,
            payment_id=step.payment.payment_id if step.payment else None,
            paid_at=step.payment.occurred_at if step.payment else None,
        )
        if not rows:
            return None
        _tell(order_id, step.enters, step.cause)
        return _order(rows[0])

    def overdue(self, status: OrderStatus, before: datetime, limit: int) -> Sequence[UUID]:
        deadline = _DEADLINE[status]
        rows = self.database.run(
            f"SELECT order_id FROM orders WHERE status = :status AND {deadline} < :before"  # noqa: S608 - a column
            f" ORDER BY {deadline} LIMIT :limit",
            status=status,
            before=before,
            limit=limit,
        )
        return [row["order_id"] for row in rows]

    def owing_stock(self, limit: int) -> Sequence[UUID]:
        rows = self.database.run(
            """
            SELECT order_id FROM orders WHERE status = 'canceled' AND stock_returned_at IS NULL
            ORDER BY order_id LIMIT :limit
            """,
            limit=limit,
        )
        return [row["order_id"] for row in rows]

    def stock_returned(self, order_id: UUID, at: datetime) -> None:
        self.database.run(
            """
            UPDATE orders SET stock_returned_at = :at
            WHERE order_id = :order_id AND status = 'canceled' AND stock_returned_at IS NULL
            """,
            order_id=order_id,
            at=at,
        )

    def audit(self, wanted: OrderRange) -> Sequence[OrderRecord]:
        rows = self.database.run(
            _AUDIT, states=_STATES, first=wanted.first, last=wanted.last, limit=wanted.limit
        )
        return [OrderRecord(_order(row), row["stock_returned_at"]) for row in rows]

    def delivered(self, before: datetime, after: UUID | None, limit: int) -> Sequence[Delivered]:
        rows = self.database.run(_DELIVERED, states=_STATES, before=before, after=after, limit=limit)
        return [
            Delivered(
                OrderCopy(invoice_number=numbered(row["order_id"], row["placed_at"][:4]), **row), version
            )
            for row in rows
            if (version := row.pop("version"))
        ]

    def remove(self, orders: Collection[Delivered]) -> int:
        rows = self.database.run(
            _REMOVE,
            ids=[str(order.copy.order_id) for order in orders],
            versions=[order.version for order in orders],
        )
        return len(rows)


def _tell(order_id: UUID, status: OrderStatus, cause: str) -> None:
    logger("order").info(
        "An order came to a new state", extra={"order_id": str(order_id), "status": status, "cause": cause}
    )


def _order(row: Row) -> Order:
    return Order(
        order_id=row["order_id"],
        customer_id=row["customer_id"],
        customer_name=row["customer_name"],
        email=row["email"],
        status=OrderStatus(row["status"]),
        lines=read(row["lines"], tuple[OrderLine, ...]),
        total=Money(row["amount"], row["currency"]),
        placed_at=row["placed_at"],
        expires_at=row["expires_at"],
        reason=CancelReason(row["reason"]) if row["reason"] else None,
        payment_id=row["payment_id"],
        paid_at=row["paid_at"],
        story=read(row["story"] or [], tuple[OrderEvent, ...]),
        correlation_id=row["correlation_id"],
    )
