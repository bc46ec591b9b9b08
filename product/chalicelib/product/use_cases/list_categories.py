"""A customer asks what kinds of products there are."""

from collections.abc import Sequence

from common.kinds import service
from common.ports.products import ProductRepository


@service
class ListCategories:
    products: ProductRepository

    def __call__(self) -> Sequence[str]:
        """The categories that products are of, in alphabetical order."""
        return self.products.categories()
