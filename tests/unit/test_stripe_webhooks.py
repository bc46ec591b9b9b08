"""What is made of the webhooks of Stripe, and of forged ones."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from stripe import WebhookSignature

from common.domain.money import Money
from common.domain.payment import PaymentStatus
from common.errors import Invalid, SignatureRefused
from common.payments.stripe_webhooks import StripeWebhooks
from common.ports.provider import ProviderEvent

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ORDER = UUID("0190a1b2-0000-7000-8000-000000000001")
SESSION = {
    "id": "cs_1",
    "object": "checkout.session",
    "amount_total": 1999,
    "currency": "usd",
    "metadata": {"order_id": str(ORDER)},
    "client_reference_id": None,
    "payment_intent": "pi_1",
    "payment_status": "paid",
}
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1999,
    "amount_received": 1999,
    "currency": "usd",
    "metadata": {"order_id": str(ORDER)},
    "last_payment_error": None,
}


@define
class CountedSecrets:
    """Secrets that change when they are read again, and count how often that was."""

    current: list[str]
    kept: list[str] | None = None
    reads_again: int = field(default=0)

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        self.reads_again += again
        if again or self.kept is None:
            self.kept = list(self.current)
        return {"webhook_secrets": self.kept}


def event(kind: str, about: dict[str, Any], **changed: Any) -> bytes:
    told = {"id": "evt_1", "object": "event", "type": kind, "created": AT, "livemode": False}
    return json.dumps(told | {"data": {"object": about}} | changed, indent=2).encode()


def read(body: bytes, key: str = "whsec_1", valid: tuple[str, ...] = ("whsec_1",)) -> ProviderEvent | None:
    header = WebhookSignature.generate_signature_header(body.decode(), key, AT)
    return StripeWebhooks(CountedSecrets(list(valid)), "name").read(body, {"stripe-signature": header}, NOW)


@pytest.mark.parametrize(
    ("kind", "about", "status", "reason"),
    [
        ("checkout.session.completed", SESSION, PaymentStatus.SUCCEEDED, ""),
        (
            "checkout.session.completed",
            SESSION | {"payment_status": "no_payment_required"},
            PaymentStatus.SUCCEEDED,
            "",
        ),
        ("checkout.session.async_payment_succeeded", SESSION, PaymentStatus.SUCCEEDED, ""),
        ("checkout.session.async_payment_failed", SESSION, PaymentStatus.FAILED, "async_payment_failed"),
        ("checkout.session.expired", SESSION, PaymentStatus.EXPIRED, "expired"),
        ("payment_intent.succeeded", INTENT, PaymentStatus.SUCCEEDED, ""),
        ("payment_intent.payment_failed", INTENT, PaymentStatus.FAILED, "payment_failed"),
        (
            "payment_intent.payment_failed",
            INTENT | {"last_payment_error": {"code": "card_declined", "decline_code": "lost_card"}},
            PaymentStatus.FAILED,
            "lost_card",
        ),
        (
            "payment_intent.payment_failed",
            INTENT | {"last_payment_error": {"code": "processing_error"}},
            PaymentStatus.FAILED,
            "processing_error",
        ),
    ],
)
def test_each_kind_tells_of_a_payment(
    kind: str, about: dict[str, Any], status: PaymentStatus, reason: str
) -> None:
    """The kinds that end a payment, or an attempt at one, become payments with the provider's reason."""
    told = read(event(kind, about))
    assert told is not None
    assert (told.event_id, told.livemode) == ("evt_1", False)
    payment = told.payment
    assert (payment.payment_id, payment.order_id, payment.status) == ("pi_1", ORDER, status)
    assert (payment.amount, payment.occurred_at, payment.reason) == (Money(1999, "USD"), NOW, reason)


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("checkout.session.completed", SESSION | {"payment_status": "unpaid"}),
        ("payment_intent.created", INTENT),
        ("charge.refunded", {"id": "ch_1"}),
        ("customer.created", {"id": "cus_1"}),
        ("payment_intent.succeeded", INTENT | {"metadata": {}}),
        ("payment_intent.succeeded", INTENT | {"metadata": {"order_id": "6735"}}),
        ("checkout.session.expired", SESSION | {"metadata": None}),
    ],
)
def test_what_is_not_the_shops_is_nothing(kind: str, about: dict[str, Any]) -> None:
    """Money that is still to come, other kinds, and payments that the shop did not open are passed over."""
    assert read(event(kind, about)) is None


