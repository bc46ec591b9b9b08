"""Servers and functions are killed while orders flow: `make up` mends it, and nothing is lost."""

import os
import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import httpx
import pytest
from attrs import define, field

from local.errors import LocalError
from tests.e2e.books import balanced
from tests.e2e.running import PATIENCE_SECONDS, Person, RunningShop, attached, eventually, found

T = TypeVar("T")
CUSTOMERS = 10


@define
class Buyer:
    """A customer who orders one piece and pays, and asks again whenever there is no good answer."""

    person: Person
    product: str
    key: str = field(factory=lambda: str(uuid.uuid4()))
    order_ids: set[str] = field(factory=set)

    def buy(self) -> str:
        """The id of the order, once it is paid at the provider."""
        order_id = self._until_done(self._order)
        self._until_done(lambda: self._pay(order_id))
        return order_id

    def _order(self) -> str | None:
        answer = self.person.shop.order([(self.product, 1)], self.key)
        if answer.status_code >= 500:
            return None
        assert answer.status_code == 201, answer.text
        order_id = str(answer.json()["order_id"])
        self.order_ids.add(order_id)
        return order_id if answer.json()["status"] != "reserving" else None

    def _pay(self, order_id: str) -> bool | None:
        answer = self.person.shop.post("/payments/checkout", {"order_id": order_id})
        if answer.status_code >= 500:
            return None
        if answer.status_code == 409:
            # A try before this one was heard by the provider, though its answer was not heard by us.
            return self.person.order(order_id)["status"] == "delivering" or None
        assert answer.status_code == 201, answer.text
        self.person.shop.press(answer.json()["url"], "pay")
        return True

    def _until_done(self, act: Callable[[], T | None]) -> T:
        end = time.monotonic() + 2 * PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                done = act()
            except (httpx.HTTPError, LocalError, AssertionError) as error:
                if isinstance(error, AssertionError) and "Unavailable" not in str(error):
                    raise
                done = None
            if done:
                return done
            time.sleep(0.3)
        raise AssertionError("the shop did not come back")


@pytest.mark.parametrize("server", ["postgres", "aws", "mongo", "gateway", "provider"])
def test_a_server_is_killed_while_orders_flow(shop: RunningShop, server: str) -> None:
    """`make up` mends it: every order is finished with one invoice and one mail, and the books balance.

    Only where the emulator is killed, between the mail service's yes and the marker, may a mail go twice.
    """
    product = shop.product()
    with ThreadPoolExecutor(CUSTOMERS) as crowd:
        people = list(crowd.map(lambda _: shop.person(), range(CUSTOMERS)))
        buyers = [Buyer(person, product) for person in people]
        running = [crowd.submit(buyer.buy) for buyer in buyers]
        eventually("the first orders", lambda: any(buyer.order_ids for buyer in buyers))
        shop.kill(server)
        eventually("it to be gone", lambda: server not in shop.alive())
        shop.make("up")
        orders = [buying.result() for buying in running]
    assert all(len(buyer.order_ids) == 1 for buyer in buyers)
    for buyer, order_id in zip(buyers, orders, strict=True):
        buyer.person.sees(order_id, "delivering")
    assert balanced(shop, mails_at_most=2 if server == "aws" else 1)
    for buyer, order_id in zip(buyers, orders, strict=True):
        pdf = shop.invoices(order_id)[f"invoices/{order_id}.pdf"]
        assert set(attached(shop.mails(buyer.person.email))) == {pdf}


def test_workers_are_killed_while_they_apply_a_payment(shop: RunningShop) -> None:
    """The messages come again: the order is delivering, with one invoice and one mail; the books balance."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    functions = ("order-local-on_payment", "order-local-apply_payment")
    with shop.database("order") as database:
        database.run("BEGIN")
        database.run("SELECT 1 FROM orders WHERE order_id = :id FOR UPDATE", id=order_id)
        person.pay(order_id)
        eventually("somebody to wait for the order", lambda: shop.waiting_for_locks("order"))
        killed = _kill(shop, *functions)
        database.run("ROLLBACK")
    assert killed
    person.sees(order_id, "delivering")
    eventually("the mail", lambda: shop.mails(person.email))
    assert balanced(shop)


def test_workers_are_killed_while_they_place_an_order(shop: RunningShop) -> None:
    """The customer asks again with the same key, and gets one order that holds its stock once."""
    product, person, key = shop.product(), shop.person(), str(uuid.uuid4())
    before = shop.available(product)
    with ThreadPoolExecutor(1) as elsewhere, shop.database("inventory") as database:
        database.run("BEGIN")
        database.run("SELECT 1 FROM stock WHERE product_id = :id FOR UPDATE", id=product)
        first = elsewhere.submit(person.shop.order, [(product, 2)], key)
        eventually("the inventory to wait", lambda: shop.waiting_for_locks("inventory"))
        assert _kill(shop, "order-local", "inventory-local-reserve_stock")
        database.run("ROLLBACK")
        assert first.result().status_code >= 500
    answer = person.shop.order([(product, 2)], key)
    assert answer.status_code == 201, answer.text
    listed = found(person.shop.get("/orders"))["items"]
    assert [order["order_id"] for order in listed] == [answer.json()["order_id"]]
    assert shop.available(product) == before - 2
    assert balanced(shop)


def _kill(shop: RunningShop, *functions: str) -> list[int]:
    """Ends the processes of these functions as a power cut would; their ids."""
    workers = shop.workers(*functions)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    return workers
