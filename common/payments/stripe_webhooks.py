"""What Stripe posts to the shop."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field

from common.domain.payment import Payment, PaymentStatus
from common.domain.rules import Text
from common.errors import Invalid, SignatureRefused
from common.kinds import service
from common.payments.stripe_money import from_stripe
from common.ports.provider import ProviderEvent
from common.ports.secrets import Secrets

SIGNATURE_HEADER = "Stripe-Signature"
OLDEST = timedelta(minutes=5)
# Clocks may differ a little; a signature from further ahead was not made by Stripe's clock.
FURTHEST_AHEAD = timedelta(minutes=1)
# The secret is read again after a signature that does not match, but strangers must not make that often.
READ_AGAIN_AFTER = timedelta(minutes=1)

_TIME = "[0-9]{1,10}"
_SIGNATURE = "[0-9a-f]{64}"
# What Stripe calls its things: they are keys in our tables.
_NAME = Text(1, 255)

Object = Mapping[str, Any]


@service
class StripeWebhooks:
    """`Webhooks` of Stripe. The secret's field `webhook_secrets` lists the secrets that are valid now.

    Stripe's library computes and compares the signatures. Ours are: the strict reading of the header, the
    choice among several secrets while they rotate, and the age by the clock that is given, since the library
    knows only the computer's, and takes signatures from the future.
    """

    _secrets: Secrets
    _secret_name: str
    _read_again_at: datetime | None = field(default=None, init=False)

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ProviderEvent | None:
        header = headers.get(SIGNATURE_HEADER.lower())
        if not header:
            raise SignatureRefused(f"The {SIGNATURE_HEADER} header is missing.", "missing")
        at, signatures = _parts(header)
        if not self._signed(body, at, signatures, now):
            raise SignatureRefused("The signature is not one of the payment provider's.", "mismatch")
        age = now - datetime.fromtimestamp(at, UTC)
        if age > OLDEST:
            raise SignatureRefused("The signature is more than five minutes old.", "too_old")
        if age < -FURTHEST_AHEAD:
            raise SignatureRefused("The signature was made in the future.", "in_future")
        return _event(body)

    def _signed(self, body: bytes, at: int, signatures: Iterable[str], now: datetime) -> bool:
        if _matches(body, at, signatures, self._secrets.read(self._secret_name)):
            return True
        if self._read_again_at is not None and now - self._read_again_at < READ_AGAIN_AFTER:
            return False
        self._read_again_at = now
        return _matches(body, at, signatures, self._secrets.read(self._secret_name, again=True))


def _parts(header: str) -> tuple[int, list[str]]:
    """The time and the v1 signatures of a header such as t=1700000000,v1=aa..,v1=bb..,v0=cc..."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and re.fullmatch(_SIGNATURE, value)]
    if len(times) != 1 or not re.fullmatch(_TIME, times[0]) or not signatures:
        raise SignatureRefused(f"The {SIGNATURE_HEADER} header is malformed.", "malformed")
    return int(times[0]), signatures


def _matches(body: bytes, at: int, signatures: Iterable[str], secret: Mapping[str, Any]) -> bool:
    """Whether one of the signatures over the time and the body was made with one of the secrets."""
    from stripe import SignatureVerificationError, WebhookSignature

    header = ",".join([f"t={at}", *(f"v1={signature}" for signature in signatures)])
    valid = secret.get("webhook_secrets")
    # A lone text would be taken for many secrets of one letter, which anybody can guess.
    for key in valid if isinstance(valid, list) else ():
        try:
            WebhookSignature.verify_header(body, header, key)
        except (SignatureVerificationError, UnicodeDecodeError):
            continue
        return True
    return False


def _event(body: bytes) -> ProviderEvent | None:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The webhook's body is not JSON.") from error
    try:
        if event["object"] != "event":
            raise TypeError(event["object"])
        read = _KINDS.get(event["type"])
        about = event["data"]["object"]
        payment = read and read(about, datetime.fromtimestamp(event["created"], UTC))
        if not payment:
            return None
        if not all(isinstance(name, str) and _NAME.holds(name) for name in (event["id"], payment.payment_id)):
            raise TypeError(event["id"])
        correlation_id = (about.get("metadata") or {}).get("correlation_id", "")
        return ProviderEvent(event["id"], payment, event["livemode"], correlation_id)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Invalid("The webhook's body is not an event of the payment provider.") from error


def _payment_of_session(session: Object, status: PaymentStatus, at: datetime, reason: str) -> Payment | None:
    order_id = _order_id(session)
    if order_id is None:
        return None
    amount = from_stripe(session["amount_total"], session["currency"])
    return Payment(session["payment_intent"] or session["id"], order_id, status, amount, at, reason)


def _completed(session: Object, at: datetime) -> Payment | None:
    # A bank debit, say, completes the checkout long before the money comes; another event tells then.
    if session["payment_status"] == "unpaid":
        return None
    return _payment_of_session(session, PaymentStatus.SUCCEEDED, at, "")


def _came_later(session: Object, at: datetime) -> Payment | None:
    return _payment_of_session(session, PaymentStatus.SUCCEEDED, at, "")


def _failed_later(session: Object, at: datetime) -> Payment | None:
    return _payment_of_session(session, PaymentStatus.FAILED, at, "async_payment_failed")


def _expired(session: Object, at: datetime) -> Payment | None:
    return _payment_of_session(session, PaymentStatus.EXPIRED, at, "expired")


def _succeeded(intent: Object, at: datetime) -> Payment | None:
    order_id = _order_id(intent)
    if order_id is None:
        return None
    amount = from_stripe(intent["amount_received"], intent["currency"])
    return Payment(intent["id"], order_id, PaymentStatus.SUCCEEDED, amount, at)


def _failed(intent: Object, at: datetime) -> Payment | None:
    order_id = _order_id(intent)
    if order_id is None:
        return None
    error = intent["last_payment_error"] or {}
    reason = error.get("decline_code") or error.get("code") or "payment_failed"
    amount = from_stripe(intent["amount"], intent["currency"])
    return Payment(intent["id"], order_id, PaymentStatus.FAILED, amount, at, reason)


_KINDS: dict[str, Callable[[Object, datetime], Payment | None]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _came_later,
    "checkout.session.async_payment_failed": _failed_later,
    "checkout.session.expired": _expired,
    "payment_intent.succeeded": _succeeded,
    "payment_intent.payment_failed": _failed,
}


def _order_id(about: Object) -> UUID | None:
    """The order that the shop named when it opened the checkout; None for what the shop did not open."""
    named = (about.get("metadata") or {}).get("order_id") or about.get("client_reference_id")
    try:
        return UUID(named) if named else None
    except ValueError:
        return None
