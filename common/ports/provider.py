"""The payment provider: where the customer's money is taken and given back, and what it tells by webhook."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from common.domain.money import Money
from common.domain.order import OrderLine
from common.domain.payment import Payment
from common.errors import Refused, Unavailable
from common.kinds import value


class ProviderUnavailable(Unavailable):
    """The provider does not answer now. The same call, with the same key, may be made again."""


class ProviderRefused(Refused):
    """The provider gave a final no."""


@value
class Checkout:
    """A page of the provider where the customer pays: its id, its address, and until when it is open."""

    checkout_id: str
    url: str
    expires_at: datetime


@value
class ProviderEvent:
    """What one webhook says: the provider's id of the event, and the payment as it stands by it.

    `livemode` is False for test money. `correlation_id` is the one that the checkout was opened with.
    """

    event_id: str
    payment: Payment
    livemode: bool
    correlation_id: str = ""


class PaymentProvider(Protocol):
    """Each call may be made again with the same arguments: it takes effect once.

    All raise `ProviderUnavailable` or `ProviderRefused`.
    """

    def open_checkout(
        self,
        order_id: UUID,
        lines: Sequence[OrderLine],
        total: Money,
        email: str,
        expires_at: datetime,
        correlation_id: str = "",
    ) -> Checkout:
        """Opens a page where the customer pays `total` for the order, until about `expires_at`.

        What the provider tells of it brings `correlation_id` back: an order's own, the same at each call.
        """
        ...

    def close_checkout(self, checkout_id: str) -> None:
        """Closes the page, if it is still open: nobody can pay there any more."""
        ...

    def refund(self, payment_id: str, amount: Money) -> None:
        """Gives the money back, once however often it is asked."""
        ...


class Webhooks(Protocol):
    """Reads what the provider posts to the shop."""

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ProviderEvent | None:
        """Verifies the signature over the raw body, and its age against `now`; only then reads it.

        Returns None for an event that is none of the shop's: of another kind, or for no order.
        Header names are lower-case. Raises `SignatureRefused`, and `Invalid` for a signed body that is
        not an event.
        """
        ...
