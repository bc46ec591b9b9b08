"""Products in memory."""

from collections.abc import Collection, Iterable, Sequence

from attrs import define, field

from common.domain.product import Product
from common.domain.search import product_terms
from common.ports.products import ProductFilter


@define
class MemoryProducts:
    """`ProductRepository` in memory, for one thread."""

    _products: dict[str, Product] = field(factory=dict, init=False)
    _terms: dict[str, frozenset[str]] = field(factory=dict, init=False)

    def get(self, product_ids: Collection[str]) -> dict[str, Product]:
        return {name: self._products[name] for name in product_ids if name in self._products}

    def page(self, narrowed: ProductFilter, after: str | None, limit: int) -> Sequence[Product]:
        found = (product for _, product in sorted(self._products.items()) if self._is_in(product, narrowed))
        return [product for product in found if after is None or product.product_id > after][:limit]

    def put(self, products: Iterable[Product]) -> None:
        for product in products:
            self._products[product.product_id] = product
            self._terms[product.product_id] = frozenset(product_terms(product))

    def _is_in(self, product: Product, narrowed: ProductFilter) -> bool:
        in_category = narrowed.category in (None, product.category)
        return in_category and self._terms[product.product_id].issuperset(narrowed.terms)
