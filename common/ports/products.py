"""Where products are kept."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from attrs import frozen

from common.domain.product import Product


@frozen
class ProductFilter:
    """What a list of products is narrowed to: one category, words to search for, both or neither."""

    category: str | None = None
    words: str | None = None


class ProductRepository(Protocol):
    def get(self, product_ids: Collection[str]) -> dict[str, Product]:
        """The products that exist among `product_ids`, by their ids."""
        ...

    def page(self, narrowed: ProductFilter, after: str | None, limit: int) -> Sequence[Product]:
        """The first `limit` products in the order of their ids, those after the id `after` only.

        `words` finds products whose name, description, category or attribute values hold all of the
        words, whatever their case and accents; the last word may be the beginning of one.
        """
        ...

    def put(self, products: Iterable[Product]) -> None:
        """Adds the products, or replaces those that have their ids."""
        ...
