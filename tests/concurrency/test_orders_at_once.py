"""Customers, payments and schedules move the same orders at once, on a real Postgres."""

import random
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from attrs import frozen
from chalicelib.order.use_cases import (
    ApplyPayment,
    CancelOrder,
    ExpireUnpaid,
    GetOrder,
    PlaceOrder,
    ReturnStock,
    SettlePayment,
)
from chalicelib.order.use_cases.cancellation import Cancellation

from common.domain.cart import Cart, CartLine
from common.domain.order import Order, OrderStatus
from common.domain.payment import PaymentStatus
from common.domain.product import Product
from common.domain.stock import ReservationState, StockLine
from common.errors import Conflict
from common.events import Message, payment_created
from common.repositories.memory.metrics import MemoryMetrics
from common.repositories.memory.products import MemoryProducts
from common.repositories.postgres.database import Database
from common.repositories.postgres.orders import PostgresOrders
from common.repositories.postgres.payments import PostgresPayments
from common.repositories.postgres.stock import PostgresStock
from tests.concurrency.threads import at_once
from tests.fakes import START, FakeClock, FakeIds
from tests.samples import ADA, POT, TEA, new_order, payment_of

NewDatabase = Callable[[str], Database]


@frozen
class Others:
    """The other services as one container of the order service sees them, on connections of their own."""

    stock: PostgresStock
    kept: PostgresPayments
    products: MemoryProducts

    def get_products(self, product_ids: Collection[str]) -> dict[str, Product]:
        return self.products.get(product_ids)

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        return self.stock.available(product_ids)

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        return self.stock.reserve(order_id, lines, START)

    def release_stock(self, order_id: UUID) -> None:
        self.stock.release(order_id, START)

    def request_refund(self, payment_id: str) -> None:
        self.kept.refund_due(payment_id, START)


@frozen
class Container:
    """One container of the order service."""

    orders: PostgresOrders
    others: Others
    place: PlaceOrder
    cancel: CancelOrder
    settle: SettlePayment
    expire: ExpireUnpaid
    return_stock: ReturnStock


def container(new_database: NewDatabase, ids: FakeIds, clock: FakeClock) -> Container:
    orders = PostgresOrders(new_database("order"))
    products = MemoryProducts()
    products.put([TEA, POT])
    others = Others(
        PostgresStock(new_database("inventory")), PostgresPayments(new_database("payment")), products
    )
    cancellation = Cancellation(orders, others, clock)
    return Container(
        orders,
        others,
        PlaceOrder(orders, others, others, clock, ids, timedelta(minutes=30), MemoryMetrics()),
        CancelOrder(GetOrder(orders), cancellation),
        SettlePayment(ApplyPayment(orders, clock, MemoryMetrics()), others),
        ExpireUnpaid(orders, clock),
        ReturnStock(orders, cancellation),
    )


def test_an_order_that_is_asked_for_by_many_requests_is_one(new_database: NewDatabase) -> None:
    """The same request six times at once: one order, held once, and every request is answered with it."""
    containers = [container(new_database, FakeIds(n * 1000), FakeClock()) for n in range(6)]
    stock = containers[0].others.stock
    stock.set([StockLine("tea", 100), StockLine("pot", 100)])
    wanted = Cart((CartLine("tea", 2), CartLine("pot", 1)))
    for turn in range(10):
        answers = at_once([partial(one.place, ADA, f"key-{turn}", wanted) for one in containers])
        placed = [answer for answer in answers if isinstance(answer, Order)]
        assert len(placed) == 6
        assert len({order.order_id for order in placed}) == 1
        last = containers[0].orders.get(placed[0].order_id)
        assert last is not None
        assert last.status is OrderStatus.AWAITING_PAYMENT
    assert stock.available(["tea", "pot"]) == {"tea": 80, "pot": 90}


