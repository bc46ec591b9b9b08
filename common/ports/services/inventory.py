"""The inventory service, as another service sees it."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from common.domain.stock import ReservationState, StockLine


class Inventory(Protocol):
    """Its internal functions. Each raises `Unavailable` where it does not answer, and may be called again."""

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        """Pieces that can be ordered now, by product; 0 for a product that was never stocked."""
        ...

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        """As `StockRepository.reserve`. Raises `OutOfStock`."""
        ...

    def release_stock(self, order_id: UUID) -> None:
        """As `StockRepository.release`."""
        ...
