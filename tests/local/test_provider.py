"""The fake payment provider, as Stripe's library and a customer's browser see it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import define
from starlette.testclient import TestClient

from local.provider.app import application
from local.provider.errors import StripeError
from local.provider.forms import decode
from local.provider.page import amount_text
from local.provider.webhooks import LONGEST_PAUSE_SECONDS, pause

KEY = {"Authorization": "Bearer sk_test_1"}
SECONDS_TO_WAIT = 20


@define
class Clock:
    """Time that stands until it is moved."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[TestClient]:
    app = application(
        file=tmp_path / "provider.sqlite", address="http://127.0.0.1:1", api_keys=["sk_test_1"], now=clock
    )
    with TestClient(app, base_url="http://127.0.0.1:1", follow_redirects=False) as client:
        yield client


def session_params(**changed: str) -> dict[str, str]:
    params = {
        "mode": "payment",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "1999",
        "line_items[0][price_data][product_data][name]": 'A <cup> & "saucer"',
        "line_items[0][quantity]": "2",
        "success_url": "http://shop.example:8000/back?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.example:8000/back?a=1&b=2",
        "customer_email": "a@example.com",
        "metadata[order_id]": "order-1",
        "payment_intent_data[metadata][order_id]": "order-1",
    }
    return {name: value for name, value in (params | changed).items() if value != "-"}


def create(client: TestClient, headers: dict[str, str] | None = None, **changed: str) -> Any:
    return client.post("/v1/checkout/sessions", data=session_params(**changed), headers=KEY | (headers or {}))


def events(client: TestClient) -> list[dict[str, Any]]:
    """All events, oldest first."""
    told: list[dict[str, Any]] = client.get("/control/events").json()["events"]
    return told[::-1]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_WAIT
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)


def test_a_session_is_as_stripe_documents_it(client: TestClient, clock: Clock) -> None:
    """A new session is open and unpaid, sums its lines, and has no payment intent until somebody pays."""
    session = create(client).json()
    assert session["object"] == "checkout.session"
    assert (session["amount_total"], session["currency"]) == (3998, "usd")
    assert (session["status"], session["payment_status"], session["payment_intent"]) == (
        "open",
        "unpaid",
        None,
    )
    assert session["metadata"] == {"order_id": "order-1"}
    assert session["expires_at"] == clock.at + 24 * 3600
    path = f"/v1/checkout/sessions/{session['id']}"
    assert client.get(path, headers=KEY).json() == session
    listed = client.get(path, params={"expand[]": "line_items"}, headers=KEY).json()["line_items"]["data"]
    assert [(line["description"], line["quantity"]) for line in listed] == [('A <cup> & "saucer"', 2)]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk_test_2"}, {"Authorization": "Basic !"}])
def test_a_wrong_key_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    """Without the key nothing is answered but 401, in Stripe's shape."""
    answer = client.post("/v1/checkout/sessions", data=session_params(), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_the_key_may_come_by_basic_authentication(client: TestClient) -> None:
    """As with `curl -u KEY:`."""
    assert client.get("/v1/payment_intents/pi_1", auth=("sk_test_1", "")).status_code == 404


def test_several_keys_are_valid_while_they_rotate(client: TestClient) -> None:
    """Each of them opens the API until it is taken off the list; there is no list without keys."""

    def answers(key: str) -> int:
        return client.get("/v1/payment_intents/pi_1", auth=(key, "")).status_code

    for keys, expected in ((["new", "sk_test_1"], [404, 404]), (["new"], [404, 401])):
        assert client.put("/control/keys", json={"api_keys": keys}).json() == {"api_keys": len(keys)}
        assert [answers(key) for key in ("new", "sk_test_1")] == expected
    for wrong in ({"api_keys": []}, {"webhook_secrets": "one"}, {"keys": ["k"]}):
        assert client.put("/control/keys", json=wrong).status_code == 400


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"mode": "-"}, "mode"),
        ({"mode": "subscription"}, "mode"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"success_url": "-"}, "success_url"),
        ({"line_items[0][quantity]": "0"}, "line_items[0][quantity]"),
        ({"line_items[0][quantity]": "1.5"}, "line_items[0][quantity]"),
        ({"line_items[0][price_data][unit_amount]": "-1"}, "line_items[0][price_data][unit_amount]"),
        (
            {"line_items[0][price_data][product_data][name]": ""},
            "line_items[0][price_data][product_data][name]",
        ),
        ({"line_items[0][price]": "price_1"}, "line_items[0][price]"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"colour": "red"}, "colour"),
        ({"metadata[a]": "x" * 501}, "metadata"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": str(1_800_000_000 + 29 * 60)}, "expires_at"),
        ({"expires_at": str(1_800_000_000 + 25 * 3600)}, "expires_at"),
    ],
)
def test_wrong_parameters_are_refused(client: TestClient, changed: dict[str, str], param: str) -> None:
    """Each is named, as Stripe names it; an answer to one is not kept for the idempotency key."""
    key = {"Idempotency-Key": "k"}
    answer = create(client, key, **changed)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert create(client, key).status_code == 200


