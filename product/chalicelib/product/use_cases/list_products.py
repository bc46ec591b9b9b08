"""A customer looks through the products, page by page."""

from attrs import frozen

from common.ports.products import ProductFilter, ProductPage, ProductRepository


@frozen
class ListProducts:
    products: ProductRepository

    def __call__(self, narrowed: ProductFilter, after: str | None, limit: int) -> ProductPage:
        """As `ProductRepository.page`: the order is that of the ids, so no page shows a product again."""
        return self.products.page(narrowed, after, limit)
