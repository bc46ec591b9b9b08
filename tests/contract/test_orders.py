"""What every store of orders does: one in memory, and Postgres."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve

from common.domain.invoice import invoice_number
from common.domain.order import CancelReason, Order, OrderEvent, OrderStatus
from common.ports.audit import OrderRange
from common.ports.orders import OrderRecord, OrderRepository, Request, Step
from common.repositories.copies import copy_of, order_of
from common.repositories.memory.orders import MemoryOrders
from common.repositories.postgres.database import Database
from common.repositories.postgres.orders import PostgresOrders
from tests.fakes import START, FakeIds
from tests.samples import BOB, new_order, payment_of

ASKED = Request("key-1", "fingerprint-1")


@pytest.fixture(params=["memory", "postgres"])
def orders(request: pytest.FixtureRequest) -> OrderRepository:
    if request.param == "memory":
        return MemoryOrders()
    new_database: Callable[[str], Database] = request.getfixturevalue("new_database")
    return PostgresOrders(new_database("order"))


def step(leaves: OrderStatus, enters: OrderStatus, at: datetime = START, **more: object) -> Step:
    return Step(leaves, enters, at, f"to {enters}", **more)


AWAIT = step(OrderStatus.RESERVING, OrderStatus.AWAITING_PAYMENT)
CANCEL = step(OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELED, START, reason=CancelReason.CUSTOMER_REQUEST)


def test_an_order_is_found_as_it_was_added(orders: OrderRepository, ids: FakeIds) -> None:
    """By its id, and by its customer's key with the request; every field is as it was."""
    order = evolve(new_order(ids), customer_name="Đặng Thị ☕ 'quote' \"double\" \\ {}")
    assert orders.add(order, ASKED)
    assert orders.get(order.order_id) == order
    assert orders.find(order.customer_id, "key-1") == (order, ASKED)


def test_an_order_keeps_the_correlation_id_of_its_request(orders: OrderRepository, ids: FakeIds) -> None:
    """However it is found, and in whatever state it is. It is no part of what makes two orders equal."""
    order = evolve(new_order(ids), correlation_id="corr-1")
    orders.add(order, ASKED)
    asked = orders.find(order.customer_id, "key-1")
    found = [orders.get(order.order_id), orders.take(order.order_id, AWAIT), asked and asked[0]]
    assert [one and one.correlation_id for one in found] == ["corr-1"] * 3
    assert asked == (evolve(order, correlation_id=""), ASKED)


def test_what_is_not_there_is_none(orders: OrderRepository, ids: FakeIds) -> None:
    """An unknown id, an unknown key, and the key of another customer."""
    order = new_order(ids)
    orders.add(order, ASKED)
    assert orders.get(UUID(int=9)) is None
    assert orders.find(order.customer_id, "key-2") is None
    assert orders.find(BOB.customer_id, "key-1") is None
    assert orders.take(UUID(int=9), AWAIT) is None


def test_a_key_is_used_once_by_a_customer(orders: OrderRepository, ids: FakeIds) -> None:
    """A second order with the key is not stored; another customer may use the same key."""
    first, second = new_order(ids), new_order(ids)
    assert orders.add(first, ASKED)
    assert not orders.add(second, evolve(ASKED, fingerprint="other"))
    assert orders.get(second.order_id) is None
    assert orders.find(first.customer_id, "key-1") == (first, ASKED)
    assert not orders.add(first, ASKED)
    assert orders.add(new_order(ids, BOB), ASKED)


def test_a_step_is_taken_from_its_state_only(orders: OrderRepository, ids: FakeIds) -> None:
    """Taken once, the same step finds the order in another state, and changes nothing."""
    order = new_order(ids)
    orders.add(order, ASKED)
    assert orders.take(order.order_id, CANCEL) is None
    taken = orders.take(order.order_id, AWAIT)
    assert taken == evolve(
        order,
        status=OrderStatus.AWAITING_PAYMENT,
        story=(
            *order.story,
            OrderEvent(OrderStatus.AWAITING_PAYMENT, START, "to awaiting_payment"),
        ),
    )
    assert orders.get(order.order_id) == taken
    assert orders.take(order.order_id, AWAIT) is None
    assert orders.get(order.order_id) == taken


