"""Stock and reservations: what the inventory counts."""

from enum import StrEnum

from common.kinds import value


@value
class StockLine:
    """`quantity` pieces of one product: at least one, or none where stock is counted."""

    product_id: str
    quantity: int


class ReservationState(StrEnum):
    """A reservation is held for its order until it is released, once and for good."""

    HELD = "held"
    RELEASED = "released"
