"""The product service, by calls of its internal functions."""

from collections.abc import Collection

from common.codec import read
from common.domain.product import Product
from common.kinds import service
from common.ports.functions import Functions


@service
class CatalogService:
    """`Catalog`, by the product service's functions."""

    functions: Functions

    def get_products(self, product_ids: Collection[str]) -> dict[str, Product]:
        answer = self.functions.call("product", "get_products", {"product_ids": list(product_ids)})
        return read(answer, dict[str, Product])
