"""What the edge answers, whatever is sent: statuses and problem details of all routes for customers."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.functional.shop import Answer, Shop

NOWHERE = "01910d8e-0000-7000-8000-000000000000"
SECOND = timedelta(seconds=1)
ORDER = {"lines": [{"product_id": "tea", "quantity": 1}]}

ROUTES = [
    ("GET", "/categories"),
    ("GET", "/products"),
    ("GET", "/products/tea"),
    ("POST", "/orders"),
    ("GET", "/orders"),
    ("GET", f"/orders/{NOWHERE}"),
    ("POST", f"/orders/{NOWHERE}/cancel"),
    ("POST", "/payments/checkout"),
    ("GET", f"/payments/{NOWHERE}"),
    ("GET", f"/invoices/{NOWHERE}"),
]


def is_problem(answer: Answer, status: int, kind: str) -> bool:
    """Whether the answer is the RFC 9457 problem of that status and type."""
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and answer.status == answer.body["status"] == status
        and answer.body["type"] == f"/problems/{kind}"
        and {"title", "detail"} <= answer.body.keys()
    )


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("token", [None, "Basic not.e30.ours", "not.e30.ours", "Bearer not.e30.ours"])
def test_nobody_comes_in_without_a_token_of_the_shop(
    shop: Shop, method: str, path: str, token: str | None
) -> None:
    """401 on every route, whatever stands in the header, and before anything else is looked at."""
    headers = {"Authorization": token} if token else {}
    answer = shop.http(method, path, who=None, **headers)
    assert is_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("who", ["bob", "ada"])
@pytest.mark.parametrize("method_and_path", [route for route in ROUTES if NOWHERE in route[1]])
def test_what_is_anothers_is_as_if_it_did_not_exist(
    shop: Shop, method_and_path: tuple[str, str], who: str
) -> None:
    """404, with the same words for another's order as for none at all."""
    method, path = method_and_path
    order_id = shop.place(tea=1).body["order_id"]
    wanted = order_id if who == "bob" else NOWHERE
    answer = shop.http(method, path.replace(NOWHERE, wanted), who=who)
    assert is_problem(answer, 404, "not-found")
    assert answer.body["detail"] == "There is no such order."
    checkout = shop.http("POST", "/payments/checkout", {"order_id": wanted}, who=who)
    assert is_problem(checkout, 404, "not-found")
    assert shop.order(order_id)["status"] == "awaiting_payment"


@pytest.mark.parametrize(
    "name", ["x", "1", "..", "%00", "'", f"{NOWHERE}x", NOWHERE.upper(), "{" + NOWHERE + "}"]
)
@pytest.mark.parametrize("path", ["/orders/{}", "/payments/{}", "/invoices/{}"])
def test_what_is_no_id_names_nothing(shop: Shop, path: str, name: str) -> None:
    """404, and never an error of a store."""
    assert is_problem(shop.http("GET", path.format(name)), 404, "not-found")


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"[1,]", 400, "malformed"),
        (b'{"lines": [NaN]}', 400, "malformed"),
        (b'{"lines": [Infinity]}', 400, "malformed"),
        (b'{"lines": [], "lines": []}', 400, "malformed"),
        (b"\xff\xfe{}", 400, "malformed"),
        (b'\xef\xbb\xbf{"lines": []}', 400, "malformed"),
        (b'{"lines": [{"product_id": "te\\u0000a", "quantity": 1}]}', 400, "malformed"),
        (b'{"lines": [{"product_id": "\\ud800", "quantity": 1}]}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"a":' * 50_000, 400, "malformed"),
        (b'{"lines": [' + b"9" * 100_000 + b"]}", 400, "malformed"),
        (b" " * 300_000, 413, "too-large"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"1e999", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"lines": null}', 422, "invalid"),
        (b'{"lines": {}}', 422, "invalid"),
        (b'{"lines": []}', 422, "invalid"),
        (b'{"lines": [null]}', 422, "invalid"),
        (b'{"lines": [[]]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea"}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": "1"}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 1.0}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 1e2}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": true}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 0}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": -1}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 10001}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 9223372036854775808}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": 5, "quantity": 1}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 1, "price": 1}]}', 422, "invalid"),
        (b'{"lines": [{"product_id": "tea", "quantity": 1}], "total": 1}', 422, "invalid"),
        (b'{"lines": [{"product_id": "gone", "quantity": 1}]}', 422, "invalid"),
        (
            b'{"lines": [{"product_id": "tea", "quantity": 1}, {"product_id": "tea", "quantity": 1}]}',
            422,
            "invalid",
        ),
        (
            json.dumps({"lines": [{"product_id": str(n), "quantity": 1} for n in range(101)]}).encode(),
            422,
            "invalid",
        ),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_a_body_is_understood_or_refused(shop: Shop, raw: bytes, status: int, kind: str) -> None:
    """Never 500, and nothing is ordered."""
    answer = shop.http("POST", "/orders", raw=raw, Idempotency_Key="key-1")
    assert is_problem(answer, status, kind)
    assert shop.http("GET", "/orders").body["items"] == []


