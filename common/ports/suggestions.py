"""Where it is kept what was bought together. Every method raises `Unavailable`, and may be called again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from common.domain.suggestions import Purchase
from common.kinds import value


class Purchases(Protocol):
    """Purchases by product, and what follows from them."""

    def put(self, purchases: Sequence[Purchase]) -> None:
        """Stores each purchase for each of its products; one that is stored already changes nothing."""
        ...

    def newest(self, product_id: str, limit: int) -> Sequence[Purchase]:
        """The newest `limit` purchases with the product, of the last year or so, newest first."""
        ...

    def keep(self, suggestions: Mapping[str, Sequence[str]]) -> None:
        """Stores the suggestions for each product, in the place of those that it had."""
        ...

    def suggestions(self, product_id: str) -> Sequence[str]:
        """What was last kept for the product; nothing if nothing ever was."""
        ...


@value
class Due:
    """A product whose suggestions are to be worked out, as it was taken.

    `notes` is how often it was noted until then, `until` when somebody else may take it.
    """

    product_id: str
    notes: int
    until: datetime


class DueProducts(Protocol):
    """The products of which something was bought since their suggestions were worked out."""

    def note(self, product_ids: Collection[str]) -> None:
        """Makes the products due; also one that is being worked on just now, which is due again then."""
        ...

    def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Due]:
        """Takes `limit` products that are due and that nobody has; nobody else gets them before `until`."""
        ...

    def done(self, taken: Collection[Due]) -> None:
        """Their suggestions are kept: those that were not noted meanwhile are no longer due."""
        ...


class BoughtTogether(Protocol):
    """The order service, as whoever shows products sees it."""

    def bought_together(self, product_id: str) -> Sequence[str]:
        """The ids of the products that are suggested beside this one, the best first."""
        ...
