"""Stock and reservations in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock, Unavailable
from common.repositories.postgres.database import TRIES, Database, Run, Violated

# First the reservation, then the products in their order, here and in a release: so nobody waits in a circle,
# neither two orders for the same products nor two calls for the same order. (A conflict waits for whoever
# writes the row.) The locks give the newest `available`, whatever this statement's snapshot is, and where it
# does not suffice, the schema's CHECK refuses the statement as a whole. Products are never deleted.
_RESERVE = """
WITH opened AS (
    INSERT INTO reservations (order_id, state, product_ids, quantities, reserved_at)
    SELECT :order_id, 'held', :product_ids ::text[], :quantities ::bigint[], :at
    WHERE cardinality(:product_ids ::text[]) =
        (SELECT count(*) FROM stock WHERE product_id = ANY (:product_ids ::text[]))
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id, product_ids, quantities
), wanted AS (
    SELECT line.product_id, line.quantity
    FROM opened, unnest(product_ids, quantities) AS line (product_id, quantity)
), locked AS (
    SELECT stock.product_id, wanted.quantity
    FROM stock JOIN wanted USING (product_id)
    ORDER BY stock.product_id
    FOR UPDATE OF stock
), taken AS (
    UPDATE stock SET available = stock.available - locked.quantity
    FROM locked
    WHERE stock.product_id = locked.product_id
)
SELECT order_id FROM opened
"""

_WHY_NOT = """
SELECT
    (SELECT state FROM reservations WHERE order_id = :order_id) AS state,
    ARRAY (
        SELECT line.product_id
        FROM unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
        LEFT JOIN stock USING (product_id)
        WHERE coalesce(stock.available, 0) < line.quantity
        ORDER BY line.product_id
    ) AS short
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
        wanted: dict[str, object] = {
            "order_id": order_id,
            "product_ids": [line.product_id for line in lines],
            "quantities": [line.quantity for line in lines],
        }
        for _ in range(TRIES):
            if self._take(wanted, at):
                return ReservationState.HELD
            [why_not] = self.database.run(_WHY_NOT, **wanted)
            if why_not["state"]:
                return ReservationState(why_not["state"])
            if why_not["short"]:
                raise OutOfStock(tuple(why_not["short"]))
        raise Unavailable("The stock changes faster than it can be taken. Please try again.")

    def _take(self, wanted: dict[str, object], at: datetime) -> bool:
        try:
            return bool(self.database.run(_RESERVE, **wanted, at=at))
        except Violated as error:
            if error.constraint != "stock_available_check":
                raise
            return False

    def release(self, order_id: UUID, at: datetime) -> None:
        def work(run: Run) -> None:
            for closed in run(_CLOSE, order_id=order_id, at=at):
                run(_GIVE_BACK, product_ids=closed["product_ids"], quantities=closed["quantities"])

        self.database.transaction(work)
