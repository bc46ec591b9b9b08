"""An order is delivered and archived; its customer and the other services notice nothing of it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from common.codec import plain
from tests.apps import ROOT
from tests.functional.shop import Answer, Shop
from tests.samples import payment_of


def paid(shop: Shop, key: str = "key-1", who: str = "ada") -> str:
    """The id of an order that was paid, and whose invoice is there."""
    order_id: str = shop.place(key, who=who).body["order_id"]
    checkout = shop.http("POST", "/payments/checkout", {"order_id": order_id}, who=who)
    assert checkout.status == 201
    known = shop.payments.checkout(UUID(order_id))
    assert known is not None
    shop.provider.pay(known.checkout_id)
    shop.post_webhook(shop.provider.events[-1])
    shop.deliver([shop.topic.messages[-1].body])
    return order_id


def deliver(shop: Shop, order_id: str, who: str = "olga") -> Answer:
    return shop.http("POST", f"/orders/{order_id}/deliver", who=who)


def archived(shop: Shop, key: str = "key-1") -> str:
    """The id of an order that was delivered, and archived."""
    order_id = paid(shop, key)
    assert deliver(shop, order_id).status == 200
    assert shop.run_schedule("order", "archive_delivered") == 1
    assert shop.orders.get(UUID(order_id)) is None
    return order_id


def test_an_operator_delivers(shop: Shop) -> None:
    """Anybody's order, once: the second time it is answered as it is, and nothing is told twice."""
    order_id = paid(shop)
    shop.clock.advance(timedelta(days=2))
    first = deliver(shop, order_id)
    assert (first.status, first.body["status"]) == (200, "delivered")
    assert first.body["story"][-1] == {
        "status": "delivered",
        "at": plain(shop.clock.now()),
        "cause": "an operator delivered it",
    }
    shop.clock.advance(timedelta(hours=1))
    assert deliver(shop, order_id) == first
    assert shop.order(order_id) == first.body
    assert shop.run_schedule("order", "archive_delivered") == 1
    assert deliver(shop, order_id) == first


def test_a_customer_cannot_deliver(shop: Shop) -> None:
    """Not even their own order; nor can somebody who is not signed in."""
    order_id = paid(shop)
    assert deliver(shop, order_id, who="ada").status == 403
    assert deliver(shop, order_id, who="").status == 401
    assert shop.order(order_id)["status"] == "delivering"


@pytest.mark.parametrize("state", ["awaiting_payment", "canceled"])
def test_only_what_is_paid_is_delivered(shop: Shop, state: str) -> None:
    """An unpaid or a canceled order is refused, and stays as it is; an unknown one is not found."""
    order_id = shop.place().body["order_id"]
    if state == "canceled":
        shop.http("POST", f"/orders/{order_id}/cancel")
    refused = deliver(shop, order_id)
    assert (refused.status, refused.body["code"]) == (409, "not_deliverable")
    assert shop.order(order_id)["status"] == state
    assert deliver(shop, "00000000-0000-7000-8000-000000000000").status == 404
    assert deliver(shop, "nonsense").status == 404