@pytest.mark.parametrize("kind", ["checkout.session.completed", "payment_intent.succeeded"])
def test_the_correlation_id_of_the_checkout_comes_back(kind: str) -> None:
    """As the shop gave it to Stripe when it opened the checkout; empty for those that had none."""
    about = INTENT if kind.startswith("payment_intent") else SESSION
    told = read(event(kind, about | {"metadata": {"order_id": str(ORDER), "correlation_id": "corr-1"}}))
    assert told is not None
    assert told.correlation_id == "corr-1"
    without = read(event(kind, about))
    assert without is not None
    assert without.correlation_id == ""


def test_a_checkout_without_a_payment_goes_by_its_own_id() -> None:
    """Nobody tried to pay, so there is no payment intent: the payment has the session's id."""
    told = read(event("checkout.session.expired", SESSION | {"payment_intent": None}))
    assert told is not None
    assert told.payment.payment_id == "cs_1"


def test_the_reference_names_the_order_where_metadata_does_not() -> None:
    """Either of the two places that carry the order's id will do."""
    told = read(
        event("checkout.session.expired", SESSION | {"metadata": {}, "client_reference_id": str(ORDER)})
    )
    assert told is not None
    assert told.payment.order_id == ORDER


@pytest.mark.parametrize(
    "body",
    [
        event("payment_intent.succeeded", INTENT, data=None),
        event("payment_intent.succeeded", INTENT, created="soon"),
        event("payment_intent.succeeded", INTENT, created=10**30),
        event("payment_intent.succeeded", INTENT, object="list"),
        event("payment_intent.succeeded", INTENT, type=["a"]) + b"x",
        event("payment_intent.succeeded", INTENT | {"amount_received": "much"}),
        event("payment_intent.succeeded", INTENT | {"amount_received": -1}),
        event("payment_intent.succeeded", INTENT | {"currency": "dollars"}),
        event("payment_intent.succeeded", {"metadata": {"order_id": str(ORDER)}}),
        event("payment_intent.succeeded", INTENT | {"id": None}),
        event("payment_intent.succeeded", INTENT | {"id": 5}),
        event("payment_intent.succeeded", INTENT | {"id": "pi\0"}),
        event("payment_intent.succeeded", INTENT, id=None),
        event("payment_intent.succeeded", INTENT, id="evt\ud800"),
        b"[" * 100_000,
    ],
)
def test_a_broken_event_is_invalid(body: bytes) -> None:
    """A signed body in another shape is told as such."""
    with pytest.raises(Invalid):
        read(body)


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_secrets_can_be_rotated(secret: str) -> None:
    """While two secrets are valid, a signature by either is."""
    assert read(event("payment_intent.succeeded", INTENT), secret, ("whsec_old", "whsec_new")) is not None


def test_one_of_several_signatures_is_enough() -> None:
    """Stripe signs with each secret that is valid on its side; other schemes are passed over."""
    body = event("payment_intent.succeeded", INTENT)
    header = WebhookSignature.generate_signature_header(body.decode(), "whsec_1", AT)
    time, right = header.split(",")
    webhooks = StripeWebhooks(CountedSecrets(["whsec_1"]), "name")
    several = f"{time},v1={'0' * 64},v0={'1' * 64}, {right}"
    assert webhooks.read(body, {"stripe-signature": several}, NOW) is not None