def test_each_wrong_field_is_named(shop: Shop) -> None:
    """A client can show each message where it belongs."""
    body = {"lines": [{"product_id": "tea", "quantity": "1"}, {"quantity": 1}], "total": 5}
    answer = shop.http("POST", "/orders", body, Idempotency_Key="key-1")
    named = {error["field"]: error["detail"] for error in answer.body["errors"]}
    assert named["lines[0].quantity"] == "must be a whole number"
    assert named["lines[1].product_id"] == "is missing"
    assert any("total" in detail for detail in named.values())


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
def test_only_json_is_read(shop: Shop, media_type: str) -> None:
    """415 where the gateway lets a body of another type in."""
    answer = shop.http("POST", "/orders", ORDER, Content_Type=media_type, Idempotency_Key="key-1")
    assert answer.status == 415


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ключ", "two\nlines"])
def test_an_order_needs_a_key(shop: Shop, key: str) -> None:
    """1 to 255 printable characters."""
    assert is_problem(shop.http("POST", "/orders", ORDER, Idempotency_Key=key), 400, "malformed")
    assert is_problem(shop.http("POST", "/orders", ORDER), 400, "malformed")


def test_a_key_is_used_for_one_order(shop: Shop) -> None:
    """The same key with another order is refused; another customer's key is their own."""
    first = shop.place("key-1", tea=1)
    other = shop.place("key-1", tea=2)
    assert is_problem(other, 409, "idempotency-key-reused")
    assert other.body["code"] == "idempotency_key_reused"
    bobs = shop.place("key-1", who="bob", tea=2)
    assert bobs.status == 201
    assert bobs.body["order_id"] != first.body["order_id"]


def test_the_same_order_in_another_sequence_is_the_same(shop: Shop) -> None:
    """Lines are a set: a client that lists them otherwise is given the order that it placed."""
    first = shop.place("key-1", tea=1, pot=1)
    second = shop.place("key-1", pot=1, tea=1)
    assert second.body == first.body


def test_an_order_that_finds_too_little_names_the_products(shop: Shop) -> None:
    """409 with what falls short, and the same again for the same key; the order is kept as canceled."""
    for _ in range(2):
        answer = shop.place("key-1", tea=6, pot=1)
        assert is_problem(answer, 409, "out-of-stock")
        assert "tea" in answer.body["products"]
    [order] = shop.http("GET", "/orders").body["items"]
    assert (order["status"], order["reason"]) == ("canceled", "out_of_stock")
    assert shop.stock.available(["tea", "pot"]) == {"tea": 5, "pot": 2}


def test_an_order_is_canceled_while_it_awaits_payment_only(shop: Shop) -> None:
    """Again is fine; after it was paid it is too late."""
    first = shop.place("key-1", tea=1).body["order_id"]
    for _ in range(2):
        answer = shop.http("POST", f"/orders/{first}/cancel")
        assert (answer.status, answer.body["reason"]) == (200, "customer_request")
    second = shop.place("key-2", tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(second))
    shop.post_webhook(shop.provider.events[-1])
    shop.deliver()
    assert is_problem(shop.http("POST", f"/orders/{second}/cancel"), 409, "not-cancelable")
    assert is_problem(shop.http("POST", "/payments/checkout", {"order_id": first}), 409, "not-payable")