READERS: dict[str, Callable[[Shop, str], Answer]] = {
    "detail": lambda shop, order_id: shop.http("GET", f"/orders/{order_id}"),
    "list": lambda shop, order_id: shop.http("GET", "/orders"),
    "invoice": lambda shop, order_id: shop.http("GET", f"/invoices/{order_id}"),
    "payments": lambda shop, order_id: shop.http("GET", f"/payments/{order_id}"),
    "cancel": lambda shop, order_id: shop.http("POST", f"/orders/{order_id}/cancel"),
    "checkout": lambda shop, order_id: shop.http("POST", "/payments/checkout", {"order_id": order_id}),
    "another's": lambda shop, order_id: shop.http("GET", f"/orders/{order_id}", who="bob"),
    "the same request": lambda shop, order_id: shop.place(),
    "the key for something else": lambda shop, order_id: shop.place(pot=1),
    "get_order": lambda shop, order_id: Answer(
        200, {}, shop.functions.call("order", "get_order", {"order_id": order_id})
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_an_archived_order_answers_as_a_live_one(shop: Shop, reader: str) -> None:
    """Every route, and the other services' call: the same status, the same body."""
    order_id = paid(shop)
    deliver(shop, order_id)
    live = READERS[reader](shop, order_id)
    assert shop.run_schedule("order", "archive_delivered") == 1
    moved = READERS[reader](shop, order_id)
    assert (moved.status, moved.body) == (live.status, live.body)


def test_a_late_message_is_judged_as_for_a_live_order(shop: Shop) -> None:
    """The accepted payment again changes nothing; another success is given back."""
    order_id = archived(shop)
    order = shop.archive.get(UUID(order_id))
    assert order is not None
    again = shop.functions.call(
        "order", "apply_payment", {"payment": payment_of(order, payment_id="pi_other")}
    )
    assert again == plain(order)
    assert shop.deliver() == {}
    assert shop.payments.refunds_due(10) == []
    shop.provider.pay(shop.payments.checkout(UUID(order_id)).checkout_id)  # type: ignore[union-attr]
    assert len(list(shop.objects.keys("invoices/"))) == 1


def test_a_customer_pages_through_both_stores(shop: Shop) -> None:
    """Newest first by one cursor, whatever is archived between two pages."""
    placed = []
    for number in range(4):
        placed.append(paid(shop, f"key-{number}"))
        shop.clock.advance(timedelta(minutes=1))
    deliver(shop, placed[1])
    shop.run_schedule("order", "archive_delivered")
    first = shop.http("GET", "/orders?limit=2").body
    deliver(shop, placed[0])
    deliver(shop, placed[3])
    shop.run_schedule("order", "archive_delivered")
    second = shop.http("GET", f"/orders?limit=2&cursor={first['next']}").body
    seen = [order["order_id"] for page in (first, second) for order in page["items"]]
    assert seen == list(reversed(placed))
    assert (first["incomplete"], second["incomplete"], second["next"]) == (False, False, None)


def test_the_archive_is_down(shop: Shop) -> None:
    """Live orders are listed, and the page says that others are missing; what nobody can tell is a 503.

    When it is back, the cursor leads to those that were missing.
    """
    first = archived(shop)
    shop.clock.advance(timedelta(minutes=1))
    second = paid(shop, "key-2")
    shop.archive.down = True
    page = shop.http("GET", "/orders")
    assert page.status == 200
    assert [order["order_id"] for order in page.body["items"]] == [second]
    assert page.body["incomplete"] is True
    assert shop.http("GET", f"/orders/{second}").status == 200
    assert shop.place("key-3").status == 201
    for path in (f"/orders/{first}", f"/invoices/{first}", f"/payments/{first}"):
        assert shop.http("GET", path).status == 503
    assert shop.place().status == 503
    deliver(shop, second)
    with pytest.raises(Exception, match="does not answer"):
        shop.run_schedule("order", "archive_delivered")
    assert shop.order(second)["status"] == "delivered"

    rest = shop.http("GET", f"/orders?cursor={page.body['next']}").body
    assert (rest["items"], rest["incomplete"]) == ([], True)
    shop.archive.down = False
    rest = shop.http("GET", f"/orders?cursor={rest['next']}").body
    assert [order["order_id"] for order in rest["items"]] == [first]
    assert (rest["next"], rest["incomplete"]) == (None, False)


@pytest.mark.parametrize("cursor", ["", "abc", "LA==", "Zm9vLGJhcg", "LCw", "MDFhMjBiMTAtNWVkMSw"])
def test_a_made_up_cursor_is_refused(shop: Shop, cursor: str) -> None:
    """Whatever it stands for, it is one that the list gave, or a 400."""
    assert shop.http("GET", f"/orders?cursor={cursor}").status == 400


_IMPORT = "import sys; sys.path[:0] = sys.argv[1:]; import app; sys.exit('cassandra' in sys.modules)"


def test_the_app_starts_without_the_driver_of_the_archive() -> None:
    """Whoever places an order does not wait until it is imported."""
    folders = [str(ROOT / "order"), str(ROOT)]
    done = subprocess.run([sys.executable, "-B", "-c", _IMPORT, *folders], env={}, check=False)
    assert done.returncode == 0
