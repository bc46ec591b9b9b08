"""What customers bought together with a product."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from common.kinds import value

# How many other products are kept for each product.
MOST_SUGGESTIONS = 10


@value
class Purchase:
    """A delivered order, as far as suggestions go: which products were bought together, each once."""

    order_id: UUID
    product_ids: tuple[str, ...]


def bought_with(product_id: str, purchases: Iterable[Purchase]) -> list[str]:
    """The products that most of the purchases have beside this one, most frequent first, ten at most.

    Each purchase counts once, however many pieces it has. Among equals the smaller id comes first.
    """
    counts = Counter(other for purchase in purchases for other in set(purchase.product_ids) - {product_id})
    return sorted(counts, key=lambda other: (-counts[other], other))[:MOST_SUGGESTIONS]
