"""What those who run the shop may see of its stores: orders and what goes with them, in the order of ids.

Ids of orders are UUIDv7: a range of them is a span of time.
"""

from uuid import UUID

from attrs import field

from common.domain.rules import Between
from common.kinds import value


@value
class OrderRange:
    """The orders from `first` to `last`, both included, of which the first `limit` are wanted."""

    first: UUID
    last: UUID
    limit: int = field(validator=Between(1, 500))
