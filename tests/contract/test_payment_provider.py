"""What every payment provider does: one in memory, and Stripe's library against the fake on this machine."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import pytest
from attrs import define, field

from common.domain.money import Money
from common.domain.order import OrderLine, total_of
from common.domain.payment import Payment, PaymentStatus
from common.errors import Invalid, SignatureRefused
from common.payments.memory import MemoryProvider, MemoryWebhooks
from common.payments.stripe import StripeProvider
from common.payments.stripe_webhooks import StripeWebhooks
from common.ports.provider import (
    Checkout,
    PaymentProvider,
    ProviderEvent,
    ProviderRefused,
    ProviderUnavailable,
    Webhooks,
)
from local import processes
from local.provider.server import server
from local.provider.webhooks import signature
from tests.listener import free_port, listening

API_KEY = "sk_test_contract"
WEBHOOK_SECRET = "whsec_contract"
SECONDS_TO_WAIT = 20


@define
class MovableClock:
    """A clock that is some time ahead of the computer's."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@define
class GivenSecrets:
    """Secrets that are what they were given as."""

    fields: dict[str, Any]

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        return self.fields


class Harness(Protocol):
    """A provider together with its customers and its webhooks."""

    @property
    def provider(self) -> PaymentProvider: ...

    @property
    def webhooks(self) -> Webhooks: ...

    @property
    def clock(self) -> MovableClock: ...

    def pay(self, checkout: Checkout) -> None: ...

    def decline(self, checkout: Checkout) -> None: ...

    def told(self, order_id: UUID, status: PaymentStatus) -> Payment:
        """The payment of that status that a webhook told of; waits for it."""
        ...

    def was_told(self, order_id: UUID, status: PaymentStatus) -> bool:
        """Whether a webhook has told of a payment of that status until now."""
        ...

    def refunded(self, payment_id: str) -> int:
        """How much of a payment was given back, in minor units."""
        ...

    def break_off(self) -> None:
        """From here on the provider does not answer."""
        ...

    def webhook(self, order_id: UUID, at: datetime) -> tuple[bytes, dict[str, str]]:
        """A webhook about a payment that succeeded, signed at that moment."""
        ...

    def signed(self, body: bytes, at: datetime) -> dict[str, str]:
        """Headers that sign any body."""
        ...


@define
class InMemory:
    clock: MovableClock = field(factory=MovableClock)
    provider: MemoryProvider = field(init=False)
    webhooks: MemoryWebhooks = field(factory=MemoryWebhooks)

    def __attrs_post_init__(self) -> None:
        self.provider = MemoryProvider(self.clock)

    def pay(self, checkout: Checkout) -> None:
        self.provider.pay(checkout.checkout_id)

    def decline(self, checkout: Checkout) -> None:
        self.provider.decline(checkout.checkout_id)

    def told(self, order_id: UUID, status: PaymentStatus) -> Payment:
        payments = [event.payment for event in self.provider.events]
        return next(one for one in payments if one.order_id == order_id and one.status is status)

    def was_told(self, order_id: UUID, status: PaymentStatus) -> bool:
        payments = [event.payment for event in self.provider.events]
        return any(one.order_id == order_id and one.status is status for one in payments)

    def refunded(self, payment_id: str) -> int:
        return self.provider.refunds[payment_id].amount

    def break_off(self) -> None:
        self.provider.unavailable = True

    def webhook(self, order_id: UUID, at: datetime) -> tuple[bytes, dict[str, str]]:
        payment = Payment("payment-1", order_id, PaymentStatus.SUCCEEDED, Money(1999, "USD"), at)
        return self.webhooks.post(ProviderEvent("event-1", payment, livemode=False), at)

    def signed(self, body: bytes, at: datetime) -> dict[str, str]:
        return {"signature": self.webhooks.sign(body, at)}


@define
class Received:
    """Webhooks that arrived: headers by their lower-case names, and bodies."""

    url: str
    posted: list[tuple[dict[str, str], bytes]] = field(factory=list)


