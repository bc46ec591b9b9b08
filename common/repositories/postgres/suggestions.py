"""The products whose suggestions are due, in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime

from common.kinds import service
from common.ports.suggestions import Due
from common.repositories.postgres.database import Database

# In the order of ids: two at once that note the same products never wait for each other in a circle.
_NOTE = """
INSERT INTO suggestions_due (product_id)
SELECT DISTINCT product_id FROM unnest(:product_ids ::text[]) AS noted (product_id) ORDER BY product_id
ON CONFLICT (product_id) DO UPDATE SET notes = suggestions_due.notes + 1
"""

_TAKE = """
UPDATE suggestions_due SET taken_until = :until
WHERE product_id IN (
    SELECT product_id FROM suggestions_due
    WHERE taken_until <= :now ORDER BY due_since LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING product_id, notes
"""

_DONE = """
WITH seen AS (
    SELECT * FROM unnest(:product_ids ::text[], :notes ::bigint[], :untils ::timestamptz[])
        AS seen (product_id, notes, taken_until)
), gone AS (
    DELETE FROM suggestions_due AS due USING seen
    WHERE due.product_id = seen.product_id AND due.taken_until = seen.taken_until AND due.notes = seen.notes
)
UPDATE suggestions_due AS due SET taken_until = '-infinity' FROM seen
WHERE due.product_id = seen.product_id AND due.taken_until = seen.taken_until AND due.notes <> seen.notes
"""


@service
class PostgresDueProducts:
    """`DueProducts` in Postgres."""

    database: Database

    def note(self, product_ids: Collection[str]) -> None:
        self.database.run(_NOTE, product_ids=list(product_ids))

    def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Due]:
        rows = self.database.run(_TAKE, now=now, until=until, limit=limit)
        return [Due(row["product_id"], row["notes"], until) for row in rows]

    def done(self, taken: Collection[Due]) -> None:
        self.database.run(
            _DONE,
            product_ids=[due.product_id for due in taken],
            notes=[due.notes for due in taken],
            untils=[due.until for due in taken],
        )
