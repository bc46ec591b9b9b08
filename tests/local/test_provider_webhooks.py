"""The webhooks of the fake payment provider: delivered until taken, whatever happens, and amiss on wish."""

import time
from collections.abc import Callable, Iterator, Mapping
from os import kill
from pathlib import Path
from signal import SIGKILL

import httpx
import pytest
import stripe
from attrs import define, field

from local import processes
from local.processes import Server
from local.provider.server import server
from tests.listener import free_port, listening

API_KEY = "sk_test_webhooks"
SECRET = "whsec_webhooks"
SECONDS_TO_WAIT = 20


@define
class Shop:
    """A webhook address. It answers with `answers` one after another, then with 200."""

    url: str
    answers: list[int] = field(factory=list)
    posted: list[tuple[str, bytes]] = field(factory=list)

    def kinds(self) -> list[str]:
        """The kinds of the events that came, as they came; each must be signed."""
        return [
            str(stripe.Webhook.construct_event(body, signature, SECRET).type)
            for signature, body in list(self.posted)
        ]


@define
class Provider:
    """A provider in a process of its own."""

    server: Server
    home: Path
    http: httpx.Client

    def start(self) -> None:
        processes.start([self.server], home=self.home, report=lambda _: None)

    def stop(self) -> None:
        processes.stop(home=self.home, report=lambda _: None)

    def kill(self) -> None:
        (running,) = processes.recorded(self.home)
        kill(running.pid, SIGKILL)
        until(lambda: not running.is_alive())

    def open_checkout(self) -> str:
        """The path of a new checkout's page."""
        client = stripe.StripeClient(API_KEY, base_addresses={"api": str(self.http.base_url).rstrip("/")})
        session = client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [
                    {
                        "price_data": {
                            "currency": "usd",
                            "unit_amount": 1999,
                            "product_data": {"name": "Cup"},
                        },
                        "quantity": 1,
                    }
                ],
                "success_url": "http://127.0.0.1:9/",
            }
        )
        return f"/c/pay/{session.id}"

    def control(self, name: str, **wish: object) -> httpx.Response:
        return self.http.put(f"/control/{name}", json=wish).raise_for_status()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop("")

    def take(_path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        shop.posted.append((headers["stripe-signature"], body))
        return (shop.answers.pop(0) if shop.answers else 200), b""

    with listening(take) as address:
        shop.url = f"{address}/webhooks/stripe"
        yield shop


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    port = free_port()
    command = server(port=port, api_keys=[API_KEY], webhook_secrets=[SECRET], home=tmp_path)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
        provider = Provider(command, tmp_path, client)
        provider.start()
        yield provider
        provider.stop()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_WAIT
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)


PAID = ["payment_intent.succeeded", "checkout.session.completed"]


def test_events_wait_for_an_address(provider: Provider, shop: Shop) -> None:
    """What happened before the webhook address was known is delivered when it is."""
    provider.http.post(f"{provider.open_checkout()}/pay")
    provider.control("webhook", url=shop.url)
    until(lambda: sorted(shop.kinds()) == sorted(PAID))


def test_an_event_is_sent_until_it_is_taken(provider: Provider, shop: Shop) -> None:
    """Anything but 2xx, a redirect too, has the same bytes come again with a new signature; then no more."""
    shop.answers = [500, 302, 404]
    provider.control("webhook", url=shop.url)
    provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: len(shop.posted) == 4)
    assert len({body for _, body in shop.posted}) == 1
    assert len({signature for signature, _ in shop.posted}) > 1
    (told,) = provider.http.get("/control/events").json()["events"]
    until(lambda: provider.http.get("/control/events").json()["events"][0]["deliveries"][0]["delivered"])
    (told,) = provider.http.get("/control/events").json()["events"]
    assert [attempt["status"] for attempt in told["deliveries"][0]["attempts"]] == [500, 302, 404, 200]


def test_webhooks_bear_a_signature_of_each_secret_while_they_rotate(provider: Provider, shop: Shop) -> None:
    """Whoever knows only one of the two finds its own among them."""
    provider.control("keys", webhook_secrets=["whsec_new", SECRET])
    provider.control("webhook", url=shop.url)
    provider.http.post(f"{provider.open_checkout()}/pay")
    until(lambda: len(shop.posted) == 2)
    for header, body in shop.posted:
        for secret in ("whsec_new", SECRET):
            assert stripe.WebhookSignature.verify_header(body, header, secret)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, header, "whsec_other")