def test_the_same_key_gets_the_same_answer(client: TestClient, clock: Clock) -> None:
    """A repeated request is answered as before, and marked; after a day the key is new again."""
    key = {"Idempotency-Key": "k"}
    first = create(client, key)
    again = create(client, key)
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    clock.at += 24 * 3600 + 1
    assert create(client, key).json()["id"] != first.json()["id"]


def test_the_same_key_with_other_parameters_is_an_error(client: TestClient) -> None:
    """Stripe's idempotency_error, and nothing is made."""
    key = {"Idempotency-Key": "k"}
    create(client, key)
    answer = create(client, key, customer_email="b@example.com")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"


def test_a_failure_is_kept_for_its_key(client: TestClient) -> None:
    """As Stripe keeps it: who tries again with the same key gets the same refusal."""
    session = create(client).json()
    client.post(f"/c/pay/{session['id']}/pay")
    intent = client.get(f"/v1/checkout/sessions/{session['id']}", headers=KEY).json()["payment_intent"]
    refund, key = {"payment_intent": intent}, {"Idempotency-Key": "r"}
    client.put("/control/refunds", json={"mode": "refuse", "seconds": 60})
    refused = client.post("/v1/refunds", data=refund, headers=KEY | key)
    assert refused.json()["error"]["code"] == "balance_insufficient"
    client.put("/control/refunds", json={"mode": "accept"})
    assert client.post("/v1/refunds", data=refund, headers=KEY | key).json() == refused.json()
    assert client.post("/v1/refunds", data=refund, headers=KEY).status_code == 200


def test_refunds_can_be_out_of_service_for_a_while(client: TestClient, clock: Clock) -> None:
    """Then each gets 503, which is not kept for its key, and works when the time is over."""
    session = create(client).json()
    client.post(f"/c/pay/{session['id']}/pay")
    intent = client.get(f"/v1/checkout/sessions/{session['id']}", headers=KEY).json()["payment_intent"]
    client.put("/control/refunds", json={"mode": "unavailable", "seconds": 60})
    asked = {"data": {"payment_intent": intent}, "headers": KEY | {"Idempotency-Key": "r"}}
    assert client.post("/v1/refunds", **asked).status_code == 503
    clock.at += 61
    assert client.post("/v1/refunds", **asked).status_code == 200


def test_parts_of_a_payment_are_given_back_until_nothing_is_left(client: TestClient) -> None:
    """Refunds add up to the charge, and no further."""
    session = create(client).json()
    client.post(f"/c/pay/{session['id']}/pay")
    intent = client.get(f"/v1/checkout/sessions/{session['id']}", headers=KEY).json()["payment_intent"]

    def refund(**params: str) -> Any:
        return client.post("/v1/refunds", data={"payment_intent": intent} | params, headers=KEY).json()

    assert refund(amount="1000")["amount"] == 1000
    assert refund(amount="2999")["error"]["param"] == "amount"
    assert refund()["amount"] == 2998
    assert refund()["error"]["code"] == "charge_already_refunded"


def test_paying_leads_back_and_is_announced(client: TestClient) -> None:
    """The customer is sent to success_url, and the events carry what was paid; pressing twice pays once."""
    session = create(client).json()
    for _ in range(2):
        answer = client.post(f"/c/pay/{session['id']}/pay")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"http://shop.example:8000/back?session={session['id']}"
    told = events(client)
    assert [one["type"] for one in told] == ["payment_intent.succeeded", "checkout.session.completed"]
    intent, completed = (one["event"]["data"]["object"] for one in told)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 3998)
    assert intent["metadata"] == {"order_id": "order-1"}
    assert (completed["payment_status"], completed["payment_intent"]) == ("paid", intent["id"])
    assert all(one["event"]["object"] == "event" and one["event"]["livemode"] is False for one in told)