@define
class AtStripe:
    address: str
    received: Received
    clock: MovableClock = field(factory=MovableClock)
    secrets: GivenSecrets = field(init=False)
    provider: StripeProvider = field(init=False)
    webhooks: StripeWebhooks = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.secrets = GivenSecrets(
            {"api_key": API_KEY, "api_base": self.address, "webhook_secrets": [WEBHOOK_SECRET]}
        )
        self.provider = StripeProvider(
            self.secrets, "provider", self.clock, "http://127.0.0.1:9/back?a=b", retries=0
        )
        self.webhooks = StripeWebhooks(self.secrets, "provider")

    def pay(self, checkout: Checkout) -> None:
        httpx.post(f"{checkout.url}/pay", trust_env=False)

    def decline(self, checkout: Checkout) -> None:
        httpx.post(f"{checkout.url}/decline", trust_env=False)

    def told(self, order_id: UUID, status: PaymentStatus) -> Payment:
        end = time.monotonic() + SECONDS_TO_WAIT
        while time.monotonic() < end:
            for payment in self._payments():
                if payment.order_id == order_id and payment.status is status:
                    return payment
            time.sleep(0.02)
        raise AssertionError(f"No webhook told of a payment that is {status}.")

    def was_told(self, order_id: UUID, status: PaymentStatus) -> bool:
        return any(one.order_id == order_id and one.status is status for one in self._payments())

    def refunded(self, payment_id: str) -> int:
        answer = httpx.get(
            f"{self.address}/v1/refunds",
            params={"payment_intent": payment_id},
            headers={"Authorization": f"Bearer {API_KEY}"},
            trust_env=False,
        )
        return sum(refund["amount"] for refund in answer.json()["data"])

    def break_off(self) -> None:
        secrets = GivenSecrets({"api_key": API_KEY, "api_base": f"http://127.0.0.1:{free_port()}"})
        self.provider = StripeProvider(secrets, "provider", self.clock, "http://127.0.0.1:9/", retries=0)

    def webhook(self, order_id: UUID, at: datetime) -> tuple[bytes, dict[str, str]]:
        intent: dict[str, Any] = {"id": "pi_1", "metadata": {"order_id": str(order_id)}}
        intent |= {"amount_received": 1999, "currency": "usd"}
        event = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "livemode": False}
        body = json.dumps(event | {"created": int(at.timestamp()), "data": {"object": intent}}).encode()
        return body, self.signed(body, at)

    def signed(self, body: bytes, at: datetime) -> dict[str, str]:
        return {"stripe-signature": signature(body, [WEBHOOK_SECRET], int(at.timestamp()))}

    def _payments(self) -> list[Payment]:
        events = [
            self.webhooks.read(body, headers, self.clock.now())
            for headers, body in list(self.received.posted)
        ]
        return [event.payment for event in events if event is not None]


