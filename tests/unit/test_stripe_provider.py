"""What is made of Stripe's answers, with a Stripe that answers as it is told."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from attrs import define, field

from common.domain.money import Money
from common.domain.order import OrderLine, total_of
from common.errors import Invalid
from common.payments.stripe import StripeProvider
from common.ports.provider import ProviderRefused, ProviderUnavailable
from tests.listener import listening

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ORDER = UUID("0190a1b2-0000-7000-8000-000000000001")
CHECKOUT = {
    "id": "cs_1",
    "object": "checkout.session",
    "url": "https://x.example/",
    "expires_at": 1_800_000_000,
}


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@define
class Stripe:
    """`answers` are given one after another; `asked` has (path, API key, idempotency key, parameters)."""

    address: str = ""
    answers: list[tuple[int, Any]] = field(factory=list)
    asked: list[tuple[str, str, str | None, dict[str, list[str]]]] = field(factory=list)


@define
class RotatedSecrets:
    """Secrets whose API key is another when it is read again."""

    address: str

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        return {"api_key": "sk_new" if again else "sk_old", "api_base": self.address}


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    told = Stripe()

    def answer(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        key = headers["authorization"].removeprefix("Bearer ")
        told.asked.append((path, key, headers.get("idempotency-key"), parse_qs(body.decode())))
        status, text = told.answers.pop(0)
        return status, json.dumps(text).encode()

    with listening(answer) as told.address:
        yield told


@pytest.fixture
def provider(stripe: Stripe) -> StripeProvider:
    return StripeProvider(
        RotatedSecrets(stripe.address), "name", StoppedClock(), "https://shop.example/back?lang=en", retries=0
    )


def error(kind: str = "invalid_request_error", **more: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "No."} | more}


def open_checkout(provider: StripeProvider, count: int = 1, minutes: int = 60) -> None:
    lines = [OrderLine(f"p-{number}", f"Cup {number}", 1, Money(100, "USD")) for number in range(count)]
    provider.open_checkout(ORDER, lines, total_of(lines), "a@example.com", NOW + timedelta(minutes=minutes))


def refunds(*known: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"object": "list", "data": list(known), "url": "/v1/refunds", "has_more": False}


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, error("api_error")),
        (503, error("api_error")),
        (502, "no JSON object"),
        (429, error(code="rate_limit")),
        (409, error("idempotency_error", code="idempotency_key_in_use")),
        (403, error()),
        (400, error(code="balance_insufficient")),
    ],
)
def test_what_may_work_later_is_unavailable(
    provider: StripeProvider, stripe: Stripe, status: int, answer: object
) -> None:
    """Faults and limits of Stripe, and what only people can mend, do not end a payment or a refund."""
    stripe.answers = [(status, answer)]
    with pytest.raises(ProviderUnavailable):
        open_checkout(provider)


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (400, error(code="email_invalid"), "email_invalid"),
        (400, error(param="line_items"), "line_items"),
        (400, error("idempotency_error"), "idempotency_key_reused"),
        (402, error("card_error", code="card_declined"), "card_declined"),
        (404, error(code="resource_missing"), "resource_missing"),
    ],
)
def test_what_never_works_is_refused(
    provider: StripeProvider, stripe: Stripe, status: int, answer: object, reason: str
) -> None:
    """The refusal carries Stripe's own word for it, and not its text."""
    stripe.answers = [(status, answer)]
    with pytest.raises(ProviderRefused) as refused:
        open_checkout(provider)
    assert refused.value.reason == reason
    assert "No." not in str(refused.value)


def test_a_new_api_key_is_found_without_a_restart(provider: StripeProvider, stripe: Stripe) -> None:
    """Where Stripe does not know the key, the secret is read again and the call made once more."""
    stripe.answers = [(401, error()), (200, CHECKOUT), (200, CHECKOUT)]
    open_checkout(provider)
    open_checkout(provider)
    assert [key for _, key, _, _ in stripe.asked] == ["sk_old", "sk_new", "sk_new"]


