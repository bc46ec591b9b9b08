"""The suggestions for each product of which something was bought lately are worked out anew.

From the newest purchases with the product, no more than a thousand: so a product that ten thousand have
bought costs what one costs that a thousand have, and what is suggested is what is bought now.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from common.domain.suggestions import bought_with
from common.kinds import service
from common.ports.clock import Clock
from common.ports.suggestions import Due, DueProducts, Purchases

COUNTED = 1000
BATCH = 20
LONGEST_BATCH_SECONDS = 30
# Longer than a function lives, so that no two ever work on the same product.
LEASE = timedelta(minutes=15)


@service
class RankSuggestions:
    purchases: Callable[[], Purchases]
    due: DueProducts
    clock: Clock

    def __call__(self, seconds_left: Callable[[], float]) -> int:
        """Works out what is due; returns for how many products.

        After the first batch it begins none that may not end in the seconds that are left; the next run
        takes the rest, and what this one could not finish. Raises `Unavailable`.
        """
        ranked = 0
        while taken := self._take():
            purchases = self.purchases()
            purchases.keep({due.product_id: self._suggestions(purchases, due.product_id) for due in taken})
            self.due.done(taken)
            ranked += len(taken)
            if seconds_left() < LONGEST_BATCH_SECONDS:
                break
        return ranked

    def _take(self) -> Sequence[Due]:
        now = self.clock.now()
        return self.due.take(now, now + LEASE, BATCH)

    def _suggestions(self, purchases: Purchases, product_id: str) -> list[str]:
        return bought_with(product_id, purchases.newest(product_id, COUNTED))