def test_an_order_ends_in_one_state_with_the_books_right(new_database: NewDatabase) -> None:
    """Canceled by its customer, paid, failed, expired, paid a second time, all at once and twice each.

    It ends delivering with one payment accepted, or canceled with its stock given back; money that was not
    accepted is given back; nothing is lost or doubled.
    """
    late = FakeClock(START + timedelta(hours=1))
    containers = [container(new_database, FakeIds(), late) for _ in range(8)]
    placing = container(new_database, FakeIds(), FakeClock())
    stock, kept = placing.others.stock, placing.others.kept
    stock.set([StockLine("tea", 1000)])
    chance = random.Random(7)
    for turn in range(25):
        order = placing.place(ADA, f"key-{turn}", Cart((CartLine("tea", 3),)))
        before = stock.available(["tea"])["tea"]
        first = payment_of(order, payment_id=f"pi_{turn}_a")
        second = payment_of(order, payment_id=f"pi_{turn}_b")
        failed = payment_of(order, PaymentStatus.FAILED, payment_id=f"pi_{turn}_c")
        for number, payment in enumerate((first, second, failed)):
            message = payment_created(FakeIds(turn * 10 + number).new(START), payment, START, "")
            assert kept.record(f"evt_{turn}_{number}", payment, message, START)
        chance.shuffle(containers)
        told = (first, first, second, second, failed, failed)
        moves: list[Callable[[], object]] = [
            partial(containers[0].cancel, ADA, order.order_id),
            containers[1].expire,
            *(partial(one.settle, payment) for one, payment in zip(containers[2:], told, strict=True)),
        ]
        chance.shuffle(moves)
        answers = at_once(moves)
        wrong = [a for a in answers if isinstance(a, Exception) and not isinstance(a, Conflict)]
        assert wrong == []
        at_once([one.return_stock for one in containers])

        ended = placing.orders.get(order.order_id)
        assert ended is not None
        paid = {first.payment_id, second.payment_id}
        due = paid & {payment.payment_id for payment in kept.refunds_due(1000)}
        if ended.status is OrderStatus.DELIVERING:
            assert ended.payment_id in paid
            assert due == paid - {ended.payment_id}
            assert stock.available(["tea"])["tea"] == before
        else:
            assert ended.status is OrderStatus.CANCELED
            assert ended.payment_id is None
            assert due == paid
            assert stock.available(["tea"])["tea"] == before + 3
        assert [event.status for event in ended.story][-1] is ended.status
        assert len(ended.story) == 3
    assert placing.orders.owing_stock(10) == []


def test_one_event_is_recorded_by_one_of_many(new_database: NewDatabase) -> None:
    """A webhook that is delivered to eight containers at once is news to one; so is one success."""
    stores = [PostgresPayments(new_database("payment")) for _ in range(8)]
    order = new_order(FakeIds())
    for turn in range(15):
        payment = payment_of(order, payment_id=f"pi_{turn}")
        same = [
            partial(
                store.record,
                f"evt_{turn}" if turn % 2 else f"evt_{turn}_{number}",
                payment,
                payment_created(FakeIds(turn * 100 + number).new(START), payment, START, ""),
                START,
            )
            for number, store in enumerate(stores)
        ]
        assert sorted(map(repr, at_once(same))) == ["False"] * 7 + ["True"]
    published = stores[0].publish(lambda messages: [message.message_id for message in messages], 1000, START)
    assert published == 15
    assert len(stores[0].of_order(order.order_id)) == 15


def test_relays_at_once_publish_each_message_once(new_database: NewDatabase) -> None:
    """Four relays share what waits; none waits for another, and no message goes out twice."""
    stores = [PostgresPayments(new_database("payment")) for _ in range(4)]
    order = new_order(FakeIds())
    for number in range(120):
        payment = payment_of(order, payment_id=f"pi_{number}")
        message = payment_created(FakeIds(number).new(START), payment, START, "")
        assert stores[0].record(f"evt_{number}", payment, message, START)
    sent: list[UUID] = []

    def relay(store: PostgresPayments) -> None:
        def send(messages: Sequence[Message]) -> list[UUID]:
            sent.extend(message.message_id for message in messages)
            return [message.message_id for message in messages]

        while store.publish(send, 7, START):
            pass

    assert at_once([partial(relay, store) for store in stores]) == [None] * 4
    assert len(sent) == len(set(sent)) == 120
