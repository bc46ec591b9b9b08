"""Stock and reservations in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, field

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock
from common.kinds import service
from common.ports.audit import OrderRange
from common.ports.stock import ReservationRecord


@service
class MemoryStock:
    """`StockRepository` in memory, for one thread."""

    _available: dict[str, int] = field(factory=dict)
    _reservations: dict[UUID, ReservationRecord] = field(factory=dict)

    def available(self, product_ids: Collection[str]) -> dict[str, int]:
        return {name: self._available[name] for name in product_ids if name in self._available}

    def page(self, after: str | None, below: int | None, limit: int) -> Sequence[StockLine]:
        found = [
            StockLine(product_id, available)
            for product_id, available in sorted(self._available.items())
            if (after is None or product_id > after) and (below is None or available < below)
        ]
        return found[:limit]

    def set(self, lines: Sequence[StockLine]) -> None:
        self._available.update((line.product_id, line.quantity) for line in lines)

    def add(self, lines: Sequence[StockLine]) -> None:
        for line in lines:
            self._available.setdefault(line.product_id, line.quantity)

    def reserve(self, order_id: UUID, lines: Sequence[StockLine], at: datetime) -> ReservationState:
        if order_id in self._reservations:
            return self._reservations[order_id].state
        short = [line.product_id for line in lines if self._available.get(line.product_id, 0) < line.quantity]
        if short:
            raise OutOfStock(tuple(sorted(short)))
        for line in lines:
            self._available[line.product_id] -= line.quantity
        self._reservations[order_id] = ReservationRecord(
            order_id, ReservationState.HELD, tuple(lines), at, None
        )
        return ReservationState.HELD

    def release(self, order_id: UUID, at: datetime) -> None:
        known = self._reservations.get(order_id)
        if known is None:
            known = ReservationRecord(order_id, ReservationState.RELEASED, (), None, at)
        elif known.state is ReservationState.HELD:
            for line in known.lines:
                self._available[line.product_id] += line.quantity
            known = evolve(known, state=ReservationState.RELEASED, released_at=at)
        self._reservations[order_id] = known

    def audit(self, wanted: OrderRange) -> Sequence[ReservationRecord]:
        found = [
            record
            for order_id, record in sorted(self._reservations.items())
            if wanted.first <= order_id <= wanted.last
        ]
        return found[: wanted.limit]