def test_orders_are_paged(shop: Shop) -> None:
    """Newest first, each once; the last page has no next."""
    placed = []
    for number in range(3):
        shop.clock.advance(SECOND)
        placed.append(shop.place(f"key-{number}", tea=1).body["order_id"])
    first = shop.http("GET", "/orders?limit=2").body
    last = shop.http("GET", f"/orders?limit=2&cursor={first['next']}").body
    assert [order["order_id"] for order in first["items"] + last["items"]] == placed[::-1]
    assert last["next"] is None
    exact = shop.http("GET", "/orders?limit=3").body
    assert exact["next"] is None


@pytest.mark.parametrize(
    "asked",
    [
        *("limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=", "limit=%D9%A3", "limit=1&limit=2"),
        *("limit=0001", "limit=%2B1", "limit=1e1"),
        *("cursor=x", "cursor=", "cursor=AAAA", "cursor=%00", "cursor=bm8gaWQ", "cursor=bm8gaWQ%3D"),
        *("unknown=1", "Limit=1", "limit=1%00"),
    ],
)
def test_a_list_refuses_what_it_does_not_know(shop: Shop, asked: str) -> None:
    """400 for a limit, a cursor or a parameter that is none."""
    assert is_problem(shop.http("GET", f"/orders?{asked}"), 400, "malformed")


@pytest.mark.parametrize(
    ("given", "taken"),
    [("abc-123", True), ("a b", False), ("é", False), ("x" * 65, False), ("-", False)],
)
def test_every_answer_has_a_correlation_id(shop: Shop, given: str, taken: bool) -> None:
    """The request's own if it is one, else the gateway's; and no answer is kept by a cache."""
    for path in ("/orders", "/orders/none"):
        answer = shop.http("GET", path, X_Correlation_Id=given)
        assert (answer.headers["X-Correlation-Id"] == given) is taken
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_forged_webhook_is_refused(shop: Shop) -> None:
    """400 for a missing, wrong or old signature and for a changed body; nothing is stored or published."""
    order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    body, headers = shop.webhooks.post(shop.provider.events[0], shop.clock.now())

    def posted(raw: bytes, **sent: str) -> Answer:
        return shop.http("POST", "/webhooks/stripe", who=None, raw=raw, **sent)

    assert is_problem(posted(body), 400, "signature")
    assert is_problem(posted(body, signature="1.00"), 400, "signature")
    assert is_problem(posted(body.replace(b"1250", b"1"), **headers), 400, "signature")
    shop.clock.advance(SECOND * 301)
    assert is_problem(posted(body, **headers), 400, "signature")
    assert shop.topic.messages == []
    assert shop.http("GET", f"/payments/{order_id}").body["payments"] == []


def test_a_signed_body_that_is_no_event_is_refused(shop: Shop) -> None:
    """422: the provider sees that something is wrong, and nothing is stored."""
    for body in (b"{}", b"[]", b"no json"):
        signature = shop.webhooks.sign(body, shop.clock.now())
        answer = shop.http("POST", "/webhooks/stripe", who=None, raw=body, signature=signature)
        assert is_problem(answer, 422, "invalid")


@pytest.mark.parametrize("service", ["product", "inventory", "payment"])
def test_a_service_that_is_down_is_told(shop: Shop, service: str) -> None:
    """503 with Retry-After where the answer needs it; what does not need it is answered all the same."""
    order_id = shop.place("key-1", tea=1).body["order_id"]
    shop.functions.down.add(service)
    needs: dict[str, Any] = {"product": True, "inventory": True, "payment": False}
    answer = shop.place("key-2", tea=1)
    assert (answer.status == 503) is needs[service]
    assert shop.order(order_id)["status"] == "awaiting_payment"


def test_a_product_is_shown_while_the_inventory_is_down(shop: Shop) -> None:
    """Its quantity is then unknown."""
    shop.functions.down.add("inventory")
    answer = shop.http("GET", "/products/tea")
    assert (answer.status, answer.body["available"]) == (200, None)
