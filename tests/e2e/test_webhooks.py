"""The one address of the shop that asks for no token: who may tell it of payments."""

import json
import time
from typing import Any

import httpx
import pytest
from stripe import WebhookSignature

from tests.e2e.running import RunningShop, found, is_problem

TABLES = ("payments", "provider_events", "outbox", "checkouts")


def test_who_does_not_know_the_secret(shop: RunningShop) -> None:
    """A wrong signature, one of another body, or none: 400, and nothing is stored."""
    body, secret = _succeeded(shop), shop.described["webhook_secret"]
    before = _stored(shop)
    for header in (
        WebhookSignature.generate_signature_header(body, "whsec_guessed"),
        WebhookSignature.generate_signature_header(body.replace("1999", "1"), secret),
        f"t={int(time.time())},v1={'0' * 64}",
        "t=now",
        "",
    ):
        assert is_problem(_post(shop, body, header), 400)
    assert _stored(shop) == before


@pytest.mark.parametrize("age", [301, 3600, 365 * 24 * 3600])
def test_a_signature_of_long_ago(shop: RunningShop, age: int) -> None:
    """Rightly signed, but more than five minutes ago: 400, and nothing is stored."""
    body, secret = _succeeded(shop), shop.described["webhook_secret"]
    before = _stored(shop)
    old = WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age)
    assert is_problem(_post(shop, body, old), 400)
    assert _stored(shop) == before


def test_events_that_are_none_of_the_shops(shop: RunningShop) -> None:
    """Stripe's library signs an event of another kind, or of another shop's payment: 200, nothing stored."""
    before = _stored(shop)
    for kind, about in (
        ("invoice.paid", {"id": "in_1", "object": "invoice", "customer": "cus_1", "amount_paid": 1999}),
        ("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent", "metadata": {}}),
    ):
        body = _event(kind, about)
        signed = WebhookSignature.generate_signature_header(body, shop.described["webhook_secret"])
        assert found(_post(shop, body, signed)) == {"news": False}
    assert _stored(shop) == before


def test_a_signed_body_that_is_no_event(shop: RunningShop) -> None:
    """A problem of the sender's making, and nothing is stored."""
    before = _stored(shop)
    for body in ("{", "[]", "null", '{"object": "event"}'):
        signed = WebhookSignature.generate_signature_header(body, shop.described["webhook_secret"])
        answer = _post(shop, body, signed)
        assert answer.status_code in (400, 422), answer.text
        assert is_problem(answer, answer.status_code)
    assert _stored(shop) == before


def _succeeded(shop: RunningShop) -> str:
    """The event that an order was paid which awaits its payment."""
    order_id = shop.person().ordered((shop.product(), 1))
    intent = {
        "id": "pi_forged",
        "object": "payment_intent",
        "amount": 1999,
        "amount_received": 1999,
        "currency": "usd",
        "metadata": {"order_id": order_id},
        "last_payment_error": None,
    }
    return _event("payment_intent.succeeded", intent)


def _event(kind: str, about: dict[str, Any]) -> str:
    return json.dumps(
        {
            "id": "evt_forged",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": about},
        }
    )


def _post(shop: RunningShop, body: str, signature: str) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    return httpx.post(
        shop.described["webhook_url"], content=body.encode(), headers=headers, trust_env=False, timeout=30
    )


def _stored(shop: RunningShop) -> dict[str, object]:
    return {table: shop.rows("payment", f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}  # noqa: S608 - ours
