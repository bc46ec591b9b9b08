"""Delivered orders are archived, and a page of a long history is read. The short form has 2,000 orders, the
long one 100,000.

The archiver is the use case with its real adapters. Its floor is a bare script that reads the same rows
with pg8000 and writes the same rows, those for suggestions too, with cassandra-driver's
`execute_concurrent_with_args`: it neither reads back, nor compares, nor makes products due, nor removes
anything. Each has a process of its own. The archiver is hardly slower than a script that does less, because
it has all writes of a batch on their way at once, and reads back a hundred orders by one statement. Few
orders over two years cost more than many: their page is gathered from several periods.
"""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pg8000.native
from attrs import evolve
from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.concurrent import execute_concurrent_with_args
from chalicelib.order.use_cases.archive_delivered import BATCH, ArchiveDelivered
from chalicelib.order.use_cases.history import History, Position
from chalicelib.order.use_cases.note_purchases import NotePurchases

from benchmarks import sides, stores
from benchmarks.row import Row
from common.clock import SystemClock
from common.ports.archive import OrderCopy
from common.repositories.cassandra.archive import CassandraArchive
from common.repositories.cassandra.migrate import migrate as migrate_archive
from common.repositories.cassandra.session import Cassandra, Login
from common.repositories.cassandra.suggestions import CassandraPurchases
from common.repositories.postgres import database as postgres_database
from common.repositories.postgres.orders import PostgresOrders
from common.repositories.postgres.suggestions import PostgresDueProducts
from local import cassandra
from tests.archives import MIGRATIONS, running_cassandra

PAGE = 10

# Orders of two lines and four events, as the shop writes them; a day of them after the other.
SEED = """
WITH numbered AS (
    SELECT n, timestamptz '2026-01-01' + n * interval '1 second' AS at,
        'customer-' || (n * 7919 % :customers) AS customer_id
    FROM generate_series(1, :orders) AS n
), added AS (
    INSERT INTO orders (
        order_id, customer_id, customer_name, email, status, lines, amount, currency, placed_at, expires_at,
        payment_id, paid_at
    )
    SELECT
        (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000b'
            || lpad(to_hex(n), 15, '0'))::uuid,
        customer_id, 'Nguyễn Thị Hương', customer_id || '@customers.example', 'delivered',
        jsonb_build_array(
            jsonb_build_object('product_id', 'coffee-' || n % 1000, 'name', 'Đà Lạt Cầu Đất, light roast',
                'quantity', 2, 'unit_price', jsonb_build_object('amount', 4099, 'currency', 'USD')),
            jsonb_build_object('product_id', 'lens-' || n % 100, 'name', 'Aurélia 35mm f/4.0 E',
                'quantity', 1, 'unit_price', jsonb_build_object('amount', 38650, 'currency', 'USD'))
        ),
        46848, 'USD', at, at + interval '30 minutes', 'pi_' || n, at + interval '1 minute'
    FROM numbered RETURNING order_id, placed_at
)
INSERT INTO order_events (order_id, status, at, cause)
SELECT order_id, status, placed_at + after, cause FROM added, (VALUES
    ('reserving', interval '0 s', 'the customer placed it'),
    ('awaiting_payment', interval '0.02 s', 'the stock was reserved'),
    ('delivering', interval '60 s', 'the payment succeeded'),
    ('delivered', interval '1 h', 'an operator delivered it')
) AS story (status, after, cause)
"""

BARE_READ = """
SELECT
    order_id, customer_id, customer_name, email, status, reason, lines ::text, amount, currency,
    placed_at, expires_at, payment_id, paid_at,
    (SELECT json_agg(event ORDER BY at) ::text FROM order_events AS event
        WHERE event.order_id = orders.order_id) AS story
FROM orders WHERE status = 'delivered' AND order_id > :after ::uuid ORDER BY order_id LIMIT :limit
"""


