"""Purchases, and the products that are due, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, field

from common.domain.suggestions import Purchase
from common.kinds import service
from common.ports.suggestions import Due


@service
class MemoryPurchases:
    """`Purchases` in memory, for one thread."""

    _purchases: dict[UUID, Purchase] = field(factory=dict, init=False)
    _suggestions: dict[str, Sequence[str]] = field(factory=dict, init=False)

    def put(self, purchases: Sequence[Purchase]) -> None:
        self._purchases.update({purchase.order_id: purchase for purchase in purchases})

    def newest(self, product_id: str, limit: int) -> Sequence[Purchase]:
        found = [p for p in self._purchases.values() if product_id in p.product_ids]
        return sorted(found, key=lambda purchase: purchase.order_id, reverse=True)[:limit]

    def keep(self, suggestions: Mapping[str, Sequence[str]]) -> None:
        self._suggestions.update(suggestions)

    def suggestions(self, product_id: str) -> Sequence[str]:
        return self._suggestions.get(product_id, [])


@service
class MemoryDueProducts:
    """`DueProducts` in memory, for one thread."""

    _due: dict[str, Due] = field(factory=dict, init=False)

    def note(self, product_ids: Collection[str]) -> None:
        for product_id in product_ids:
            known = self._due.get(product_id) or Due(product_id, 0, datetime.min)
            self._due[product_id] = evolve(known, notes=known.notes + 1)

    def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Due]:
        free = [due for due in self._due.values() if due.until == datetime.min or due.until <= now]
        taken = [evolve(due, until=until) for due in free[:limit]]
        self._due.update({due.product_id: due for due in taken})
        return taken

    def done(self, taken: Collection[Due]) -> None:
        for due in taken:
            known = self._due.get(due.product_id)
            if known == due:
                del self._due[due.product_id]
            elif known and known.until == due.until:
                self._due[due.product_id] = evolve(known, until=datetime.min)
