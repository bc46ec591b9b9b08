"""Stock and reservations in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock
from common.repositories.postgres.database import Database, Run

# Rows are locked in the order of their products, so that two orders for the same products never wait
# for each other in a circle. The lock gives the newest `available`, whatever this statement's snapshot is.
_RESERVE = """
WITH wanted AS (
    SELECT product_id, quantity
    FROM unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
), locked AS (
    SELECT stock.product_id, stock.available
    FROM stock JOIN wanted USING (product_id)
    ORDER BY stock.product_id
    FOR UPDATE OF stock
), short AS (
    SELECT wanted.product_id
    FROM wanted LEFT JOIN locked USING (product_id)
    WHERE coalesce(locked.available, 0) < wanted.quantity
), opened AS (
    INSERT INTO reservations (order_id, state, product_ids, quantities, reserved_at)
    SELECT :order_id, 'held', :product_ids ::text[], :quantities ::bigint[], :at
    WHERE NOT EXISTS (SELECT FROM short)
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id
), taken AS (
    UPDATE stock SET available = stock.available - wanted.quantity
    FROM wanted, opened
    WHERE stock.product_id = wanted.product_id
)
SELECT
    EXISTS (SELECT FROM opened) AS reserved,
    ARRAY (SELECT product_id FROM short ORDER BY product_id) AS short
"""

# The reservation's row comes back as it is now, even if it was written after this statement's snapshot.
_CLOSE = """
INSERT INTO reservations AS reservation (order_id, state, product_ids, quantities, released_at)
VALUES (:order_id, 'released', '{}', '{}', :at)
ON CONFLICT (order_id) DO UPDATE SET state = 'released', released_at = excluded.released_at
WHERE reservation.state = 'held'
RETURNING product_ids, quantities
"""

# A statement of its own, whose snapshot is newer than the reservation: it sees every product of it.
_GIVE_BACK = """
WITH locked AS (
    SELECT stock.product_id, line.quantity
    FROM stock JOIN unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
        USING (product_id)
    ORDER BY stock.product_id
    FOR UPDATE OF stock
)
UPDATE stock SET available = stock.available + locked.quantity
FROM locked
WHERE stock.product_id = locked.product_id
"""


@frozen
class PostgresStock:
    """`StockRepository` in Postgres."""

    database: Database

    def available(self, product_ids: Collection[str]) -> dict[str, int]:
        rows = self.database.run(
            "SELECT product_id, available FROM stock WHERE product_id = ANY (:product_ids ::text[])",
            product_ids=list(product_ids),
        )
        return {row["product_id"]: row["available"] for row in rows}

    def set(self, lines: Sequence[StockLine]) -> None:
        self.database.run(
            """
            INSERT INTO stock (product_id, available)
            SELECT * FROM unnest(:product_ids ::text[], :quantities ::bigint[])
                AS line (product_id, quantity) ORDER BY product_id
            ON CONFLICT (product_id) DO UPDATE SET available = excluded.available
            """,
            product_ids=[line.product_id for line in lines],
            quantities=[line.quantity for line in lines],
        )

    def add(self, lines: Sequence[StockLine]) -> None:
        self.database.run(
            """
            INSERT INTO stock (product_id, available)
            SELECT * FROM unnest(:product_ids ::text[], :quantities ::bigint[])
                AS line (product_id, quantity) ORDER BY product_id
            ON CONFLICT (product_id) DO NOTHING
            """,
            product_ids=[line.product_id for line in lines],
            quantities=[line.quantity for line in lines],
        )

    def reserve(self, order_id: UUID, lines: Sequence[StockLine], at: datetime) -> ReservationState:
        [answer] = self.database.run(
            _RESERVE,
            order_id=order_id,
            product_ids=[line.product_id for line in lines],
            quantities=[line.quantity for line in lines],
            at=at,
        )
        if answer["reserved"]:
            return ReservationState.HELD
        rows = self.database.run(
            "SELECT state FROM reservations WHERE order_id = :order_id", order_id=order_id
        )
        if not rows:
            raise OutOfStock(tuple(answer["short"]))
        return ReservationState(rows[0]["state"])

    def release(self, order_id: UUID, at: datetime) -> None:
        def work(run: Run) -> None:
            for closed in run(_CLOSE, order_id=order_id, at=at):
                run(_GIVE_BACK, product_ids=closed["product_ids"], quantities=closed["quantities"])

        self.database.transaction(work)