def test_a_declined_card_may_be_tried_again(client: TestClient) -> None:
    """The page says what happened and stays open; the event tells why."""
    session = create(client).json()
    page = f"/c/pay/{session['id']}"
    answer = client.post(f"{page}/decline", data={"decline_code": "insufficient_funds"})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    shown = client.get(page).text
    assert "Your card was declined. You can try again." in shown
    assert f'action="{page}/pay"' in shown
    (failed,) = events(client)
    assert failed["type"] == "payment_intent.payment_failed"
    assert failed["event"]["data"]["object"]["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert client.post(f"{page}/decline", data={"decline_code": "mood"}).status_code == 400


def test_the_page_shows_names_as_text(client: TestClient) -> None:
    """What comes from others is never markup, and the policy lets no script run."""
    session = create(client, customer_email="<script>x</script>@example.com").json()
    answer = client.get(f"/c/pay/{session['id']}")
    assert "A &lt;cup&gt; &amp; &quot;saucer&quot;" in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert "39.98 USD" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.example:8000;" in policy


def test_time_closes_a_session(client: TestClient, clock: Clock) -> None:
    """When its time is over it is announced as expired, and nobody can pay any more."""
    session = create(client, expires_at=str(int(clock.at) + 1800)).json()
    clock.at += 1801
    assert client.post(f"/c/pay/{session['id']}/pay").status_code == 410
    until(lambda: [one["type"] for one in events(client)] == ["checkout.session.expired"])
    assert client.get(f"/c/pay/{session['id']}").status_code == 410
    refused = client.post(f"/v1/checkout/sessions/{session['id']}/expire", headers=KEY)
    assert refused.status_code == 400


def test_unknown_things_are_not_found(client: TestClient) -> None:
    """In Stripe's shape for programs, as a page for people."""
    assert client.get("/v1/checkout/sessions/cs_1", headers=KEY).json()["error"]["code"] == "resource_missing"
    assert client.get("/v1/customers", headers=KEY).status_code == 404
    assert client.get("/c/pay/cs_1").status_code == 404
    assert client.post("/control/events/evt_1/send", json={}).status_code == 404


def test_only_programs_of_this_machine_reach_it(client: TestClient) -> None:
    """A page in a browser can neither post forms to /control nor come by a name of its own."""
    assert client.put("/control/delivery", data={"copies": "2"}).status_code == 415
    assert client.get("/control", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("delivery", {"copies": 0}),
        ("delivery", {"speed": 1}),
        ("delivery", {"copies": "two"}),
        ("delivery", {"hold": "yes"}),
        ("delivery", {"delay_seconds": -1}),
        ("delivery", {"events": 0}),
        ("refunds", {"mode": "maybe"}),
        ("webhook", {"url": "ftp://example.com"}),
        ("webhook", {}),
    ],
)
def test_wrong_wishes_are_refused(client: TestClient, path: str, body: dict[str, Any]) -> None:
    """What cannot be understood is told, and changes nothing."""
    before = client.get("/control").json()
    answer = client.put(f"/control/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/control").json() == before


def test_nested_parameters_are_read() -> None:
    """Groups, lists in the order of their numbers, and empty brackets."""
    body = urlencode({"a[1][b]": "2", "a[0][b]": "1", "c[d][e]": "ü&=", "f[]": "x"}).encode()
    assert decode(body) == {"a": [{"b": "1"}, {"b": "2"}], "c": {"d": {"e": "ü&="}}, "f": ["x"]}


@pytest.mark.parametrize("body", [b"a=1&a[b]=2", b"a[b]=2&a=1", b"a=%ff", b"\xff=1", b"]=1", b"a[b]c=1"])
def test_unreadable_parameters_are_refused(body: bytes) -> None:
    """What has no meaning is refused, and never crashes."""
    with pytest.raises(StripeError):
        decode(body)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1999, "usd", "19.99 USD"),
        (5, "usd", "0.05 USD"),
        (1234567, "jpy", "1,234,567 JPY"),
        (1230, "kwd", "1.230 KWD"),
    ],
)
def test_amounts_are_shown_by_their_currency(amount: int, currency: str, text: str) -> None:
    """Two decimals, none, or three."""
    assert amount_text(amount, currency) == text


def test_pauses_grow_to_a_minute() -> None:
    """Each is at least as long as the one before, also after a very long time."""
    pauses = [pause(attempts) for attempts in range(1, 2000)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
