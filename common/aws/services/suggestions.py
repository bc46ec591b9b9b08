"""What the order service knows of purchases, by calls of its internal functions."""

from collections.abc import Sequence

from common.codec import read
from common.kinds import service
from common.ports.functions import Functions


@service
class SuggestionsService:
    """`BoughtTogether`, by the order service's functions."""

    functions: Functions

    def bought_together(self, product_id: str) -> Sequence[str]:
        answer = self.functions.call("order", "bought_together", {"product_id": product_id})
        return read(answer, list[str])
