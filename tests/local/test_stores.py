"""The three stores lose nothing that they acknowledged, whenever they are killed."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pg8000.native
import pymongo
import pytest
from cassandra.cluster import Cluster
from pg8000.exceptions import DatabaseError, InterfaceError
from pymongo.errors import PyMongoError

from local import cassandra, mongo, postgres, processes
from local.paths import LOOPBACK, port, secret
from local.processes import Server
from tests.local.shop_homes import quiet

# Enough that the kill comes in the middle of the writes, whatever the machine's speed.
WRITES_BEFORE_KILL = 200


def _write_until_killed(write: Callable[[int], object], home: Path) -> int:
    """Write numbered rows, kill the server after some of them, and return how many were acknowledged."""
    acknowledged = 0
    enough = threading.Event()
    server = processes.recorded(home)[0]

    def kill() -> None:
        enough.wait(60)
        os.kill(server.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        while acknowledged < 1_000_000:
            write(acknowledged)
            acknowledged += 1
            if acknowledged == WRITES_BEFORE_KILL:
                enough.set()
    except (OSError, InterfaceError, DatabaseError, PyMongoError):
        pass
    finally:
        enough.set()
        killer.join()
    assert acknowledged >= WRITES_BEFORE_KILL
    return acknowledged


def _started(server: Server, home: Path) -> None:
    processes.start([server], home, quiet)


def _superuser(home: Path, dbname: str = "postgres") -> pg8000.native.Connection:
    host, number = postgres.address(home)
    password = secret("postgres-postgres", home)
    return pg8000.native.Connection("postgres", host=host, port=number, database=dbname, password=password)


def _sign_in(credentials: postgres.Credentials, dbname: str | None = None) -> pg8000.native.Connection:
    return pg8000.native.Connection(
        credentials["username"],
        host=credentials["host"],
        port=credentials["port"],
        database=dbname or credentials["dbname"],
        password=credentials["password"],
        timeout=10,
    )


def test_postgres_keeps_what_it_acknowledged(home: Path) -> None:
    """After kill -9, with its pid file left behind, the next start finds every committed row."""
    _started(postgres.server(home), home)
    credentials = postgres.ensure_database("order", home).owner
    connection = _sign_in(credentials)
    connection.run("CREATE TABLE row (id integer PRIMARY KEY)")
    count = _write_until_killed(lambda n: connection.run("INSERT INTO row VALUES (:n)", n=n), home)
    # As if the system had given the pid to another program meanwhile: to this one.
    pid_file = home / "postgres" / "postmaster.pid"
    _, *rest = pid_file.read_text(encoding="utf-8").splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *rest]) + "\n", encoding="utf-8")
    _started(postgres.server(home), home)
    again = _sign_in(postgres.ensure_database("order", home).owner)
    assert [[n] for n in range(count)] == again.run("SELECT id FROM row WHERE id < :n ORDER BY id", n=count)
    again.close()


def test_a_service_reaches_its_own_database_alone(home: Path) -> None:
    """No user of one service can open the database of another, nor sign in with another password."""
    _started(postgres.server(home), home)
    order, payment = postgres.ensure_database("order", home), postgres.ensure_database("payment", home)
    for login in (order.application, order.owner):
        with pytest.raises(DatabaseError, match="permission denied"):
            _sign_in(login, dbname="payment")
        with pytest.raises(DatabaseError, match="authentication failed"):
            _sign_in({**login, "password": payment.owner["password"]})


def test_a_shop_whose_services_had_one_user_is_brought_over(home: Path) -> None:
    """Tables and rows stay, the owner has the tables, and what was applied is not applied again."""
    _started(postgres.server(home), home)
    made = postgres.ensure_database("order", home)
    with closing(_superuser(home)) as server:
        server.run('ALTER DATABASE "order" OWNER TO "order"')
    with closing(_superuser(home, "order")) as server:
        server.run("DROP SCHEMA migrations CASCADE")
        server.run("GRANT ALL ON SCHEMA public TO PUBLIC")
    with closing(_sign_in(made.application)) as only:
        only.run("CREATE TABLE sold (id integer)")
        only.run("INSERT INTO sold VALUES (7)")
        only.run("CREATE TABLE migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)")
        only.run("INSERT INTO migrations VALUES ('0001_sold.sql', now())")
    for _ in range(2):
        postgres.ensure_database("order", home)
    with closing(_sign_in(made.application)) as application, closing(_sign_in(made.owner)) as owner:
        assert application.run("SELECT id FROM sold") == [[7]]
        assert owner.run("SELECT name FROM migrations.applied") == [["0001_sold.sql"]]
        owner.run("ALTER TABLE sold ADD more integer")
        for refused in ("ALTER TABLE sold DROP more", "CREATE TABLE own (id integer)"):
            with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
                application.run(refused)


def test_a_half_made_data_directory_is_made_anew(home: Path) -> None:
    """What an interrupted first start left behind does not hinder the next one."""
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("16\n", encoding="utf-8")
    _started(postgres.server(home), home)
    assert processes.status(home) == {"postgres": True}


def test_mongo_keeps_what_it_acknowledged(home: Path) -> None:
    """After kill -9 every acknowledged document is there, in the collection and in its index."""
    _started(mongo.server(home), home)
    with pymongo.MongoClient[dict[str, Any]](mongo.uri(home), serverSelectionTimeoutMS=2000) as client:
        products = client["catalog"]["products"]
        products.create_index("number")
        count = _write_until_killed(lambda n: products.insert_one({"_id": n, "number": n}), home)
    _started(mongo.server(home), home)
    with pymongo.MongoClient[dict[str, Any]](mongo.uri(home)) as client:
        products = client["catalog"]["products"]
        found = products.find({"number": {"$gte": 0, "$lt": count}}).sort("number")
        assert [product["number"] for product in found] == list(range(count))
        assert products.count_documents({"_id": {"$lt": count}}) == count


def test_cassandra_keeps_what_it_acknowledged(home: Path) -> None:
    """After kill -9 every acknowledged row is there."""
    _started(cassandra.server(home), home)
    with Cluster([LOOPBACK], port=port("cassandra", home)) as cluster:
        session = cluster.connect()
        session.execute(
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        session.execute("CREATE TABLE shop.row (id int PRIMARY KEY)")
        insert = session.prepare("INSERT INTO shop.row (id) VALUES (?)")

        def write(number: int) -> None:
            # The driver has an error class for each way of losing a server.
            try:
                session.execute(insert, [number], timeout=5)
            except Exception as error:
                raise ConnectionError from error

        count = _write_until_killed(write, home)
    _started(cassandra.server(home), home)
    with Cluster([LOOPBACK], port=port("cassandra", home)) as cluster:
        rows = cluster.connect().execute("SELECT id FROM shop.row")
        assert set(range(count)) <= {row.id for row in rows}
