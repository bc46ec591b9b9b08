"""Delivered orders in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from attrs import field

from common.domain.order import Order
from common.kinds import service
from common.ports.archive import OrderCopy
from common.repositories.copies import order_of


@service
class MemoryArchive:
    """`OrderArchive` in memory, for one thread."""

    _copies: dict[UUID, OrderCopy] = field(factory=dict)

    def __iter__(self) -> Iterator[UUID]:
        """The ids of the archived orders."""
        return iter(self._copies)

    def __len__(self) -> int:
        return len(self._copies)

    def copy(self, order_id: UUID) -> OrderCopy:
        """What is kept of an order that is there."""
        return self._copies[order_id]

    def put(self, copies: Sequence[OrderCopy]) -> None:
        self._copies.update({copy.order_id: copy for copy in copies})

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        wanted = {copy.order_id for copy in copies}
        return {order_id: copy for order_id, copy in self._copies.items() if order_id in wanted}

    def get(self, order_id: UUID) -> Order | None:
        copy = self._copies.get(order_id)
        return order_of(copy) if copy else None

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        found = [
            copy
            for copy in self._copies.values()
            if copy.customer_id == customer_id and (before is None or copy.order_id < before)
        ]
        newest = sorted(found, key=lambda copy: copy.order_id, reverse=True)[:limit]
        return [order_of(copy, story=False) for copy in newest]
