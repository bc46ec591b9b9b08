"""What every archive of delivered orders does: one in memory, and Cassandra."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import evolve

from common.domain.money import Money
from common.domain.order import Order, OrderEvent, OrderLine, OrderStatus
from common.ports.archive import OrderArchive
from common.repositories.cassandra.archive import CassandraArchive
from common.repositories.cassandra.session import Cassandra
from common.repositories.copies import copy_of, order_of
from common.repositories.memory.archive import MemoryArchive
from tests.fakes import START, FakeIds
from tests.samples import ADA, BOB, delivered_order


@pytest.fixture(params=["memory", "cassandra"])
def archive(request: pytest.FixtureRequest) -> OrderArchive:
    if request.param == "memory":
        return MemoryArchive()
    new_store: Callable[[], Cassandra] = request.getfixturevalue("new_store")
    return CassandraArchive(new_store())


def put(archive: OrderArchive, *orders: Order) -> None:
    archive.put([copy_of(order) for order in orders])


def test_an_order_is_found_as_it_was_put(archive: OrderArchive, ids: FakeIds) -> None:
    """By its id, every field as it was: to the microsecond, in every script, however much it costs."""
    order = evolve(
        delivered_order(ids),
        customer_name="Đặng Thị ☕ 'quote' \"double\" \\ {}",
        placed_at=START + timedelta(microseconds=123_457),
        lines=(OrderLine("tea", "Trà 🍵", 10_000, Money(2**40, "VND")),),
        total=Money(2**53, "VND"),
    )
    put(archive, order)
    assert archive.get(order.order_id) == order
    assert archive.read_back([copy_of(order)]) == {order.order_id: copy_of(order)}


def test_what_is_not_there_is_none(archive: OrderArchive, ids: FakeIds) -> None:
    """An unknown id, an unknown customer, and a copy that was never put."""
    order = delivered_order(ids)
    assert archive.get(order.order_id) is None
    assert archive.page("nobody", None, 10) == []
    assert archive.read_back([copy_of(order)]) == {}
    assert archive.read_back([]) == {}


def test_an_order_that_is_put_again_is_there_once(archive: OrderArchive, ids: FakeIds) -> None:
    """Twice in one go, and in another: nothing more is there."""
    order = delivered_order(ids)
    put(archive, order, order)
    put(archive, order)
    assert [found.order_id for found in archive.page(order.customer_id, None, 10)] == [order.order_id]


def test_read_back_tells_what_is_there_not_what_is_wanted(archive: OrderArchive, ids: FakeIds) -> None:
    """A copy that differs from the stored one does not come back as it was asked for."""
    order = delivered_order(ids)
    put(archive, order)
    other = evolve(copy_of(order), amount=1)
    assert archive.read_back([other]) == {order.order_id: copy_of(order)}


def test_many_customers_are_read_back_at_once(archive: OrderArchive, ids: FakeIds) -> None:
    """More than one question may name, over several periods, of customers with one order and with many."""
    orders = [
        delivered_order(
            ids,
            evolve(ADA, customer_id=f"customer-{number % 350 if number % 3 else 0}"),
            at=START - timedelta(days=number),
        )
        for number in range(420)
    ]
    put(archive, *orders)
    copies = {order.order_id: copy_of(order) for order in orders}
    assert archive.read_back(list(copies.values())) == copies


def test_a_customer_pages_through_their_own_orders(archive: OrderArchive, ids: FakeIds) -> None:
    """Newest first, each once, without stories, and nobody else's, over years in which nothing happened."""
    chance = random.Random(5)
    mine = [
        delivered_order(ids, at=START - timedelta(days=chance.choice((0, 1, 40, 55, 700)) * number / 7))
        for number in range(40)
    ]
    put(archive, *mine, delivered_order(ids, BOB))
    newest = sorted(mine, key=lambda order: order.order_id, reverse=True)
    for size in (1, 7, 39, 40, 41):
        seen: list[Order] = []
        before: UUID | None = None
        while page := archive.page(ADA.customer_id, before, size):
            assert len(page) == min(size, len(mine) - len(seen))
            seen += page
            before = page[-1].order_id
        assert seen == [evolve(order, story=()) for order in newest]


def test_a_page_may_begin_at_an_order_that_is_not_there(archive: OrderArchive, ids: FakeIds) -> None:
    """Before the first, after the last, and between: what is older follows."""
    early, between, late = (delivered_order(ids, at=START + timedelta(hours=hour)) for hour in range(3))
    put(archive, early, late)
    found = [
        [order.order_id for order in archive.page(ADA.customer_id, before, 10)]
        for before in (UUID(int=2**128 - 1), late.order_id, between.order_id, early.order_id, UUID(int=0))
    ]
    assert found == [[late.order_id, early.order_id], [early.order_id], [early.order_id], [], []]


def test_a_copy_is_an_order_again(ids: FakeIds) -> None:
    """Whatever state it is in, and with or without its story."""
    order = delivered_order(ids)
    canceled = evolve(
        order, status=OrderStatus.CANCELED, story=(OrderEvent(OrderStatus.CANCELED, START, "why"),)
    )
    for one in (order, canceled):
        assert order_of(copy_of(one)) == one
        assert order_of(copy_of(one), story=False) == evolve(one, story=())
