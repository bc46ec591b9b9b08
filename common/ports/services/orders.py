"""The order service, as another service sees it."""

from typing import Protocol
from uuid import UUID

from common.domain.order import Order
from common.domain.payment import Payment


class Orders(Protocol):
    """Its internal functions. Each raises `Unavailable` where it does not answer, and may be called again."""

    def get_order(self, order_id: UUID) -> Order | None:
        """The order, whoever asks: the caller checks whose it is."""
        ...

    def apply_payment(self, payment: Payment) -> Order | None:
        """Tells the order of a payment. Returns it as it then stands; None if there is no such order."""
        ...
