"""Stripe, through its own library."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from attrs import field

from common.domain.money import Money
from common.domain.order import OrderLine, total_of
from common.errors import Invalid
from common.kinds import service
from common.payments.stripe_money import to_stripe
from common.ports.clock import Clock
from common.ports.provider import Checkout, ProviderRefused, ProviderUnavailable
from common.ports.secrets import Secrets

# The library takes a fifth of a second to import, so that is put off until somebody pays.
if TYPE_CHECKING:
    from stripe import StripeClient, StripeError
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

T = TypeVar("T")

# To connect and to answer: three attempts and the pauses between them end before API Gateway's 29 seconds.
TIMEOUT_SECONDS = (2.0, 6.5)
RETRIES = 2

# A checkout of Stripe stays open for 30 minutes at least, by Stripe's clock, and for 24 hours at most.
SHORTEST_CHECKOUT = timedelta(minutes=31)
LONGEST_CHECKOUT = timedelta(hours=24) - timedelta(minutes=1)
MOST_LINES = 100

# The reason of a refusal where the idempotency key stands for another request.
KEY_REUSED = "idempotency_key_reused"

# Refusals that time may mend.
_PASSING = frozenset(["balance_insufficient"])


@service
class StripeProvider:
    """A `PaymentProvider` at Stripe.

    The secret has the fields `api_key` and, where Stripe is not at its own address, `api_base`. Customers
    come back to `return_url`, which gets `order_id` and `checkout` (paid or open) as query parameters.
    """

    _secrets: Secrets
    _secret_name: str
    _clock: Clock
    _return_url: str
    _retries: int = RETRIES
    _client: "StripeClient | None" = field(default=None, init=False)

    def open_checkout(
        self,
        order_id: UUID,
        lines: Sequence[OrderLine],
        total: Money,
        email: str,
        expires_at: datetime,
        correlation_id: str = "",
    ) -> Checkout:
        """As the port says. A checkout cannot close sooner than Stripe allows: where `expires_at` is too
        near, it is open 31 minutes longer; `Checkout.expires_at` tells.
        """
        if total_of(lines) != total:
            raise Invalid("The total is not the sum of the lines.")
        offered = _line_items(order_id, lines, total)
        key = f"checkout-{order_id}-{int(expires_at.timestamp())}"

        def open_until(expiry: datetime) -> Checkout:
            params = self._session(order_id, offered, email, expiry, correlation_id)
            session = self._call(
                lambda client: client.v1.checkout.sessions.create(params, {"idempotency_key": key})
            )
            closes = datetime.fromtimestamp(session.expires_at, UTC)
            return Checkout(session.id, session.url or "", closes)

        now = self._clock.now()
        if expires_at > now + LONGEST_CHECKOUT:
            raise Invalid("A checkout can be open for a day at most.")
        if expires_at >= now + SHORTEST_CHECKOUT:
            return open_until(expires_at)
        try:
            return open_until(expires_at + SHORTEST_CHECKOUT)
        except ProviderRefused as refusal:
            # The same call was made before, early enough to close on time.
            if refusal.reason != KEY_REUSED:
                raise
            return open_until(expires_at)

    def close_checkout(self, checkout_id: str) -> None:
        try:
            self._call(lambda client: client.v1.checkout.sessions.expire(checkout_id))
        except ProviderRefused:
            # Paid or expired sessions are refused, without a code of their own.
            session = self._call(lambda client: client.v1.checkout.sessions.retrieve(checkout_id))
            if session.status == "open":
                raise

    def refund(self, payment_id: str, amount: Money) -> None:
        """As the port says.

        Stripe keeps an answer for its idempotency key, a failure as well, so each hour has a key of its own;
        what was given back before is asked first.
        """
        wanted = to_stripe(amount)
        known = self._call(lambda client: client.v1.refunds.list({"payment_intent": payment_id}))
        if sum(one.amount for one in known.data if one.status not in ("failed", "canceled")) >= wanted:
            return
        hour = int(self._clock.now().timestamp()) // 3600
        try:
            self._call(
                lambda client: client.v1.refunds.create(
                    {"payment_intent": payment_id, "amount": wanted},
                    {"idempotency_key": f"refund-{payment_id}-{amount.amount}-{hour}"},
                )
            )
        except ProviderRefused as refusal:
            if refusal.reason != "charge_already_refunded":
                raise

    def _session(
        self,
        order_id: UUID,
        lines: "list[SessionCreateParamsLineItem]",
        email: str,
        expires_at: datetime,
        correlation_id: str,
    ) -> "SessionCreateParams":
        # Stripe gives it back with each event.
        metadata = {"order_id": str(order_id)}
        if correlation_id:
            metadata["correlation_id"] = correlation_id
        return {
            "mode": "payment",
            "line_items": lines,
            "client_reference_id": str(order_id),
            "customer_email": email,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "expires_at": int(expires_at.timestamp()),
            "success_url": self._back(order_id, "paid"),
            "cancel_url": self._back(order_id, "open"),
            # Else Stripe may offer another currency, and the amount paid would not be the order's.
            "adaptive_pricing": {"enabled": False},
        }

    def _back(self, order_id: UUID, checkout: str) -> str:
        address = urlsplit(self._return_url)
        query = urlencode({"order_id": str(order_id), "checkout": checkout})
        return urlunsplit(address._replace(query="&".join(filter(None, (address.query, query)))))

    def _call(self, ask: "Callable[[StripeClient], T]") -> T:
        """Asks Stripe; once more with the secret read again where Stripe did not know the key."""
        import stripe

        try:
            try:
                return ask(self._connected(again=False))
            except stripe.AuthenticationError:
                return ask(self._connected(again=True))
        except stripe.StripeError as error:
            raise _told(error) from error

    def _connected(self, *, again: bool) -> "StripeClient":
        if self._client is not None and not again:
            return self._client
        from stripe import RequestsClient, StripeClient

        secret = self._secrets.read(self._secret_name, again=again)
        if not secret.get("api_key"):
            raise ProviderUnavailable("The payment provider is not set up. Please try again later.")
        # It logs addresses and, at its lower levels, what is sent, mail addresses among it.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._client = StripeClient(
            secret["api_key"],
            base_addresses={"api": secret["api_base"]} if secret.get("api_base") else {},
            max_network_retries=self._retries,
            http_client=RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        return self._client


def _line_items(
    order_id: UUID, lines: Sequence[OrderLine], total: Money
) -> "list[SessionCreateParamsLineItem]":
    """The lines as Stripe shows them; those of an order with more than Stripe takes are shown as one."""
    if len(lines) > MOST_LINES:
        return [_line_item(f"Order {order_id}", total, 1)]
    return [
        _line_item(line.name.strip() or line.product_id, line.unit_price, line.quantity) for line in lines
    ]


def _line_item(name: str, price: Money, quantity: int) -> "SessionCreateParamsLineItem":
    return {
        "price_data": {
            "currency": price.currency.lower(),
            "unit_amount": to_stripe(price),
            "product_data": {"name": name},
        },
        "quantity": quantity,
    }


def _told(error: "StripeError") -> ProviderRefused | ProviderUnavailable:
    """What Stripe's library raises, in the shop's words; its own text goes to the cause only."""
    import stripe

    if isinstance(error, stripe.IdempotencyError):
        return ProviderRefused(
            "The payment provider was asked for something else before.", "idempotency_key_reused"
        )
    refused = isinstance(error, stripe.InvalidRequestError | stripe.CardError)
    if refused and error.code not in _PASSING:
        reason = error.code or str(getattr(error, "param", None) or "invalid_request")
        return ProviderRefused("The payment provider refused this.", reason)
    return ProviderUnavailable("The payment provider does not answer. Please try again.")