def test_a_payment_that_is_accepted_is_kept(orders: OrderRepository, ids: FakeIds) -> None:
    """The order has the id and the time of its payment, also after later steps."""
    order = new_order(ids)
    orders.add(order, ASKED)
    orders.take(order.order_id, AWAIT)
    payment = payment_of(order, at=START + timedelta(minutes=3))
    orders.take(order.order_id, step(OrderStatus.AWAITING_PAYMENT, OrderStatus.DELIVERING, payment=payment))
    delivered = orders.take(order.order_id, step(OrderStatus.DELIVERING, OrderStatus.DELIVERED))
    assert delivered is not None
    assert delivered.payment_id == payment.payment_id
    assert delivered.paid_at == payment.occurred_at
    assert delivered.reason is None


def test_a_cancellation_has_its_reason(orders: OrderRepository, ids: FakeIds) -> None:
    """A canceled order says why, and has no payment."""
    order = new_order(ids)
    orders.add(order, ASKED)
    orders.take(order.order_id, AWAIT)
    canceled = orders.take(order.order_id, CANCEL)
    assert canceled is not None
    assert (canceled.status, canceled.reason) == (OrderStatus.CANCELED, CancelReason.CUSTOMER_REQUEST)
    assert (canceled.payment_id, canceled.paid_at) == (None, None)


def test_a_story_is_told_in_the_order_of_its_states(orders: OrderRepository, ids: FakeIds) -> None:
    """Also where the steps bear the same time, or a container's clock was behind."""
    order = new_order(ids)
    orders.add(order, ASKED)
    orders.take(order.order_id, AWAIT)
    behind = START - timedelta(seconds=1)
    orders.take(
        order.order_id,
        step(OrderStatus.AWAITING_PAYMENT, OrderStatus.DELIVERING, behind, payment=payment_of(order)),
    )
    told = orders.get(order.order_id)
    assert told is not None
    assert [event.status for event in told.story] == ["reserving", "awaiting_payment", "delivering"]


def test_a_customer_pages_through_their_own_orders(orders: OrderRepository, ids: FakeIds) -> None:
    """Newest first, each once, without stories, and nobody else's."""
    mine = [new_order(ids, at=START + timedelta(minutes=number)) for number in range(5)]
    for number, order in enumerate(mine):
        orders.add(order, Request(f"key-{number}", ""))
    orders.add(new_order(ids, BOB), ASKED)
    first = orders.page(mine[0].customer_id, None, 2)
    second = orders.page(mine[0].customer_id, first[-1].order_id, 10)
    assert [order.order_id for order in (*first, *second)] == [order.order_id for order in reversed(mine)]
    assert all(order.story == () for order in (*first, *second))
    assert evolve(mine[4], story=()) == first[0]
    assert orders.page("nobody", None, 10) == []


def test_overdue_orders_are_found_oldest_first(orders: OrderRepository, ids: FakeIds) -> None:
    """Unpaid ones by when they expire, reserving ones by when they were placed; not those in time."""
    made: list[Order] = []
    for minute in range(4):
        order = new_order(ids, at=START + timedelta(minutes=minute))
        orders.add(order, Request(str(minute), ""))
        made.append(order)
    for order in made[2:]:
        orders.take(order.order_id, AWAIT)
    identities = [order.order_id for order in made]
    later = START + timedelta(hours=1)
    assert orders.overdue(OrderStatus.RESERVING, later, 10) == identities[:2]
    assert orders.overdue(OrderStatus.RESERVING, later, 1) == identities[:1]
    assert orders.overdue(OrderStatus.RESERVING, made[1].placed_at, 10) == identities[:1]
    assert orders.overdue(OrderStatus.AWAITING_PAYMENT, later, 10) == identities[2:]
    assert orders.overdue(OrderStatus.AWAITING_PAYMENT, made[3].expires_at, 10) == [identities[2]]


def test_canceled_orders_owe_stock_until_it_is_returned(orders: OrderRepository, ids: FakeIds) -> None:
    """Only canceled ones, and each until it is noted, which may be noted twice."""
    order, other = new_order(ids), new_order(ids)
    orders.add(order, ASKED)
    orders.add(other, Request("key-2", ""))
    orders.stock_returned(other.order_id, START)
    assert orders.owing_stock(10) == []
    orders.take(order.order_id, AWAIT)
    orders.take(order.order_id, CANCEL)
    orders.take(
        other.order_id,
        step(OrderStatus.RESERVING, OrderStatus.CANCELED, reason=CancelReason.PLACING_ABANDONED),
    )
    assert set(orders.owing_stock(10)) == {order.order_id, other.order_id}
    assert len(orders.owing_stock(1)) == 1
    orders.stock_returned(order.order_id, START)
    orders.stock_returned(order.order_id, START)
    assert orders.owing_stock(10) == [other.order_id]


