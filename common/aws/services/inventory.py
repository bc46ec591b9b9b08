"""The inventory service, by calls of its internal functions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from common.codec import read
from common.domain.stock import ReservationState, StockLine
from common.kinds import service
from common.ports.functions import Functions


@service
class InventoryService:
    """`Inventory`, by the inventory service's functions."""

    functions: Functions

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        answer = self.functions.call("inventory", "get_inventory", {"product_ids": list(product_ids)})
        return read(answer, dict[str, int])

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        answer = self.functions.call(
            "inventory", "reserve_stock", {"order_id": order_id, "lines": list(lines)}
        )
        return ReservationState(answer)

    def release_stock(self, order_id: UUID) -> None:
        self.functions.call("inventory", "release_stock", {"order_id": order_id})
