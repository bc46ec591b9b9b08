"""Where products are kept."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from common.domain.product import Product
from common.kinds import value


@value
class ProductFilter:
    """What a list of products is narrowed to: one category, terms to have, both or neither."""

    category: str | None = None
    terms: tuple[str, ...] = ()
    """Of `common.domain.search.sought_terms`: each product of the list has all of them."""


@value
class ProductPage:
    """Some products in the order of their ids, and where the page behind this one begins.

    `next` is an id that the next page begins after; None where nothing is left. A page that has it may be
    short, or empty: a store looks at no more than it has said for one page, whatever it finds.
    """

    products: Sequence[Product]
    next: str | None


class ProductRepository(Protocol):
    """Every method raises `Unavailable` where the store does not answer, and may be called again."""

    def get(self, product_ids: Collection[str]) -> dict[str, Product]:
        """The products that exist among `product_ids`, by their ids."""
        ...

    def page(self, narrowed: ProductFilter, after: str | None, limit: int) -> ProductPage:
        """The first products, `limit` at most, in the order of their ids, those after the id `after` only.

        Following `next` leads to no product twice, and misses none that was there all along.
        """
        ...

    def categories(self) -> Sequence[str]:
        """The categories that products are of, each once, in alphabetical order."""
        ...

    def put(self, products: Iterable[Product]) -> None:
        """Adds the products, or replaces those that have their ids."""
        ...