def delivered(orders: OrderRepository, ids: FakeIds, at: datetime, key: str) -> Order:
    """Places, pays and delivers an order, each step at that time."""
    order = new_order(ids, at=at)
    assert orders.add(order, Request(key, ""))
    payment = payment_of(order, payment_id=f"pi_{key}", at=at)
    orders.take(order.order_id, step(OrderStatus.RESERVING, OrderStatus.AWAITING_PAYMENT, at))
    orders.take(
        order.order_id, step(OrderStatus.AWAITING_PAYMENT, OrderStatus.DELIVERING, at, payment=payment)
    )
    found = orders.take(order.order_id, step(OrderStatus.DELIVERING, OrderStatus.DELIVERED, at))
    assert found is not None
    return found


def test_delivered_orders_are_found_as_they_are(orders: OrderRepository, ids: FakeIds) -> None:
    """Every field to the microsecond, with the story and the invoice's number; none in another state."""
    orders.add(new_order(ids), Request("not paid", ""))
    order = delivered(orders, ids, START + timedelta(microseconds=123_457), "key-1")
    [found] = orders.delivered(START + timedelta(days=1), None, 10)
    assert order_of(found.copy) == order
    assert found.copy.invoice_number == invoice_number(order)
    assert evolve(found.copy, lines="", story="") == evolve(copy_of(order), lines="", story="")


def test_delivered_orders_are_found_by_when_they_were_delivered(
    orders: OrderRepository, ids: FakeIds
) -> None:
    """Until then, in the order of their ids, after one of them, so many."""
    made = [delivered(orders, ids, START + timedelta(hours=hour), f"key-{hour}") for hour in range(4)]
    identities = [order.order_id for order in made]

    def found(before: datetime, after: UUID | None, limit: int) -> list[UUID]:
        return [order.copy.order_id for order in orders.delivered(before, after, limit)]

    late = START + timedelta(days=1)
    assert found(late, None, 10) == identities
    assert found(late, identities[1], 10) == identities[2:]
    assert found(late, None, 3) == identities[:3]
    assert found(START + timedelta(hours=2), None, 10) == identities[:3]
    assert found(START - timedelta(seconds=1), None, 10) == []


def test_a_removed_order_is_gone_and_its_key_is_used(orders: OrderRepository, ids: FakeIds) -> None:
    """It is found by nothing but its customer's key, with which no second order can be placed."""
    order, other = (delivered(orders, ids, START, key) for key in ("key-1", "key-2"))
    found = orders.delivered(START, None, 10)
    assert orders.remove(found[:1]) == 1
    assert orders.remove(found[:1]) == 0
    assert orders.remove([]) == 0
    assert orders.get(order.order_id) is None
    assert orders.find(order.customer_id, "key-1") is None
    assert orders.asked(order.customer_id, "key-1") == (order.order_id, Request("key-1", ""))
    assert not orders.add(new_order(ids), Request("key-1", ""))
    assert [listed.order_id for listed in orders.page(order.customer_id, None, 10)] == [other.order_id]
    assert orders.get(other.order_id) == other
    assert orders.remove(found) == 1
    assert orders.asked(order.customer_id, "key-9") is None


def test_an_audit_sees_orders_with_their_stories(orders: OrderRepository, ids: FakeIds) -> None:
    """In the order of their ids, both ends included, no more than asked; and whose stock was given back."""
    placed = [new_order(ids) for _ in range(4)]
    for number, order in enumerate(placed):
        orders.add(order, Request(f"key-{number}", "fingerprint"))
    canceled = orders.take(
        placed[1].order_id,
        step(OrderStatus.RESERVING, OrderStatus.CANCELED, reason=CancelReason.OUT_OF_STOCK),
    )
    assert canceled is not None
    later = START + timedelta(minutes=1)
    orders.stock_returned(canceled.order_id, later)
    first, last = placed[1].order_id, placed[3].order_id
    everything = [OrderRecord(canceled, later), OrderRecord(placed[2], None), OrderRecord(placed[3], None)]
    assert orders.audit(OrderRange(first, last, 10)) == everything
    assert orders.audit(OrderRange(first, last, 2)) == everything[:2]
