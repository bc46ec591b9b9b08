"""Delivered orders on the running shop: they move to Cassandra, and their customer does not notice."""

import os
import signal

from tests.e2e.books import balanced
from tests.e2e.running import Person, Row, RunningShop, eventually, found, is_problem


def test_an_archived_order_answers_as_before(shop: RunningShop) -> None:
    """It is the same order, with the same payments and invoice, at the same place of the list."""
    person = shop.person()
    orders = [_paid(shop, person) for _ in range(3)]
    moved = orders[1]
    delivered = found(shop.operator().post(f"/orders/{moved}/deliver"))
    before = person.payments(moved), _pages(person)
    eventually("it to be archived", lambda: moved in shop.archived())
    eventually("it to leave Postgres", lambda: not _live(shop, moved))

    order = person.order(moved)
    assert order["status"] == delivered["status"] == "delivered"
    assert (person.payments(moved), _pages(person)) == before
    assert [listed["order_id"] for listed in _pages(person)] == orders[::-1]
    assert found(person.shop.get(f"/invoices/{moved}"))
    assert is_problem(shop.person().shop.get(f"/orders/{moved}"), 404)
    assert is_problem(person.shop.post(f"/orders/{moved}/cancel"), 409)


def test_cassandra_is_killed_while_orders_move(shop: RunningShop) -> None:
    """Live orders are listed, with a sign that others are missing; after `make up` each is in one store."""
    person, operator = shop.person(), shop.operator()
    orders = [_paid(shop, person) for _ in range(4)]
    found(operator.post(f"/orders/{orders[0]}/deliver"))
    eventually("the first to be archived", lambda: not _live(shop, orders[0]))
    shop.kill("cassandra")
    found(operator.post(f"/orders/{orders[1]}/deliver"))
    page = found(person.shop.get("/orders"))
    assert ([order["order_id"] for order in page["items"]], page["incomplete"]) == (orders[:0:-1], True)
    assert is_problem(person.shop.get(f"/orders/{orders[0]}"), 503)
    shop.make("up")

    assert balanced(shop)
    page = found(person.shop.get("/orders"))
    assert ([order["order_id"] for order in page["items"]], page["incomplete"]) == (orders[::-1], False)


def test_the_archiver_is_killed_between_copy_and_removal(shop: RunningShop) -> None:
    """The order is in both stores then, and in one after the next run; its customer sees it once."""
    person, operator = shop.person(), shop.operator()
    order_id = _paid(shop, person)
    found(operator.post(f"/orders/{order_id}/deliver"))
    with shop.database("order") as database:
        database.run("BEGIN")
        database.run("SELECT 1 FROM orders WHERE order_id = :id FOR UPDATE", id=order_id)
        eventually("the removal to wait", lambda: shop.waiting_for_locks("order"))
        archivers = shop.workers("order-local-archive_delivered")
        for archiver in archivers:
            os.kill(archiver, signal.SIGKILL)
        assert archivers
        assert order_id in shop.archived()
        assert [order["order_id"] for order in _pages(person)] == [order_id]
        database.run("ROLLBACK")
    assert balanced(shop)
    assert [order["order_id"] for order in _pages(person)] == [order_id]


def _paid(shop: RunningShop, person: Person) -> str:
    """An order that is on its way to its customer, with its invoice mailed."""
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    person.sees(order_id, "delivering")
    eventually("the invoice", lambda: shop.invoices(order_id))
    return order_id


def _live(shop: RunningShop, order_id: str) -> bool:
    return bool(shop.rows("order", "SELECT 1 FROM orders WHERE order_id = :id", id=order_id))


def _pages(person: Person) -> list[Row]:
    """The customer's orders, by pages of two."""
    listed: list[Row] = []
    page: Row = {"next": ""}
    while page["next"] is not None:
        cursor = {"cursor": page["next"]} if page["next"] else {}
        page = found(person.shop.get("/orders", limit=2, **cursor))
        listed += page["items"]
    return listed
