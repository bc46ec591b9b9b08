"""Delivered orders move to the archive: copied, read back and compared, noted for suggestions, then removed.

Each step may be the last one before a crash, and two may run at once: an order that was copied and not
removed is copied again, to the same, and one is removed only as it was when it was read.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from common.domain.suggestions import Purchase
from common.kinds import service
from common.logging import logger
from common.ports.archive import OrderArchive, OrderCopy
from common.ports.clock import Clock
from common.ports.orders import Delivered, OrderRepository

BATCH = 500
# A batch takes a fifth of a second; a slow one, whose requests are sent twice, no more than this.
LONGEST_BATCH_SECONDS = 30


@service
class ArchiveDelivered:
    orders: OrderRepository
    archive: Callable[[], OrderArchive]
    clock: Clock
    age: timedelta
    note_purchases: Callable[[Iterable[Purchase]], None] = lambda purchases: None
    """Called for the orders of each batch, before they are removed; where none is given, nothing is noted."""

    def __call__(self, seconds_left: Callable[[], float]) -> int:
        """Moves orders that were delivered `age` ago or earlier; returns how many this run moved.

        After the first batch it begins none that may not end in the seconds that are left; the next run
        takes the rest. Raises `Unavailable`.
        """
        before = self.clock.now() - self.age
        moved = 0
        last: UUID | None = None
        while batch := self.orders.delivered(before, last, BATCH):
            moved += self._move(batch)
            last = batch[-1].copy.order_id
            if len(batch) < BATCH or seconds_left() < LONGEST_BATCH_SECONDS:
                break
        return moved

    def _move(self, batch: Sequence[Delivered]) -> int:
        archive = self.archive()
        copies = [order.copy for order in batch]
        archive.put(copies)
        kept = archive.read_back(copies)
        same = [order for order in batch if kept.get(order.copy.order_id) == order.copy]
        if len(same) < len(batch):
            logger("order").error(
                "The archive gave back other orders than it was given",
                extra={"given": len(batch), "given_back": len(same)},
            )
        self.note_purchases(bought_together(order.copy) for order in same)
        return self.orders.remove(same) if same else 0


def bought_together(copy: OrderCopy) -> Purchase:
    """Which products the order has, each once."""
    return Purchase(copy.order_id, tuple(sorted({line["product_id"] for line in json.loads(copy.lines)})))
