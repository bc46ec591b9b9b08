"""The payment service, as another service sees it."""

from typing import Protocol


class Payments(Protocol):
    """Its internal functions. Each raises `Unavailable` where it does not answer, and may be called again."""

    def request_refund(self, payment_id: str) -> None:
        """Has a payment that succeeded given back to the customer; does nothing to any other."""
        ...
