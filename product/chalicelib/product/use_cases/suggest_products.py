"""A customer looks at a product, and is shown what others bought together with it."""

from collections.abc import Sequence

from common.domain.product import Product
from common.errors import NotFound, Unavailable
from common.kinds import service
from common.ports.products import ProductRepository
from common.ports.suggestions import BoughtTogether


@service
class SuggestProducts:
    products: ProductRepository
    orders: BoughtTogether

    def __call__(self, product_id: str) -> tuple[Sequence[Product], bool]:
        """The suggested products, the best first, and whether that is all there is to say.

        False where it is not known now what was bought together. What is no longer for sale is left out.
        Raises `NotFound`.
        """
        if product_id not in self.products.get([product_id]):
            raise NotFound("There is no such product.")
        try:
            suggested = self.orders.bought_together(product_id)
        except Unavailable:
            return [], False
        found = self.products.get(suggested)
        return [found[other] for other in suggested if other in found], True
