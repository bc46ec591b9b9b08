"""Archivers, readers and a node that is killed, at once, on a real Postgres and a real Cassandra."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from attrs import evolve
from chalicelib.order.use_cases import ArchiveDelivered
from chalicelib.order.use_cases.history import History, Position

from common.domain.order import Order, OrderStatus
from common.errors import Unavailable
from common.ports.orders import Request
from common.repositories.cassandra.archive import CassandraArchive
from common.repositories.cassandra.migrate import migrate
from common.repositories.cassandra.session import Cassandra, Login
from common.repositories.copies import copy_of
from common.repositories.postgres.database import Database
from common.repositories.postgres.orders import PostgresOrders
from tests.archives import MIGRATIONS, CassandraServer, running_cassandra
from tests.concurrency.threads import at_once
from tests.fakes import START, FakeClock, FakeIds
from tests.samples import ADA, delivered_order

NewDatabase = Callable[[str], Database]
NewStore = Callable[[], Cassandra]

LATER = FakeClock(START + timedelta(days=2))


def fill(database: Database, count: int) -> list[Order]:
    """So many delivered orders of one customer, newest first."""
    ids, orders = FakeIds(), PostgresOrders(database)
    made = [delivered_order(ids, at=START + timedelta(seconds=number)) for number in range(count)]
    for number, order in enumerate(made):
        assert orders.add(evolve(order, status=OrderStatus.RESERVING), Request(f"key-{number}", ""))
        for event in order.story[1:]:
            database.run(
                "INSERT INTO order_events (order_id, status, at, cause) VALUES (:id, :status, :at, :cause)",
                id=order.order_id,
                status=event.status,
                at=event.at,
                cause=event.cause,
            )
    database.run("UPDATE orders SET status = 'delivered', payment_id = order_id ::text, paid_at = placed_at")
    made = [evolve(order, payment_id=str(order.order_id), paid_at=order.placed_at) for order in made]
    return list(reversed(made))


def archiver(database: Database, store: Cassandra) -> ArchiveDelivered:
    archive = CassandraArchive(store)
    return ArchiveDelivered(PostgresOrders(database), lambda: archive, LATER, timedelta(0))


def read_all(history: History, size: int) -> list[UUID]:
    """The customer's whole list, page by page."""
    seen: list[UUID] = []
    position: Position | None = Position()
    while position:
        page = history.page(ADA.customer_id, position, size)
        assert not page.incomplete
        seen += [order.order_id for order in page.orders]
        position = page.next
    return seen


def test_archivers_at_once_lose_and_double_nothing(new_database: NewDatabase, new_store: NewStore) -> None:
    """Three archive while two read all pages over and over: every list is whole, and all moves once."""
    made = fill(new_database("order"), 1200)
    identities = [order.order_id for order in made]
    archivers = [archiver(new_database("order"), new_store()) for _ in range(3)]
    done = threading.Event()

    def read(size: int) -> int:
        archive = CassandraArchive(new_store())
        history = History(PostgresOrders(new_database("order")), lambda: archive)
        count = 0
        while not done.is_set() or not count:
            assert read_all(history, size) == identities
            count += 1
        return count

    def move(one: ArchiveDelivered) -> int:
        try:
            return one(lambda: 300)
        finally:
            done.set()

    jobs = [*(partial(move, one) for one in archivers), partial(read, 97), partial(read, 450)]
    answers = at_once(jobs)
    assert sum(answers[:3]) == 1200, answers  # type: ignore[arg-type]
    assert all(isinstance(answer, int) for answer in answers), answers
    assert new_database("order").run("SELECT count(*) AS n FROM orders") == [{"n": 0}]
    archive = CassandraArchive(new_store())
    assert archive.read_back([copy_of(order) for order in made]).keys() == set(identities)
    assert archive.get(identities[0]) == made[0]


def test_an_order_that_changes_meanwhile_stays(new_database: NewDatabase, new_store: NewStore) -> None:
    """Whatever was changed after it was read, and also while the removal waits for the change."""
    fill(new_database("order"), 3)
    orders = PostgresOrders(new_database("order"))
    found = orders.delivered(LATER.moment, None, 10)
    other = new_database("order")
    other.run("UPDATE orders SET email = 'new' WHERE order_id = :id", id=found[0].copy.order_id)

    def change(run: Callable[..., object]) -> list[int]:
        run("UPDATE orders SET email = 'new' WHERE order_id = :id", id=found[1].copy.order_id)
        removing.start()
        watching = new_database("order")
        while not watching.run("SELECT 1 FROM pg_locks WHERE NOT granted"):
            pass
        return list(removed)

    removed: list[int] = []
    removing = threading.Thread(target=lambda: removed.append(orders.remove(found)))
    assert other.transaction(change) == []
    removing.join(10)
    assert removed == [1]
    left = {row["order_id"] for row in other.run("SELECT order_id FROM orders")}
    assert left == {found[0].copy.order_id, found[1].copy.order_id}


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[CassandraServer]:
    """A node that this test may kill."""
    with running_cassandra(tmp_path / "cassandra") as server:
        yield server