def test_a_killed_provider_loses_nothing(provider: Provider, shop: Shop) -> None:
    """Payments, refunds, kept answers and events that were not delivered survive SIGKILL."""
    page = provider.open_checkout()
    provider.http.post(f"{page}/pay")
    session_id = page.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": "refund"}
    session = provider.http.get(f"/v1/checkout/sessions/{session_id}", headers=headers).json()
    asked = {"payment_intent": session["payment_intent"]}
    refund = provider.http.post("/v1/refunds", data=asked, headers=headers).json()
    provider.kill()
    provider.start()
    assert provider.http.get(f"/v1/checkout/sessions/{session_id}", headers=headers).json() == session
    again = provider.http.post("/v1/refunds", data=asked, headers=headers)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (refund, "true")
    provider.control("webhook", url=shop.url)
    until(lambda: sorted(shop.kinds()) == sorted([*PAID, "charge.refunded"]))


def test_delivery_goes_on_after_a_kill(provider: Provider, shop: Shop) -> None:
    """An event that nobody took before the kill is delivered after it, without anybody asking."""
    shop.answers = [503] * 3
    provider.control("webhook", url=shop.url)
    provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: len(shop.posted) >= 1)
    provider.kill()
    shop.answers = []
    before = len(shop.posted)
    provider.start()
    until(lambda: len(shop.posted) > before)


def test_events_come_twice_on_wish(provider: Provider, shop: Shop) -> None:
    """The next so many events come several times; those after them once."""
    provider.control("webhook", url=shop.url)
    provider.control("delivery", copies=3, events=1)
    for _ in range(2):
        provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: len(shop.posted) == 4)
    ids = [body for _, body in shop.posted]
    assert sorted(ids.count(body) for body in set(ids)) == [1, 3]


def test_events_come_out_of_order_on_wish(provider: Provider, shop: Shop) -> None:
    """What happened last is told first."""
    provider.control("webhook", url=shop.url)
    provider.control("delivery", reordered=True)
    provider.http.post(f"{provider.open_checkout()}/pay")
    until(lambda: shop.kinds() == PAID[::-1])


@pytest.mark.parametrize("reverse", [False, True])
def test_events_are_held_on_wish(provider: Provider, shop: Shop, reverse: bool) -> None:
    """Held events come when they are released, in their order or the other way round."""
    provider.control("webhook", url=shop.url)
    provider.control("delivery", hold=True)
    provider.http.post(f"{provider.open_checkout()}/pay")
    provider.control("delivery")
    provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: shop.kinds() == ["payment_intent.payment_failed"])
    assert provider.http.get("/control").json()["held"] == 2
    provider.http.post("/control/release", json={"reverse": reverse})
    until(lambda: shop.kinds()[1:] == (PAID[::-1] if reverse else PAID))


def test_events_come_late_on_wish(provider: Provider, shop: Shop) -> None:
    """Not before the time is over, and then signed anew."""
    provider.control("webhook", url=shop.url)
    provider.control("delivery", delay_seconds=1)
    began = time.monotonic()
    provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: len(shop.kinds()) == 1)
    assert time.monotonic() - began >= 1


def test_an_event_can_be_sent_again(provider: Provider, shop: Shop) -> None:
    """The same bytes, long after they were taken."""
    provider.control("webhook", url=shop.url)
    provider.http.post(f"{provider.open_checkout()}/decline")
    until(lambda: len(shop.posted) == 1)
    (told,) = provider.http.get("/control/events").json()["events"]
    provider.http.post(f"/control/events/{told['id']}/send", json={})
    until(lambda: len(shop.posted) == 2)
    assert shop.posted[0][1] == shop.posted[1][1]


def test_nothing_secret_is_on_the_command_line(provider: Provider) -> None:
    """Other users of the machine see command lines; key and webhook secret are not there."""
    assert API_KEY not in " ".join(provider.server.command)
    assert SECRET not in " ".join(provider.server.command)
