"""Stock and reservations: what the inventory counts."""

from enum import StrEnum

from attrs import frozen


@frozen
class StockLine:
    """`quantity` pieces, at least one, of one product."""

    product_id: str
    quantity: int


class ReservationState(StrEnum):
    """A reservation is held for its order until it is released, once and for good."""

    HELD = "held"
    RELEASED = "released"
