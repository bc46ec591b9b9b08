"""The other services of the shop, as a service sees them: the internal functions that it may call.

Every method raises `Unavailable` where the other service does not answer; all of them may be called again.
"""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from common.domain.order import Order
from common.domain.payment import Payment
from common.domain.product import Product
from common.domain.stock import ReservationState, StockLine


class Catalog(Protocol):
    """The product service."""

    def get_products(self, product_ids: Collection[str]) -> dict[str, Product]:
        """The products that exist among `product_ids`, by their ids."""
        ...


class Inventory(Protocol):
    """The inventory service."""

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        """Pieces that can be ordered now, by product; 0 for a product that was never stocked."""
        ...

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        """As `StockRepository.reserve`. Raises `OutOfStock`."""
        ...

    def release_stock(self, order_id: UUID) -> None:
        """As `StockRepository.release`."""
        ...


class Orders(Protocol):
    """The order service."""

    def get_order(self, order_id: UUID) -> Order | None:
        """The order, whoever asks: the caller checks whose it is."""
        ...

    def apply_payment(self, payment: Payment) -> Order | None:
        """Tells the order of a payment. Returns it as it then stands; None if there is no such order."""
        ...


class Payments(Protocol):
    """The payment service."""

    def request_refund(self, payment_id: str) -> None:
        """Has a payment that succeeded given back to the customer; does nothing to any other."""
        ...
