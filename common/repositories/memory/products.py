"""Products in memory."""

from collections.abc import Collection, Iterable

from attrs import field

from common.domain.product import Product
from common.domain.search import product_terms
from common.kinds import service
from common.ports.products import ProductFilter, ProductPage

# As many as no test has that does not mean to see short pages.
LOOKED_AT = 1000


@service
class MemoryProducts:
    """`ProductRepository` in memory, for one thread. A page looks at `looked_at` products of its category."""

    looked_at: int = LOOKED_AT
    _products: dict[str, Product] = field(factory=dict, init=False)
    _terms: dict[str, frozenset[str]] = field(factory=dict, init=False)

    def get(self, product_ids: Collection[str]) -> dict[str, Product]:
        return {name: self._products[name] for name in product_ids if name in self._products}

    def page(self, narrowed: ProductFilter, after: str | None, limit: int) -> ProductPage:
        coming = [
            product for name, product in sorted(self._products.items()) if after is None or name > after
        ]
        in_category = [product for product in coming if narrowed.category in (None, product.category)]
        looked_at = in_category[: self.looked_at]
        found = [
            product for product in looked_at if self._terms[product.product_id].issuperset(narrowed.terms)
        ]
        if len(found) > limit:
            return ProductPage(found[:limit], found[limit - 1].product_id)
        return ProductPage(found, looked_at[-1].product_id if looked_at != in_category else None)

    def categories(self) -> list[str]:
        return sorted({product.category for product in self._products.values()})

    def put(self, products: Iterable[Product]) -> None:
        for product in products:
            self._products[product.product_id] = product
            self._terms[product.product_id] = frozenset(product_terms(product))