@pytest.mark.parametrize(
    "header",
    [
        "nonsense",
        "t=,v1=",
        f"t={AT}",
        f"v1={'a' * 64}",
        f"t={AT},t={AT},v1={'a' * 64}",
        f"t=+{AT},v1={'a' * 64}",
        f"t={AT},v1=ä",
        f"t={AT},v1={'a' * 63}",
        f"t={AT},v0={'a' * 64}",
        f"t={'9' * 11},v1={'a' * 64}",
        f"t=١,v1={'a' * 64}",
    ],
)
def test_a_malformed_header_is_refused(header: str) -> None:
    """A header that Stripe would not send is refused before anything is computed."""
    secrets = CountedSecrets(["whsec_1"])
    with pytest.raises(SignatureRefused) as refused:
        StripeWebhooks(secrets, "name").read(b"{}", {"stripe-signature": header}, NOW)
    assert refused.value.reason == "malformed"
    assert secrets.kept is None


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b""])
def test_a_signature_by_somebody_else_is_refused(body: bytes) -> None:
    """No body counts without the secret, one that is not text neither."""
    with pytest.raises(SignatureRefused) as refused:
        StripeWebhooks(CountedSecrets(["whsec_1"]), "name").read(
            body, {"stripe-signature": f"t={AT},v1={'a' * 64}"}, NOW
        )
    assert refused.value.reason == "mismatch"


def test_no_secret_opens_no_door() -> None:
    """Where no secret is set, or an empty one, nothing is taken for signed."""
    body = event("payment_intent.succeeded", INTENT)
    for valid in ((), ("",)):
        with pytest.raises(SignatureRefused):
            read(body, "", valid)


def test_a_secret_that_is_no_list_opens_no_door() -> None:
    """A secret that was set up wrong is not taken for a list of its letters."""
    body = event("payment_intent.succeeded", INTENT)
    header = WebhookSignature.generate_signature_header(body.decode(), "w", AT)
    secrets = CountedSecrets(["whsec_1"], kept="whsec_1")  # type: ignore[arg-type]
    with pytest.raises(SignatureRefused):
        StripeWebhooks(secrets, "name").read(body, {"stripe-signature": header}, NOW)


def test_a_new_secret_is_found_without_a_restart() -> None:
    """After a mismatch the secret is read again, at most once a minute, however often strangers try."""
    secrets = CountedSecrets(["whsec_1"])
    webhooks = StripeWebhooks(secrets, "name")
    body = event("payment_intent.succeeded", INTENT)
    forged = {"stripe-signature": f"t={AT},v1={'a' * 64}"}
    for seconds in (0, 1, 59):
        with pytest.raises(SignatureRefused):
            webhooks.read(body, forged, NOW + timedelta(seconds=seconds))
    assert secrets.reads_again == 1
    secrets.current = ["whsec_2"]
    header = WebhookSignature.generate_signature_header(body.decode(), "whsec_2", AT)
    assert webhooks.read(body, {"stripe-signature": header}, NOW + timedelta(seconds=61)) is not None
    for _ in range(5):
        with pytest.raises(SignatureRefused):
            webhooks.read(body, forged, NOW + timedelta(seconds=62))
    assert secrets.reads_again == 2


def test_a_container_that_has_just_begun_finds_a_new_secret_at_once() -> None:
    """It read the secret a second before that was changed, and the next webhook bears the new one."""
    secrets = CountedSecrets(["whsec_1"])
    webhooks = StripeWebhooks(secrets, "name")
    body = event("payment_intent.succeeded", INTENT)
    for number, secret in enumerate(("whsec_1", "whsec_2")):
        secrets.current = [secret]
        header = WebhookSignature.generate_signature_header(body.decode(), secret, AT)
        at = NOW + timedelta(seconds=number)
        assert webhooks.read(body, {"stripe-signature": header}, at) is not None


def test_stripes_library_is_imported_late() -> None:
    """Importing the adapters does not import the library, which takes long, until somebody pays."""
    modules = "common.payments.stripe, common.payments.stripe_webhooks"
    script = f"import sys, {modules}; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
