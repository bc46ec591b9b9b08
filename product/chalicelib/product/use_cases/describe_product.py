"""A customer looks at one product, and at how many pieces of it there are."""

from common.domain.product import Product
from common.errors import NotFound, Unavailable
from common.kinds import service
from common.ports.products import ProductRepository
from common.ports.services.inventory import Inventory


@service
class DescribeProduct:
    products: ProductRepository
    inventory: Inventory

    def __call__(self, product_id: str) -> tuple[Product, int | None]:
        """The product, and the pieces that can be ordered now; None where the inventory does not answer.

        Raises `NotFound`.
        """
        product = self.products.get([product_id]).get(product_id)
        if product is None:
            raise NotFound("There is no such product.")
        try:
            return product, self.inventory.get_inventory([product_id])[product_id]
        except Unavailable:
            return product, None
