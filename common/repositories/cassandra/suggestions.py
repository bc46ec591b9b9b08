"""What was bought together, in Cassandra."""

import json
from collections.abc import Mapping, Sequence

from common.domain.suggestions import Purchase
from common.kinds import service
from common.repositories.cassandra.session import Cassandra, Statement, period_of

# Periods that are looked through for purchases: 400 days.
MOST_PERIODS = 8

_PUT = "INSERT INTO purchases_of_product (product_id, period, order_id, product_ids) VALUES (?, ?, ?, ?)"
_PUT_PERIOD = "INSERT INTO purchase_periods_of_product (product_id, period) VALUES (?, ?)"
_PERIODS = "SELECT period FROM purchase_periods_of_product WHERE product_id = ? LIMIT ?"
_NEWEST = """
SELECT order_id, product_ids FROM purchases_of_product WHERE product_id = ? AND period = ? LIMIT ?
"""
_KEEP = "INSERT INTO suggestions_of_product (product_id, product_ids) VALUES (?, ?)"
_SUGGESTIONS = "SELECT product_ids FROM suggestions_of_product WHERE product_id = ?"


@service
class CassandraPurchases:
    """`Purchases` in Cassandra: rows whose keys are product and order, so that an order is there once."""

    store: Cassandra

    def put(self, purchases: Sequence[Purchase]) -> None:
        rows: list[Statement] = []
        periods: set[tuple[str, int]] = set()
        for purchase in purchases:
            period, together = period_of(purchase.order_id), json.dumps(purchase.product_ids)
            for product_id in purchase.product_ids:
                rows.append((_PUT, (product_id, period, purchase.order_id, together)))
                periods.add((product_id, period))
        self.store.run_all([*rows, *((_PUT_PERIOD, period) for period in periods)])

    def newest(self, product_id: str, limit: int) -> Sequence[Purchase]:
        found: list[Purchase] = []
        for (period,) in self.store.run(_PERIODS, product_id, MOST_PERIODS):
            rows = self.store.run(_NEWEST, product_id, period, limit - len(found))
            found += [Purchase(order_id, tuple(json.loads(together))) for order_id, together in rows]
            if len(found) == limit:
                break
        return found

    def keep(self, suggestions: Mapping[str, Sequence[str]]) -> None:
        self.store.run_all(
            [(_KEEP, (product_id, json.dumps(list(others)))) for product_id, others in suggestions.items()]
        )

    def suggestions(self, product_id: str) -> Sequence[str]:
        rows = self.store.run(_SUGGESTIONS, product_id)
        return json.loads(rows[0][0]) if rows else []