def test_a_node_that_is_killed_takes_nothing_along(
    new_database: NewDatabase, own_server: CassandraServer
) -> None:
    """In the middle of the move: the archiver is `Unavailable`, each order is live or safely archived.

    Readers' sessions, idle or not, work again once the node is back.
    """
    made = fill(new_database("order"), 2000)
    archive = CassandraArchive(own_server.store(seconds=2))
    history = History(PostgresOrders(new_database("order")), lambda: archive)
    assert history.page(ADA.customer_id, Position(), 5).incomplete is False
    running = json.loads((own_server.home / "run" / "cassandra.json").read_text(encoding="utf-8"))
    left = new_database("order")

    def kill() -> None:
        while left.run("SELECT count(*) AS n FROM orders")[0]["n"] > 1500:
            pass
        os.kill(running["pid"], signal.SIGKILL)

    one = archiver(new_database("order"), own_server.store(seconds=2))
    outcome = at_once([lambda: one(lambda: 300), kill])  # type: ignore[list-item, return-value]
    assert isinstance(outcome[0], Unavailable)
    page = history.page(ADA.customer_id, Position(), 5)
    assert page.incomplete
    with pytest.raises(Unavailable):
        archive.get(UUID(int=1))
    own_server.start()
    assert read_all(history, 500) == [order.order_id for order in made]
    assert one(lambda: 300) > 0
    assert left.run("SELECT count(*) AS n FROM orders")[0]["n"] == 0
    assert read_all(history, 500) == [order.order_id for order in made]
    assert archive.read_back([copy_of(order) for order in made]).keys() == {o.order_id for o in made}


def test_nobody_listening_is_unavailable() -> None:
    """A refused connection is told as such; port 1 belongs to nobody here."""
    nowhere = Cassandra(lambda _: Login(("127.0.0.1",), 1, "shop", "datacenter1", tls=False))
    with pytest.raises(Unavailable):
        nowhere.run("SELECT order_id FROM archived_orders WHERE order_id = ?", UUID(int=1))


def test_tables_are_made_once(new_store: NewStore) -> None:
    """The migration has run; again it does nothing; two at once, of tables that are missing, are safe."""
    store = new_store()
    assert migrate(store, MIGRATIONS) == []
    store.plainly("DROP TABLE archived_periods_of_customer")
    answers = at_once([partial(migrate, new_store(), MIGRATIONS) for _ in range(2)])
    assert ["0001_archive.cql"] in answers
    assert all(isinstance(answer, list) for answer in answers), answers
    assert migrate(store, MIGRATIONS) == []


def test_columns_are_added_once(new_store: NewStore, tmp_path: Path) -> None:
    """A column that is missing is added; two at once are safe; what does neither is refused."""
    store, column = new_store(), f"added_{uuid4().hex[:8]}"
    more = f"ALTER TABLE archived_orders ADD {column} text;\n"
    (tmp_path / "0009_more.cql").write_text(more, encoding="utf-8")
    try:
        answers = at_once([partial(migrate, new_store(), tmp_path) for _ in range(2)])
        assert ["0009_more.cql"] in answers
        assert all(isinstance(answer, list) for answer in answers), answers
        assert store.run(f"SELECT {column} FROM archived_orders") == []  # noqa: S608 - ours
        assert migrate(store, tmp_path) == []
    finally:
        store.plainly(f"ALTER TABLE archived_orders DROP {column}")
    (tmp_path / "0010_less.cql").write_text("DROP TABLE archived_orders;\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"0010_less\.cql"):
        migrate(store, tmp_path)


def test_a_table_that_is_not_known_yet_is_unavailable(new_store: NewStore) -> None:
    """Before the migration has run, a page says that orders are missing, and does not fail."""
    with pytest.raises(Unavailable):
        new_store().run("SELECT order_id FROM archived_nothing WHERE order_id = ?", UUID(int=1))
