"""What was bought together is noted for suggestions, before its order leaves for the archive.

The purchases are stored first, then their products are due: whoever works those out sees the purchases.
Broken off anywhere and done again, each order is there once.
"""

from collections.abc import Callable, Iterable

from common.domain.suggestions import Purchase
from common.kinds import service
from common.ports.suggestions import DueProducts, Purchases


@service
class NotePurchases:
    purchases: Callable[[], Purchases]
    due: DueProducts

    def __call__(self, purchases: Iterable[Purchase]) -> None:
        """Notes purchases of several products: one alone suggests nothing. Raises `Unavailable`."""
        together = [purchase for purchase in purchases if len(purchase.product_ids) > 1]
        if together:
            self.purchases().put(together)
            self.due.note({product_id for purchase in together for product_id in purchase.product_ids})