@pytest.fixture(scope="module")
def received() -> Iterator[Received]:
    posted: list[tuple[dict[str, str], bytes]] = []

    def take(_path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        posted.append((dict(headers), body))
        return 200, b""

    with listening(take) as address:
        yield Received(f"{address}/webhooks/stripe", posted)


@pytest.fixture(scope="module")
def stripe_address(tmp_path_factory: pytest.TempPathFactory, received: Received) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("provider")
    port = free_port()
    provider = server(
        port=port, api_keys=[API_KEY], webhook_secrets=[WEBHOOK_SECRET], webhook_url=received.url, home=home
    )
    processes.start([provider], home=home, report=lambda _: None)
    yield f"http://127.0.0.1:{port}"
    processes.stop(home=home, report=lambda _: None)


@pytest.fixture(params=["memory", "stripe"])
def harness(request: pytest.FixtureRequest) -> Harness:
    if request.param == "memory":
        return InMemory()
    return AtStripe(request.getfixturevalue("stripe_address"), request.getfixturevalue("received"))


def lines(currency: str = "USD", unit: int = 1999) -> list[OrderLine]:
    return [
        OrderLine("p-1", "Tasse „Grüße“ <b>", 2, Money(unit, currency)),
        OrderLine("p-2", "Κούπα & 杯", 1, Money(500, currency)),
    ]


def opened(harness: Harness, order_id: UUID, offered: list[OrderLine] | None = None) -> Checkout:
    offered = offered or lines()
    expires_at = harness.clock.now().replace(microsecond=0) + timedelta(hours=1)
    return harness.provider.open_checkout(order_id, offered, total_of(offered), "a@example.com", expires_at)


def test_a_checkout_is_open_until_the_time_that_was_asked_for(harness: Harness) -> None:
    """A new checkout has an address for the customer, and closes when it was asked to."""
    expires_at = harness.clock.now().replace(microsecond=0) + timedelta(minutes=45)
    checkout = harness.provider.open_checkout(
        uuid4(), lines(), total_of(lines()), "a@example.com", expires_at
    )
    assert checkout.url.startswith("http")
    assert checkout.expires_at == expires_at


def test_a_checkout_that_should_close_soon_is_opened_all_the_same(harness: Harness) -> None:
    """A provider that keeps checkouts open for some time at least opens it for that time."""
    expires_at = harness.clock.now().replace(microsecond=0) + timedelta(minutes=5)
    checkout = harness.provider.open_checkout(
        uuid4(), lines(), total_of(lines()), "a@example.com", expires_at
    )
    assert expires_at <= checkout.expires_at <= expires_at + timedelta(minutes=31)


def test_opening_a_checkout_again_opens_the_same(harness: Harness) -> None:
    """The same call returns the same checkout, also when so much time has passed that it is soon over."""
    order_id = uuid4()
    expires_at = harness.clock.now().replace(microsecond=0) + timedelta(minutes=40)
    asked = (order_id, lines(), total_of(lines()), "a@example.com", expires_at)
    first = harness.provider.open_checkout(*asked)
    harness.clock.ahead = timedelta(minutes=20)
    assert harness.provider.open_checkout(*asked) == first


def test_another_amount_for_the_same_order_is_refused(harness: Harness) -> None:
    """A second call for the same order and time that asks for other money opens nothing."""
    order_id = uuid4()
    expires_at = harness.clock.now().replace(microsecond=0) + timedelta(minutes=40)
    cheap, dear = lines(unit=100), lines(unit=200)
    harness.provider.open_checkout(order_id, cheap, total_of(cheap), "a@example.com", expires_at)
    with pytest.raises(ProviderRefused):
        harness.provider.open_checkout(order_id, dear, total_of(dear), "a@example.com", expires_at)


def test_a_total_that_is_not_the_sum_of_the_lines_is_invalid(harness: Harness) -> None:
    """Nobody can be asked for another amount than the lines come to."""
    expires_at = harness.clock.now() + timedelta(hours=1)
    with pytest.raises(Invalid):
        harness.provider.open_checkout(uuid4(), lines(), Money(1, "USD"), "a@example.com", expires_at)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD", "ISK", "UGX"])
def test_what_was_paid_is_what_the_order_costs(harness: Harness, currency: str) -> None:
    """A payment that succeeded names the order, and the very amount, in any currency."""
    order_id = uuid4()
    offered = lines(currency, 2000)
    harness.pay(opened(harness, order_id, offered))
    payment = harness.told(order_id, PaymentStatus.SUCCEEDED)
    assert payment.amount == Money(4500, currency)
    assert payment.reason == ""


def test_a_declined_card_may_be_followed_by_one_that_is_taken(harness: Harness) -> None:
    """A failure tells why; the page stays open, and a success after it is the same payment's."""
    order_id = uuid4()
    checkout = opened(harness, order_id)
    harness.decline(checkout)
    failed = harness.told(order_id, PaymentStatus.FAILED)
    assert failed.reason == "generic_decline"
    assert failed.amount == total_of(lines())
    harness.pay(checkout)
    assert harness.told(order_id, PaymentStatus.SUCCEEDED).payment_id == failed.payment_id


def test_nobody_pays_on_a_closed_checkout(harness: Harness) -> None:
    """Closing tells that the payment expired; paying has no effect any more, and closing again neither."""
    order_id = uuid4()
    checkout = opened(harness, order_id)
    harness.provider.close_checkout(checkout.checkout_id)
    harness.pay(checkout)
    harness.provider.close_checkout(checkout.checkout_id)
    assert harness.told(order_id, PaymentStatus.EXPIRED).amount == total_of(lines())
    assert not harness.was_told(order_id, PaymentStatus.SUCCEEDED)


def test_closing_a_paid_checkout_changes_nothing(harness: Harness) -> None:
    """A payment that succeeded stays one."""
    order_id = uuid4()
    checkout = opened(harness, order_id)
    harness.pay(checkout)
    harness.provider.close_checkout(checkout.checkout_id)
    harness.told(order_id, PaymentStatus.SUCCEEDED)
    assert not harness.was_told(order_id, PaymentStatus.EXPIRED)


def test_closing_an_unknown_checkout_is_refused(harness: Harness) -> None:
    """There is nothing to close under an id that the provider never gave."""
    with pytest.raises(ProviderRefused):
        harness.provider.close_checkout("cs_test_unknown")


def test_money_is_given_back_once(harness: Harness) -> None:
    """A refund that is asked for twice gives the money back once, also hours later."""
    order_id = uuid4()
    harness.pay(opened(harness, order_id))
    payment = harness.told(order_id, PaymentStatus.SUCCEEDED)
    harness.provider.refund(payment.payment_id, payment.amount)
    harness.provider.refund(payment.payment_id, payment.amount)
    harness.clock.ahead = timedelta(hours=5)
    harness.provider.refund(payment.payment_id, payment.amount)
    assert harness.refunded(payment.payment_id) == payment.amount.amount


def test_no_more_is_given_back_than_was_paid(harness: Harness) -> None:
    """A refund of more than the payment, or of a payment that there is not, is refused."""
    order_id = uuid4()
    harness.pay(opened(harness, order_id))
    payment = harness.told(order_id, PaymentStatus.SUCCEEDED)
    with pytest.raises(ProviderRefused):
        harness.provider.refund(payment.payment_id, payment.amount + Money(1, "USD"))
    with pytest.raises(ProviderRefused):
        harness.provider.refund("pi_unknown", payment.amount)


def test_a_failed_payment_has_nothing_to_give_back(harness: Harness) -> None:
    """Money that was never taken is not given back."""
    order_id = uuid4()
    harness.decline(opened(harness, order_id))
    payment = harness.told(order_id, PaymentStatus.FAILED)
    with pytest.raises(ProviderRefused):
        harness.provider.refund(payment.payment_id, payment.amount)


def test_a_provider_out_of_reach_is_unavailable(harness: Harness) -> None:
    """Each call then says that it may be made again."""
    harness.break_off()
    with pytest.raises(ProviderUnavailable):
        opened(harness, uuid4())
    with pytest.raises(ProviderUnavailable):
        harness.provider.close_checkout("cs_test_1")
    with pytest.raises(ProviderUnavailable):
        harness.provider.refund("pi_1", Money(1, "USD"))


def test_a_signed_webhook_is_read(harness: Harness) -> None:
    """What was signed by the provider tells of its order's payment."""
    order_id, now = uuid4(), harness.clock.now().replace(microsecond=0)
    event = harness.webhooks.read(*harness.webhook(order_id, now), now)
    assert event is not None
    assert event.payment.order_id == order_id
    assert event.payment.status is PaymentStatus.SUCCEEDED
    assert event.payment.amount == Money(1999, "USD")
    assert event.payment.occurred_at == now
    assert not event.livemode


@pytest.mark.parametrize(
    ("late", "reason"),
    [(timedelta(minutes=5, seconds=2), "too_old"), (timedelta(minutes=-1, seconds=-2), "in_future")],
)
def test_a_webhook_of_another_time_is_refused(harness: Harness, late: timedelta, reason: str) -> None:
    """A signature counts for five minutes, by the clock that is given, and not before it was made."""
    now = harness.clock.now()
    body, headers = harness.webhook(uuid4(), now)
    with pytest.raises(SignatureRefused) as refused:
        harness.webhooks.read(body, headers, now + late)
    assert refused.value.reason == reason


@pytest.mark.parametrize("late", [timedelta(minutes=4, seconds=58), timedelta(seconds=-58)])
def test_a_webhook_of_about_this_time_is_read(harness: Harness, late: timedelta) -> None:
    """Delays and clocks that differ a little do no harm."""
    now = harness.clock.now()
    assert harness.webhooks.read(*harness.webhook(uuid4(), now), now + late) is not None


def test_a_changed_body_is_refused(harness: Harness) -> None:
    """The signature covers every byte of the body."""
    now = harness.clock.now()
    body, headers = harness.webhook(uuid4(), now)
    with pytest.raises(SignatureRefused) as refused:
        harness.webhooks.read(body.replace(b"1999", b"1"), headers, now)
    assert refused.value.reason == "mismatch"


def test_a_webhook_without_a_signature_is_refused(harness: Harness) -> None:
    """Nobody's word counts without one."""
    now = harness.clock.now()
    with pytest.raises(SignatureRefused) as refused:
        harness.webhooks.read(harness.webhook(uuid4(), now)[0], {}, now)
    assert refused.value.reason == "missing"


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"{}", b'"text"', b"null"])
def test_a_signed_body_that_is_no_event_is_invalid(harness: Harness, body: bytes) -> None:
    """A signature makes no event of what is none."""
    now = harness.clock.now()
    with pytest.raises(Invalid):
        harness.webhooks.read(body, harness.signed(body, now), now)
