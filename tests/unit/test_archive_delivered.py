"""Orders move to the archive whatever happens on the way: in one place or in both, and never in none."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve, field
from chalicelib.order.use_cases import ArchiveDelivered, GetOrder
from chalicelib.order.use_cases.archive_delivered import BATCH, LONGEST_BATCH_SECONDS
from chalicelib.order.use_cases.history import History, HistoryPage, Position

from common.domain.order import Order, OrderStatus
from common.errors import Unavailable
from common.ports.archive import OrderCopy
from common.ports.orders import Request
from common.repositories.memory.archive import MemoryArchive
from common.repositories.memory.orders import MemoryOrders
from tests.fakes import START, FakeClock, FakeIds
from tests.samples import ADA, delivered_order, new_order

LATER = FakeClock(START + timedelta(days=1))


class Crashed(Exception):
    """The process ended here; nothing catches it."""


@define
class Watched:
    """A port that tells before and after each call of it: somebody may look, act, or end the process."""

    port: Any
    tell: Callable[[], None]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: object) -> Any:
            self.tell()
            answer = getattr(self.port, name)(*arguments)
            self.tell()
            return answer

        return call


@define
class Store:
    """Both stores, with some delivered orders, and one that is not, among the live ones."""

    live: MemoryOrders = field(factory=MemoryOrders)
    archive: MemoryArchive = field(factory=MemoryArchive)
    orders: list[Order] = field(factory=list)

    @classmethod
    def filled(cls, count: int) -> "Store":
        store, ids = cls(), FakeIds()
        for number in range(count):
            store.orders.append(delivered_order(ids, at=START + timedelta(seconds=2 * number)))
        store.orders.append(new_order(ids, at=START + timedelta(seconds=count + 1)))
        for number, order in enumerate(store.orders):
            assert store.live.add(order, Request(f"key-{number}", ""))
        return store

    @property
    def history(self) -> History:
        return History(self.live, lambda: self.archive)

    def archiver(self, tell: Callable[[], None] = lambda: None, archive: Any = None) -> ArchiveDelivered:
        watched = Watched(archive or self.archive, tell)
        return ArchiveDelivered(Watched(self.live, tell), lambda: watched, LATER, timedelta(0))  # type: ignore[arg-type]

    def all_are_there(self) -> None:
        """By their ids, as they were, and each once in the list."""
        for order in self.orders:
            assert GetOrder(self.history)(ADA, order.order_id) == order
        page = self.history.page(ADA.customer_id, Position(), len(self.orders))
        newest = sorted(self.orders, key=lambda order: order.order_id, reverse=True)
        assert page == HistoryPage([evolve(order, story=()) for order in newest], None, False)

    def all_moved(self) -> None:
        """Those that were delivered, and they only."""
        self.all_are_there()
        for order in self.orders:
            delivered = order.status is OrderStatus.DELIVERED
            assert (self.live.get(order.order_id) is None) == delivered
            assert (self.archive.get(order.order_id) is not None) == delivered


def plenty() -> float:
    return 300


def test_delivered_orders_move() -> None:
    """All in one run, also if they are more than a batch; the next run finds nothing."""
    store = Store.filled(BATCH + 10)
    assert store.archiver()(plenty) == BATCH + 10
    store.all_moved()
    assert store.archiver()(plenty) == 0


def test_an_order_stays_for_its_time() -> None:
    """Counted from when it was delivered, not from when it was placed."""
    store = Store.filled(3)
    archive = ArchiveDelivered(store.live, lambda: store.archive, LATER, timedelta(days=1))
    assert archive(plenty) == 0
    delivered_at = store.orders[1].story[-1].at
    clock = FakeClock(delivered_at + timedelta(days=1))
    assert evolve(archive, clock=clock)(plenty) == 2
    assert store.live.get(store.orders[2].order_id) is not None


def test_no_batch_begins_that_may_not_end_in_time() -> None:
    """One at least, others as long as enough seconds are left; the next run goes on."""
    store = Store.filled(3 * BATCH + 7)
    seconds = iter([300.0, LONGEST_BATCH_SECONDS - 1])
    assert store.archiver()(lambda: next(seconds)) == 2 * BATCH
    assert store.archiver()(lambda: 5) == BATCH
    assert store.archiver()(plenty) == 7
    store.all_moved()


def test_a_crash_at_any_step_loses_nothing() -> None:
    """At each step every order can be read; the next run ends as if nothing had been."""
    for step in range(100):
        store, steps = Store.filled(3), iter(range(step))

        def burn(store: Store = store, steps: Any = steps) -> None:
            store.all_are_there()
            if next(steps, None) is None:
                raise Crashed

        try:
            store.archiver(burn)(plenty)
        except Crashed:
            store.all_are_there()
            store.archiver()(plenty)
            store.all_moved()
        else:
            assert step == 8
            return
    raise AssertionError("The work never ran through.")


def test_two_at_once_move_each_order_once() -> None:
    """A second archiver runs, whole, at each step of the first."""
    for step in range(9):
        store, steps, moved = Store.filled(3), iter(range(step)), list[int]()

        def meet(store: Store = store, steps: Any = steps, moved: list[int] = moved) -> None:
            if next(steps, None) is None:
                moved.append(store.archiver()(plenty))
            store.all_are_there()

        moved.append(store.archiver(meet)(plenty))
        assert sum(moved) == 3
        store.all_moved()


@define
class HalfDeaf:
    """`OrderArchive` that keeps some of what it is given, and then says it did not hear."""

    archive: MemoryArchive
    keeps: int

    def put(self, copies: Sequence[OrderCopy]) -> None:
        self.archive.put(copies[: self.keeps])
        raise Unavailable("The archive does not answer.")

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        return self.archive.read_back(copies)


@pytest.mark.parametrize("keeps", [0, 1, 3])
def test_an_archive_that_does_not_answer_takes_nothing_away(keeps: int) -> None:
    """Whatever it wrote before, nothing, a part or all: every order is live still, and in the list once."""
    store = Store.filled(3)
    with pytest.raises(Unavailable):
        store.archiver(archive=HalfDeaf(store.archive, keeps))(plenty)
    assert all(store.live.get(order.order_id) for order in store.orders)
    store.all_are_there()
    assert store.archiver()(plenty) == 3
    store.all_moved()


@define
class Forgetful:
    """`OrderArchive` that does not give back as it was given: it loses an order, or changes a field."""

    archive: MemoryArchive
    change: dict[str, Any] | None

    def put(self, copies: Sequence[OrderCopy]) -> None:
        first, *others = copies
        self.archive.put(others if self.change is None else [evolve(first, **self.change), *others])

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        return self.archive.read_back(copies)


_CHANGES = {
    "customer_id": "bob",
    "customer_name": "",
    "email": "x",
    "status": "canceled",
    "reason": "out_of_stock",
    "lines": "[]",
    "amount": 1,
    "currency": "EUR",
    "placed_at": "2026-01-31T12:00:00.000001Z",
    "expires_at": "",
    "payment_id": None,
    "paid_at": None,
    "invoice_number": "",
    "story": "[]",
}


@pytest.mark.parametrize("changed", [None, *_CHANGES])
def test_an_order_that_comes_back_otherwise_stays(changed: str | None) -> None:
    """Lost, or with any one field changed: it is not removed; the others of its batch move."""
    store = Store.filled(3)
    change = None if changed is None else {changed: _CHANGES[changed]}
    assert store.archiver(archive=Forgetful(store.archive, change))(plenty) == 2
    assert store.live.get(store.orders[0].order_id) == store.orders[0]
    assert store.live.get(store.orders[1].order_id) is None


def test_pages_are_whole_while_orders_move() -> None:
    """Somebody pages through while the archiver goes on between any two reads: each order once, in order."""
    for seed in range(60):
        chance = random.Random(seed)
        store = Store.filled(chance.randrange(1, 25))
        waiting = [order.order_id for order in store.orders if order.status is OrderStatus.DELIVERED]
        chance.shuffle(waiting)

        def move(store: Store = store, waiting: list[UUID] = waiting, chance: random.Random = chance) -> None:
            """Some orders are copied, or moved as a whole: what an archiver leaves at any moment."""
            for found in store.live.delivered(LATER.moment, None, 100):
                if found.copy.order_id in waiting and chance.random() < 0.2:
                    store.archive.put([found.copy])
                    if chance.random() < 0.7:
                        store.live.remove([found])
                        waiting.remove(found.copy.order_id)

        archive = Watched(store.archive, move)
        history = History(Watched(store.live, move), lambda archive=archive: archive)  # type: ignore[arg-type, misc]
        seen: list[UUID] = []
        position: Position | None = Position()
        while position:
            page = history.page(ADA.customer_id, position, chance.randrange(1, 6))
            seen += [order.order_id for order in page.orders]
            position = page.next
        assert seen == sorted((order.order_id for order in store.orders), reverse=True), seed


@define
class Silent:
    """`OrderArchive` that answers only while it is `up`."""

    archive: MemoryArchive
    up: bool = False

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        if not self.up:
            raise Unavailable("The archive does not answer.")
        return self.archive.page(customer_id, before, limit)


def test_what_was_missing_comes_later() -> None:
    """The archive is away on some pages: these say so, and once it is back each order has been seen once."""
    for seed in range(60):
        chance = random.Random(seed)
        store = Store.filled(20)
        some = [found for found in store.live.delivered(LATER.moment, None, 100) if chance.random() < 0.5]
        store.archive.put([found.copy for found in some])
        store.live.remove(some)
        silent = Silent(store.archive)
        history = History(store.live, lambda silent=silent: silent)  # type: ignore[arg-type, misc]
        seen: list[UUID] = []
        position, number = Position(), 0
        while True:
            silent.up = number > 8 or chance.random() < 0.4
            page = history.page(ADA.customer_id, position, chance.randrange(1, 6))
            assert page.incomplete != silent.up
            seen += [order.order_id for order in page.orders]
            number += 1
            if page.next is None:
                break
            position = page.next
        assert sorted(seen) == sorted(order.order_id for order in store.orders), seed


def test_a_key_finds_the_archived_order() -> None:
    """The same request again finds it with its story, wherever it is; an unknown key finds nothing."""
    store = Store.filled(2)
    before = store.history.find(ADA.customer_id, "key-1")
    store.archiver()(plenty)
    assert store.history.find(ADA.customer_id, "key-1") == before == (store.orders[1], Request("key-1", ""))
    assert not store.live.add(store.orders[1], Request("key-1", ""))
    assert store.history.find(ADA.customer_id, "key-9") is None


def test_live_orders_need_no_archive() -> None:
    """Not even its driver is imported for them: the archive is asked for on need only."""

    def never() -> MemoryArchive:
        raise AssertionError("nobody needs the archive")

    store = Store.filled(1)
    history = History(store.live, never)
    assert history.get(store.orders[0].order_id) == store.orders[0]
    assert history.find(ADA.customer_id, "key-0") is not None
    assert history.find(ADA.customer_id, "key-9") is None
    assert ArchiveDelivered(store.live, never, FakeClock(START), timedelta(0))(plenty) == 0
