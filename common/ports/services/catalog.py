"""The product service, as another service sees it."""

from collections.abc import Collection
from typing import Protocol

from common.domain.product import Product


class Catalog(Protocol):
    """Its internal functions. Each raises `Unavailable` where it does not answer, and may be called again."""

    def get_products(self, product_ids: Collection[str]) -> dict[str, Product]:
        """The products that exist among `product_ids`, by their ids."""
        ...
