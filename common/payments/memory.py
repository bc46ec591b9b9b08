"""A payment provider in memory."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import evolve, field

from common.codec import read, write
from common.domain.money import Money
from common.domain.order import OrderLine, total_of
from common.domain.payment import Payment, PaymentStatus
from common.errors import Invalid, SignatureRefused
from common.kinds import service
from common.ports.clock import Clock
from common.ports.provider import Checkout, ProviderEvent, ProviderRefused, ProviderUnavailable

OLDEST = timedelta(minutes=5)
FURTHEST_AHEAD = timedelta(minutes=1)


@service
class _Page:
    """One checkout: what it was opened with, and what became of it."""

    checkout: Checkout
    asked: tuple[object, ...]
    payment: Payment
    correlation_id: str
    is_open: bool = True


@service
class MemoryProvider:
    """A `PaymentProvider` in memory, for one thread.

    `pay`, `decline` and `expire` are what customers and time do. What it would tell by webhook is added to
    `events`, for whoever delivers it. While `unavailable` is set, every call of the port fails.
    """

    _clock: Clock
    events: list[ProviderEvent] = field(factory=list, init=False)
    refunds: dict[str, Money] = field(factory=dict, init=False)
    unavailable: bool = field(default=False, init=False)
    _pages: dict[str, _Page] = field(factory=dict, init=False)

    def open_checkout(
        self,
        order_id: UUID,
        lines: Sequence[OrderLine],
        total: Money,
        email: str,
        expires_at: datetime,
        correlation_id: str = "",
    ) -> Checkout:
        self._answer()
        if total_of(lines) != total:
            raise Invalid("The total is not the sum of the lines.")
        checkout_id = f"checkout-{order_id}-{int(expires_at.timestamp())}"
        asked = (order_id, tuple(lines), total, email, expires_at, correlation_id)
        if checkout_id not in self._pages:
            checkout = Checkout(checkout_id, f"https://provider.example/{checkout_id}", expires_at)
            payment = Payment(f"payment-{checkout_id}", order_id, PaymentStatus.EXPIRED, total, expires_at)
            self._pages[checkout_id] = _Page(checkout, asked, payment, correlation_id)
        elif self._pages[checkout_id].asked != asked:
            raise ProviderRefused("Another checkout was opened for this order.", "idempotency_key_reused")
        return self._pages[checkout_id].checkout

    def close_checkout(self, checkout_id: str) -> None:
        self._answer()
        if checkout_id not in self._pages:
            raise ProviderRefused("There is no such checkout.", "resource_missing")
        self.expire(checkout_id)

    def refund(self, payment_id: str, amount: Money) -> None:
        self._answer()
        payments = [page.payment for page in self._pages.values() if page.payment.payment_id == payment_id]
        paid = [payment for payment in payments if payment.status is PaymentStatus.SUCCEEDED]
        if not paid:
            raise ProviderRefused("There is no such payment.", "resource_missing")
        if amount.currency != paid[0].amount.currency or amount.amount > paid[0].amount.amount:
            raise ProviderRefused("That is more than was paid.", "amount")
        self.refunds[payment_id] = amount

    def pay(self, checkout_id: str) -> None:
        """The customer pays, if the page is still open."""
        self._attempt(checkout_id, PaymentStatus.SUCCEEDED, "", stays_open=False)

    def decline(self, checkout_id: str, reason: str = "generic_decline") -> None:
        """The customer's card is declined; the page stays open."""
        self._attempt(checkout_id, PaymentStatus.FAILED, reason, stays_open=True)

    def expire(self, checkout_id: str) -> None:
        """The page's time is over, if it is still open."""
        self._attempt(checkout_id, PaymentStatus.EXPIRED, "expired", stays_open=False)

    def _attempt(self, checkout_id: str, status: PaymentStatus, reason: str, *, stays_open: bool) -> None:
        page = self._pages[checkout_id]
        if not page.is_open:
            return
        page.is_open = stays_open
        page.payment = evolve(page.payment, status=status, reason=reason, occurred_at=self._clock.now())
        event_id = f"event-{len(self.events) + 1}"
        self.events.append(ProviderEvent(event_id, page.payment, False, page.correlation_id))

    def _answer(self) -> None:
        if self.unavailable:
            raise ProviderUnavailable("The payment provider does not answer. Please try again.")


@service
class MemoryWebhooks:
    """`Webhooks` of a `MemoryProvider`: the event itself as JSON, signed with a secret."""

    _secret: str = field(default="secret")

    def post(self, event: ProviderEvent, at: datetime) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the webhook that tells of `event`, signed at that moment."""
        body = write(event).encode()
        return body, {"signature": self.sign(body, at)}

    def sign(self, body: bytes, at: datetime) -> str:
        seconds = str(int(at.timestamp()))
        return (
            f"{seconds}.{hmac.digest(self._secret.encode(), seconds.encode() + body, hashlib.sha256).hex()}"
        )

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ProviderEvent | None:
        signature = headers.get("signature", "")
        seconds = signature.partition(".")[0]
        if not signature:
            raise SignatureRefused("The signature is missing.", "missing")
        if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 10):
            raise SignatureRefused("The signature is malformed.", "malformed")
        at = datetime.fromtimestamp(int(seconds), UTC)
        if not hmac.compare_digest(self.sign(body, at).encode(), signature.encode()):
            raise SignatureRefused("The signature is not one of the payment provider's.", "mismatch")
        if now - at > OLDEST:
            raise SignatureRefused("The signature is more than five minutes old.", "too_old")
        if at - now > FURTHEST_AHEAD:
            raise SignatureRefused("The signature was made in the future.", "in_future")
        try:
            return read(json.loads(body), ProviderEvent)
        except ValueError as error:
            raise Invalid("The webhook's body is not JSON.") from error
