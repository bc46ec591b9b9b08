"""Stock and reservations in Postgres."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock, Unavailable
from common.kinds import service
from common.ports.audit import OrderRange
from common.ports.stock import ReservationRecord
from common.repositories.postgres.database import TRIES, Database, Run, Violated

# First the reservation, then the rows of stock in their order, here and in a release: so nobody waits in a
# circle, neither two orders for the same products nor two calls for the same order. (A conflict waits for
# whoever writes the row.) The locks give the newest `available`, whatever this statement's snapshot is. What
# the earlier buckets lack is taken from the last one, and where that does not suffice, the schema's CHECK
# refuses the statement as a whole. Rows are never deleted.
_RESERVE = """
WITH opened AS (
    INSERT INTO reservations (order_id, state, product_ids, quantities, reserved_at)
    SELECT :order_id, 'held', :product_ids ::text[], :quantities ::bigint[], :at
    WHERE cardinality(:product_ids ::text[]) = (
        SELECT count(DISTINCT product_id) FROM stock
        WHERE product_id = ANY (:product_ids ::text[]) AND {bucket}
    )
    ON CONFLICT (order_id) DO NOTHING
    RETURNING order_id, product_ids, quantities
), wanted AS (
    SELECT line.product_id, line.quantity
    FROM opened, unnest(product_ids, quantities) AS line (product_id, quantity)
), locked AS (
    SELECT product_id, stock.bucket, stock.available, wanted.quantity
    FROM stock JOIN wanted USING (product_id)
    WHERE {bucket}
    ORDER BY product_id, stock.bucket
    FOR UPDATE OF stock
), shared AS (
    SELECT
        product_id, bucket, available,
        quantity - (sum(available) OVER (PARTITION BY product_id ORDER BY bucket) - available) AS missing,
        lead(bucket) OVER (PARTITION BY product_id ORDER BY bucket) IS NULL AS is_last
    FROM locked
), taken AS (
    UPDATE stock
    SET available = stock.available - CASE WHEN is_last THEN missing ELSE least(missing, shared.available) END
    FROM shared
    WHERE stock.product_id = shared.product_id AND stock.bucket = shared.bucket AND missing > 0
)
SELECT order_id FROM opened
"""
_FROM_ITS_BUCKET = _RESERVE.format(bucket="stock.bucket = :bucket")
_FROM_ALL_BUCKETS = _RESERVE.format(bucket="true")

_WHY_NOT = """
SELECT
    (SELECT state FROM reservations WHERE order_id = :order_id) AS state,
    ARRAY (
        SELECT line.product_id
        FROM unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
        LEFT JOIN stock USING (product_id)
        GROUP BY line.product_id, line.quantity
        HAVING coalesce(sum(stock.available), 0) < line.quantity
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

# A statement of its own, whose snapshot is newer than the reservation: it sees every product of it. Which of
# a product's buckets the pieces were taken from does not matter: all go to one.
_GIVE_BACK = """
WITH locked AS (
    SELECT product_id, bucket, line.quantity
    FROM stock JOIN unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
        USING (product_id)
    WHERE bucket = (
        SELECT bucket FROM stock AS any_of WHERE any_of.product_id = line.product_id
        ORDER BY bucket <> :bucket, bucket LIMIT 1
    )
    ORDER BY product_id
    FOR UPDATE OF stock
)
UPDATE stock SET available = stock.available + locked.quantity
FROM locked
WHERE stock.product_id = locked.product_id AND stock.bucket = locked.bucket
"""

# Pieces are shared out evenly, and what is over goes to the first buckets. Buckets that are none any more are
# emptied, not removed: `_RESERVE` counts on rows that stay.
_SHARES = """
WITH line AS (
    SELECT * FROM unnest(:product_ids ::text[], :quantities ::bigint[]) AS line (product_id, quantity)
), wanted AS (
    SELECT line.product_id, bucket,
        CASE WHEN bucket < :buckets
            THEN quantity / :buckets + (bucket < quantity % :buckets) ::int ELSE 0 END AS available
    FROM line CROSS JOIN LATERAL (
        SELECT generate_series(0, :buckets - 1) AS bucket
        UNION SELECT stock.bucket FROM stock WHERE stock.product_id = line.product_id
    ) AS buckets
)
"""

_SET = (
    _SHARES
    + """
INSERT INTO stock (product_id, bucket, available)
SELECT product_id, bucket, available FROM wanted ORDER BY product_id, bucket
ON CONFLICT (product_id, bucket) DO UPDATE SET available = excluded.available
"""
)

_ADD = (
    _SHARES
    + """
INSERT INTO stock (product_id, bucket, available)
SELECT product_id, bucket, available FROM wanted
WHERE NOT EXISTS (SELECT FROM stock WHERE stock.product_id = wanted.product_id)
ORDER BY product_id, bucket
ON CONFLICT (product_id, bucket) DO NOTHING
"""
)


@service
class PostgresStock:
    """`StockRepository` in Postgres. `buckets` is how many rows the pieces of a product are shared out to.

    An order takes its pieces from one bucket, which its id decides, and only where that has too few from all:
    so fewer orders for one product wait for each other (docs/decisions/0100). Another number of buckets holds
    from the next time that stock is set; until then what there is can be ordered all the same.
    """

    database: Database
    buckets: int = 1

    def available(self, product_ids: Collection[str]) -> dict[str, int]:
        rows = self.database.run(
            """
            SELECT product_id, sum(available) ::bigint AS available FROM stock
            WHERE product_id = ANY (:product_ids ::text[]) GROUP BY product_id
            """,
            product_ids=list(product_ids),
        )
        return {row["product_id"]: row["available"] for row in rows}

    def page(self, after: str | None, below: int | None, limit: int) -> Sequence[StockLine]:
        rows = self.database.run(
            """
            SELECT product_id, sum(available) ::bigint AS quantity FROM stock
            WHERE :after ::text IS NULL OR product_id > :after ::text
            GROUP BY product_id HAVING :below ::bigint IS NULL OR sum(available) < :below ::bigint
            ORDER BY product_id LIMIT :limit
            """,
            after=after,
            below=below,
            limit=limit,
        )
        return [StockLine(**row) for row in rows]

    def set(self, lines: Sequence[StockLine]) -> None:
        self.database.run(_SET, buckets=self.buckets, **_arrays(lines))

    def add(self, lines: Sequence[StockLine]) -> None:
        self.database.run(_ADD, buckets=self.buckets, **_arrays(lines))

    def reserve(self, order_id: UUID, lines: Sequence[StockLine], at: datetime) -> ReservationState:
        wanted = {"order_id": order_id, **_arrays(lines)}
        if self._take(_FROM_ITS_BUCKET, wanted, at=at, bucket=self._bucket(order_id)):
            return ReservationState.HELD
        for _ in range(TRIES):
            [why_not] = self.database.run(_WHY_NOT, **wanted)
            if why_not["state"]:
                return ReservationState(why_not["state"])
            if why_not["short"]:
                raise OutOfStock(tuple(why_not["short"]))
            if self._take(_FROM_ALL_BUCKETS, wanted, at=at):
                return ReservationState.HELD
        raise Unavailable("The stock changes faster than it can be taken. Please try again.")

    def _take(self, sql: str, wanted: Mapping[str, object], **values: object) -> bool:
        try:
            return bool(self.database.run(sql, **wanted, **values))
        except Violated as error:
            if error.constraint != "stock_available_check":
                raise
            return False

    def release(self, order_id: UUID, at: datetime) -> None:
        def work(run: Run) -> None:
            for closed in run(_CLOSE, order_id=order_id, at=at):
                run(_GIVE_BACK, bucket=self._bucket(order_id), **closed)

        self.database.transaction(work)

    def audit(self, wanted: OrderRange) -> Sequence[ReservationRecord]:
        rows = self.database.run(
            """
            SELECT * FROM reservations WHERE order_id BETWEEN :first AND :last ORDER BY order_id LIMIT :limit
            """,
            first=wanted.first,
            last=wanted.last,
            limit=wanted.limit,
        )
        return [
            ReservationRecord(
                row["order_id"],
                ReservationState(row["state"]),
                tuple(map(StockLine, row["product_ids"], row["quantities"])),
                row["reserved_at"],
                row["released_at"],
            )
            for row in rows
        ]

    def _bucket(self, order_id: UUID) -> int:
        # The last bits of a UUIDv7 are random: orders spread evenly.
        return order_id.int % self.buckets


def _arrays(lines: Sequence[StockLine]) -> dict[str, object]:
    return {
        "product_ids": [line.product_id for line in lines],
        "quantities": [line.quantity for line in lines],
    }
