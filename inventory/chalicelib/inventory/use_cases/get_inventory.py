"""How many pieces of each product can be ordered."""

from collections.abc import Collection

from common.kinds import service
from common.ports.stock import StockRepository


@service
class GetInventory:
    stock: StockRepository

    def __call__(self, product_ids: Collection[str]) -> dict[str, int]:
        """Pieces that can be ordered now, by product; 0 for a product that was never stocked."""
        available = self.stock.available(product_ids)
        return {product_id: available.get(product_id, 0) for product_id in product_ids}
