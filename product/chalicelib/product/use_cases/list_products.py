"""A customer looks through the products, page by page."""

from common.kinds import service
from common.ports.products import ProductFilter, ProductPage, ProductRepository


@service
class ListProducts:
    products: ProductRepository

    def __call__(self, narrowed: ProductFilter, after: str | None, limit: int) -> ProductPage:
        """As `ProductRepository.page`: the order is that of the ids, so no page shows a product again."""
        return self.products.page(narrowed, after, limit)