def rows(full: bool) -> list[Row]:
    orders = 100_000 if full else 2000
    with _stores() as (database, keyspace, bare_keyspace):
        return [
            *rate(orders, orders // 5, database, keyspace, bare_keyspace),
            pages(orders, database, keyspace),
        ]


def rate(
    orders: int,
    customers: int,
    database: postgres_database.Login,
    keyspace: Login,
    bare_keyspace: Login,
) -> list[Row]:
    """Archives so many orders both ways, in turns."""
    connection = postgres_database.Database(lambda _: database, seconds=600)
    connection.run(SEED, orders=orders, customers=customers)
    connection.run("ANALYZE")
    connection.close()
    share = max(BATCH, orders // 10 // BATCH * BATCH)
    with (
        _process(_archiver, database, keyspace) as archiver,
        _process(_bare, database, bare_keyspace) as bare,
    ):
        spent: dict[str, float] = {"archiver": 0, "bare": 0}
        done = {"archiver": 0, "bare": 0}
        turns = {"archiver": archiver, "bare": bare}
        while done["archiver"] < orders:
            # The bare script reads what the archiver will remove.
            for name in ("bare", "archiver"):
                seconds, count = turns[name](share)
                spent[name] += seconds
                done[name] += count
            if done["archiver"] != done["bare"]:
                raise AssertionError("one of them skipped orders")
        memory = {name: ask(0)[0] for name, ask in turns.items()}
    per_second = {name: done[name] / spent[name] for name in spent}
    return [
        Row(
            name=f"{orders:,} orders of {customers:,} customers archived",
            ours=per_second["archiver"],
            floor=per_second["bare"],
            unit="a second",
            at_least=0.8,
        ),
        Row(name="memory meanwhile", ours=memory["archiver"], floor=memory["bare"], unit="MB"),
    ]


def pages(history: int, database: postgres_database.Login, keyspace: Login) -> Row:
    """What page 1 costs with so many archived orders, and with 10."""
    archive = CassandraArchive(Cassandra(lambda _: keyspace, seconds=30))
    for customer, count in (("seldom", 10), ("busy", history)):
        copies = _copies(customer, count)
        for start in range(0, count, BATCH):
            archive.put(copies[start : start + BATCH])
    orders = PostgresOrders(postgres_database.Database(lambda _: database))
    everything = History(orders, lambda: archive)
    spent: dict[str, list[float]] = {"seldom": [], "busy": []}
    for _ in range(300):
        for customer, times in spent.items():
            began = time.perf_counter()
            page = everything.page(customer, Position(), PAGE)
            times.append(time.perf_counter() - began)
            if len(page.orders) != PAGE or page.incomplete:
                raise SystemExit("A page is not whole.")
    orders.database.close()
    archive.store.close()
    return Row(
        name=f"page 1 of {PAGE} orders, of {history:,} archived over two years; of 10",
        ours=1000 * sides.median(spent["busy"]),
        floor=1000 * sides.median(spent["seldom"]),
        spread=sides.spread(spent["busy"], spent["seldom"]),
        at_most=1.5,
    )


def _copies(customer_id: str, count: int) -> list[OrderCopy]:
    """So many orders of one customer, evenly over two years."""
    first = OrderCopy(
        order_id=UUID(int=0),
        customer_id=customer_id,
        customer_name="Zoë Ångström",
        email="zoe@customers.example",
        status="delivered",
        reason=None,
        lines='[{"product_id":"tea","name":"Tea","quantity":1,"unit_price":{"amount":1,"currency":"USD"}}]',
        amount=1,
        currency="USD",
        placed_at="2026-01-01T00:00:00.000000Z",
        expires_at="2026-01-01T00:30:00.000000Z",
        payment_id="pi_1",
        paid_at="2026-01-01T00:01:00.000000Z",
        invoice_number="INV-2026-000000000000",
        story="[]",
    )
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    for number in range(count):
        at = begin + timedelta(days=730) * number / count
        value = int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number
        found.append(evolve(first, order_id=UUID(int=value)))
    return found


def _archiver(database: postgres_database.Login, keyspace: Login) -> Callable[[int], tuple[float, int]]:
    """The use case; each call archives so many orders and returns the seconds and how many they were."""
    store = Cassandra(lambda _: keyspace, seconds=30)
    live = postgres_database.Database(lambda _: database, seconds=30)
    archive, purchases = CassandraArchive(store), CassandraPurchases(store)
    note = NotePurchases(lambda: purchases, PostgresDueProducts(live))
    use_case = ArchiveDelivered(PostgresOrders(live), lambda: archive, SystemClock(), timedelta(0), note)

    def run(count: int) -> tuple[float, int]:
        # It is asked after each batch whether there is time for another.
        batches = iter(range(count // BATCH - 1))
        began = time.perf_counter()
        moved = use_case(lambda: 60 if next(batches, None) is not None else 0)
        return time.perf_counter() - began, moved

    return run


def _bare(database: postgres_database.Login, keyspace: Login) -> Callable[[int], tuple[float, int]]:
    """The bare script; each call writes so many orders and returns the seconds and how many they were."""
    connection = pg8000.native.Connection(
        database.username,
        password=database.password,
        host=database.host,
        port=database.port,
        database=database.dbname,
    )
    profile = ExecutionProfile(consistency_level=ConsistencyLevel.LOCAL_QUORUM, request_timeout=30)
    cluster = Cluster(
        list(keyspace.contact_points),
        port=keyspace.port,
        protocol_version=4,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    session = cluster.connect(keyspace.keyspace)
    orders = session.prepare(
        "INSERT INTO archived_orders (order_id, customer_id, customer_name, email, status, reason, lines,"
        " amount, currency, placed_at, expires_at, payment_id, paid_at, invoice_number, story)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    histories = session.prepare(
        "INSERT INTO archived_orders_of_customer (customer_id, period, order_id) VALUES (?, ?, ?)"
    )
    periods = session.prepare("INSERT INTO archived_periods_of_customer (customer_id, period) VALUES (?, ?)")
    purchases = session.prepare(
        "INSERT INTO purchases_of_product (product_id, period, order_id, product_ids) VALUES (?, ?, ?, ?)"
    )
    bought = session.prepare("INSERT INTO purchase_periods_of_product (product_id, period) VALUES (?, ?)")
    after = UUID(int=0)

    def run(count: int) -> tuple[float, int]:
        nonlocal after
        began = time.perf_counter()
        done = 0
        while done < count:
            rows = connection.run(BARE_READ, after=after, limit=BATCH)
            if not rows:
                break
            after = rows[-1][0]
            done += len(rows)
            execute_concurrent_with_args(
                session,
                orders,
                [
                    (
                        *row[:9],
                        *(row[9].isoformat(), row[10].isoformat(), row[11], row[12].isoformat()),
                        f"INV-{row[9].year}-{row[0].hex[-12:].upper()}",
                        row[13],
                    )
                    for row in rows
                ],
            )
            keys = [(row[1], row[0].int >> 112, row[0]) for row in rows]
            execute_concurrent_with_args(session, histories, keys)
            execute_concurrent_with_args(session, periods, list({key[:2] for key in keys}))
            noted = [
                (product_id, row[0].int >> 112, row[0], json.dumps(together))
                for row in rows
                for together in [sorted({line["product_id"] for line in json.loads(row[6])})]
                for product_id in together
            ]
            execute_concurrent_with_args(session, purchases, noted)
            execute_concurrent_with_args(session, bought, list({purchase[:2] for purchase in noted}))
        return time.perf_counter() - began, done

    return run


@contextmanager
def _process(
    make: Callable[..., Callable[[int], tuple[float, int]]], *logins: object
) -> Iterator[Callable[[int], tuple[float, int]]]:
    """What `make` makes, in a process of its own; asked for 0, it answers its peak memory in MB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make, logins), daemon=True)
    process.start()

    def ask(count: int) -> tuple[float, int]:
        ours.send(count)
        answer: tuple[float, int] = ours.recv()
        return answer

    yield ask
    ours.close()
    process.join(10)


def _serve(pipe: Any, make: Callable[..., Callable[[int], tuple[float, int]]], logins: tuple[object]) -> None:
    run = make(*logins)
    try:
        while True:
            count = pipe.recv()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            pipe.send(run(count) if count else (peak, 0))
    except EOFError:
        return


@contextmanager
def _stores() -> Iterator[tuple[postgres_database.Login, Login, Login]]:
    """The logins of a database, a keyspace, and a second keyspace, each with their tables."""
    with (
        stores.postgres_server() as postgres,
        stores.folder() as here,
        running_cassandra(here / "home") as cassandra_server,
    ):
        address = cassandra.ensure_keyspace("bare", cassandra_server.home)
        points = tuple(address["contact_points"])
        bare = Login(points, address["port"], "bare", address["local_datacenter"], tls=False)
        migrate_archive(Cassandra(lambda _: bare), MIGRATIONS)
        yield postgres.logins["order"], cassandra_server.login, bare