def test_an_unknown_api_key_is_unavailable(provider: StripeProvider, stripe: Stripe) -> None:
    """The customer can do nothing about it but come back."""
    stripe.answers = [(401, error()), (401, error())]
    with pytest.raises(ProviderUnavailable):
        open_checkout(provider)


def test_the_order_can_be_told_from_whatever_stripe_says_later(
    provider: StripeProvider, stripe: Stripe
) -> None:
    """The session and its payment carry the order's id, and the customer comes back with it."""
    stripe.answers = [(200, CHECKOUT)]
    open_checkout(provider)
    params = stripe.asked[0][3]
    for name in ("client_reference_id", "metadata[order_id]", "payment_intent_data[metadata][order_id]"):
        assert params[name] == [str(ORDER)]
    assert params["success_url"] == [f"https://shop.example/back?lang=en&order_id={ORDER}&checkout=paid"]
    assert params["cancel_url"] == [f"https://shop.example/back?lang=en&order_id={ORDER}&checkout=open"]


@pytest.mark.parametrize(("minutes", "sent"), [(60, 60), (31, 31), (30, 61), (1, 32)])
def test_a_checkout_is_never_shorter_than_stripe_allows(
    provider: StripeProvider, stripe: Stripe, minutes: int, sent: int
) -> None:
    """Stripe wants 30 minutes; what should close sooner stays open 31 minutes longer."""
    stripe.answers = [(200, CHECKOUT)]
    open_checkout(provider, minutes=minutes)
    assert stripe.asked[0][3]["expires_at"] == [str(int((NOW + timedelta(minutes=sent)).timestamp()))]


def test_a_checkout_of_more_than_a_day_is_invalid(provider: StripeProvider) -> None:
    """Stripe allows 24 hours."""
    with pytest.raises(Invalid):
        open_checkout(provider, minutes=24 * 60)


def test_an_order_of_many_lines_is_paid_as_one(provider: StripeProvider, stripe: Stripe) -> None:
    """Stripe takes a hundred lines; a longer order shows its total alone."""
    stripe.answers = [(200, CHECKOUT), (200, CHECKOUT)]
    open_checkout(provider, count=100)
    open_checkout(provider, count=101)
    assert "line_items[99][quantity]" in stripe.asked[0][3]
    assert stripe.asked[1][3]["line_items[0][price_data][unit_amount]"] == ["10100"]
    assert "line_items[1][quantity]" not in stripe.asked[1][3]


def test_a_failed_refund_is_made_anew(provider: StripeProvider, stripe: Stripe) -> None:
    """A refund that Stripe took and could not carry out does not count as given back."""
    failed = {"id": "re_1", "object": "refund", "amount": 500, "status": "failed"}
    stripe.answers = [refunds(failed), (200, failed | {"id": "re_2", "status": "pending"})]
    provider.refund("pi_1", Money(500, "USD"))
    path, _, key, params = stripe.asked[1]
    assert path == "/v1/refunds"
    assert params == {"payment_intent": ["pi_1"], "amount": ["500"]}
    assert key is not None


def test_what_was_given_back_is_not_given_back_again(provider: StripeProvider, stripe: Stripe) -> None:
    """A part of a payment that was given back is not given again, though Stripe would let it."""
    stripe.answers = [refunds({"id": "re_1", "object": "refund", "amount": 500, "status": "succeeded"})]
    provider.refund("pi_1", Money(500, "USD"))
    assert len(stripe.asked) == 1


def test_a_refund_that_somebody_else_made_meanwhile_is_enough(
    provider: StripeProvider, stripe: Stripe
) -> None:
    """Stripe then says that nothing is left to give back."""
    stripe.answers = [refunds(), (400, error(code="charge_already_refunded"))]
    provider.refund("pi_1", Money(500, "USD"))
    assert len(stripe.asked) == 2


def test_a_secret_without_a_key_is_unavailable() -> None:
    """Before the provider is set up nobody can pay, and the customer is told to come back."""

    class NoKey:
        def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
            return {}

    with pytest.raises(ProviderUnavailable):
        open_checkout(StripeProvider(NoKey(), "name", StoppedClock(), "https://shop.example/"))
