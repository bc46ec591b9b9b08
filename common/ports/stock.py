"""Where stock is counted and reserved."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from common.domain.stock import ReservationState, StockLine
from common.kinds import value
from common.ports.audit import OrderRange


@value
class ReservationRecord:
    """What an order holds of the stock, or held until it was released."""

    order_id: UUID
    state: ReservationState
    lines: tuple[StockLine, ...]
    reserved_at: datetime | None
    released_at: datetime | None


class StockRepository(Protocol):
    def available(self, product_ids: Collection[str]) -> dict[str, int]:
        """Pieces that can be ordered now, by product; a product that was never stocked is left out."""
        ...

    def page(self, after: str | None, below: int | None, limit: int) -> Sequence[StockLine]:
        """The first products that were ever stocked, after the id `after`, and what can be ordered of each.

        Only those with fewer than `below` pieces, where that is given.
        """
        ...

    def set(self, lines: Sequence[StockLine]) -> None:
        """Sets how many pieces of each product can be ordered from now on. Quantities may be 0."""
        ...

    def add(self, lines: Sequence[StockLine]) -> None:
        """As `set`, but only for products that were never stocked: what others have is left as it is."""
        ...

    def audit(self, wanted: OrderRange) -> Sequence[ReservationRecord]:
        """What the first orders of the range hold or held, in the order of their ids."""
        ...

    def reserve(self, order_id: UUID, lines: Sequence[StockLine], at: datetime) -> ReservationState:
        """Takes all lines from stock for the order, or none; each product stands on one line at most.

        Again for the same order: takes nothing more and returns what became of its reservation, which
        is RELEASED for ever once it was released, even before it was made.
        Raises `OutOfStock` naming the products that have too few pieces left.
        """
        ...

    def release(self, order_id: UUID, at: datetime) -> None:
        """Gives back what the order holds, once. An order that holds nothing can hold nothing later."""
        ...
