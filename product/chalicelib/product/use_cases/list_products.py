"""A customer looks through the products, page by page."""

from collections.abc import Sequence

from attrs import frozen

from common.domain.product import Product
from common.ports.products import ProductFilter, ProductRepository


@frozen
class ListProducts:
    products: ProductRepository

    def __call__(self, narrowed: ProductFilter, after: str | None, limit: int) -> Sequence[Product]:
        """As `ProductRepository.page`: the order is that of the ids, so no page shows a product again."""
        return self.products.page(narrowed, after, limit)
