"""A container's connection to Postgres: killed, refused, restarted; and nothing that would pin a proxy."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve

from common.domain.stock import StockLine
from common.errors import Conflict, Unavailable
from common.repositories.postgres.database import Database, Login, Run, Violated
from common.repositories.postgres.stock import PostgresStock
from common.secrets import login_from
from tests.databases import PostgresServer
from tests.fakes import FakeSecrets

NewDatabase = Callable[[str], Database]

_SLOW = "SELECT pg_sleep(0.4), 1 AS one"


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    return new_database("inventory")


@pytest.fixture
def kill(postgres_server: PostgresServer) -> Iterator[Callable[[int], None]]:
    """Ends the server's side of a connection."""
    connection = postgres_server.superuser()
    yield lambda pid: connection.run("SELECT pg_terminate_backend(:pid, 5000)", pid=pid)
    connection.close()


@pytest.fixture
def running(postgres_server: PostgresServer) -> Iterator[Callable[[int], bool]]:
    """Whether that connection is at work on a slow statement."""
    connection = postgres_server.superuser()

    def look(pid: int) -> bool:
        rows = connection.run("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = :pid", pid=pid)
        return bool(rows and rows[0][0])

    yield look
    connection.close()


def pid_of(database: Database) -> int:
    return int(database.run("SELECT pg_backend_pid() AS pid")[0]["pid"])


def test_an_idle_connection_that_was_killed_is_replaced(
    database: Database, kill: Callable[[int], None]
) -> None:
    """The next statement runs on another one, and nobody notices; a transaction too."""
    for _ in range(3):
        before = pid_of(database)
        kill(before)
        assert pid_of(database) != before
        kill(pid_of(database))
        assert database.transaction(lambda run: run("SELECT 1 AS one")) == [{"one": 1}]


def test_a_statement_whose_connection_is_killed_runs_again(
    database: Database, kill: Callable[[int], None], running: Callable[[int], bool]
) -> None:
    """The answer comes from another connection."""
    pid = pid_of(database)

    def kill_while_running() -> None:
        while not running(pid):
            pass
        kill(pid)

    killer = threading.Thread(target=kill_while_running)
    killer.start()
    assert database.run(_SLOW)[0]["one"] == 1
    killer.join(timeout=10)
    assert pid_of(database) != pid


def test_a_transaction_whose_connection_is_killed_is_done_once(
    new_database: NewDatabase, kill: Callable[[int], None]
) -> None:
    """Its first half is undone with the connection; the work runs again as a whole."""
    database, killed = new_database("inventory"), []

    def work(run: Run) -> None:
        run("INSERT INTO stock (product_id, available) VALUES ('tea', 1)")
        if not killed:
            killed.append(run("SELECT pg_backend_pid() AS pid")[0]["pid"])
            kill(killed[0])
        run("INSERT INTO stock (product_id, available) VALUES ('pot', 1)")

    database.transaction(work)
    assert PostgresStock(database).available(["tea", "pot"]) == {"tea": 1, "pot": 1}


def test_a_connection_that_is_killed_twice_is_unavailable(
    new_database: NewDatabase, kill: Callable[[int], None]
) -> None:
    """It is not tried for ever; nothing is half-done, and the next work finds a connection."""
    database = new_database("inventory")

    def work(run: Run) -> None:
        run("INSERT INTO stock (product_id, available) VALUES ('tea', 1)")
        kill(run("SELECT pg_backend_pid() AS pid")[0]["pid"])
        run("SELECT 1")

    with pytest.raises(Unavailable):
        database.transaction(work)
    assert PostgresStock(database).available(["tea"]) == {}


def test_a_server_that_restarts_is_unavailable_until_it_is_back(
    postgres_server: PostgresServer, database: Database
) -> None:
    """Before, after, and while it is away: an answer or `Unavailable`, never another error."""
    PostgresStock(database).set([StockLine("tea", 7)])
    stopping = threading.Thread(target=postgres_server.restart)
    stopping.start()
    answers = []
    while stopping.is_alive():
        try:
            answers.append(PostgresStock(database).available(["tea"]))
        except Unavailable:
            answers.append({})
    stopping.join()
    assert all(answer in ({"tea": 7}, {}) for answer in answers)
    assert PostgresStock(database).available(["tea"]) == {"tea": 7}


def test_a_rotated_password_is_read_again(postgres_server: PostgresServer) -> None:
    """The secret is read once for a connection, and again when its password is refused."""
    good = postgres_server.logins["inventory"]
    fields = {
        "host": good.host,
        "port": good.port,
        "dbname": good.dbname,
        "username": good.username,
        "tls": False,
    }
    secrets = FakeSecrets({"shop/inventory/database": {**fields, "password": "old"}})

    def rotate(again: bool) -> Login:
        if again:
            secrets.secrets["shop/inventory/database"]["password"] = good.password
        return login_from(secrets, "shop/inventory/database", Login)(again)

    database = Database(rotate)
    assert database.run("SELECT 1 AS one") == [{"one": 1}]
    database.run("SELECT 1")
    database.close()
    assert secrets.reads == [False, True]


@pytest.mark.parametrize("first", ["store", "secret"])
def test_whoever_comes_between_the_two_halves_of_a_rotation_waits(
    postgres_server: PostgresServer, first: str
) -> None:
    """The store has the new password and the secret the old one, or the other way round: the statement is
    run as soon as both agree."""
    old = postgres_server.logins["payment"]
    new, secret = evolve(old, password="another"), [old]
    superuser = postgres_server.superuser()

    def tell(half: str) -> None:
        if half == "secret":
            secret[0] = new
        else:
            superuser.run(f"ALTER ROLE payment PASSWORD '{new.password}'")

    pauses = iter([lambda: None, lambda: tell("secret" if first == "store" else "store")])
    known = [old if first == "store" else new]

    def login(again: bool) -> Login:
        if again:
            known[0] = secret[0]
        return known[0]

    tell(first)
    database = Database(login, wait=lambda _: next(pauses)())
    try:
        assert database.run("SELECT 1 AS one") == [{"one": 1}]
    finally:
        database.close()
        superuser.run(f"ALTER ROLE payment PASSWORD '{old.password}'")
        superuser.close()


def test_a_password_that_stays_wrong_is_unavailable(postgres_server: PostgresServer) -> None:
    """Somebody rotates it right now: the same request may be sent again."""
    good = postgres_server.logins["inventory"]
    wrong = Login(good.host, good.port, good.dbname, good.username, "wrong", tls=False)
    with pytest.raises(Unavailable):
        Database(lambda _: wrong, wait=lambda _: None).run("SELECT 1")
    assert "wrong" not in repr(wrong)


def test_nobody_listening_is_unavailable() -> None:
    """A refused connection is told as such; port 1 belongs to nobody here."""
    nowhere = Database(lambda _: Login("127.0.0.1", 1, "inventory", "inventory", "", tls=False))
    with pytest.raises(Unavailable):
        nowhere.run("SELECT 1")


def test_an_answer_that_does_not_come_is_unavailable(
    postgres_server: PostgresServer, database: Database
) -> None:
    """After `seconds` the connection counts as broken, and no later statement reads the late answer."""
    hasty = Database(database.login, seconds=0.5)
    with pytest.raises(Unavailable):
        hasty.run("SELECT pg_sleep(2), 1 AS one")
    assert hasty.run("SELECT 2 AS two") == [{"two": 2}]
    hasty.close()


def test_a_server_that_says_nothing_is_asked_once() -> None:
    """Whoever asked hears of it after `seconds`, not after twice that."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        login = Login(host, port, "shop", "shop", "secret", tls=False)
        with pytest.raises(Unavailable, match="does not answer"):
            Database(lambda _: login, seconds=0.3).run("SELECT 1")
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_work_that_fails_leaves_nothing(new_database: NewDatabase) -> None:
    """Whatever error ends a transaction reaches the caller, nothing is kept, and the connection is sound."""
    database = new_database("inventory")

    def work(run: Run, error: Exception) -> None:
        run("INSERT INTO stock (product_id, available) VALUES ('tea', 1)")
        raise error

    for error in (ZeroDivisionError(), Conflict("code", "No.")):
        with pytest.raises(type(error)):
            database.transaction(lambda run, error=error: work(run, error))  # type: ignore[misc]
        assert database.run("SELECT 3 AS three") == [{"three": 3}]
    with pytest.raises(Violated):
        PostgresStock(database).set([StockLine("tea", -1)])
    assert PostgresStock(database).available(["tea"]) == {}


def test_nothing_pins_a_proxys_session(new_database: NewDatabase) -> None:
    """After all kinds of work there is no named statement, temporary table, held lock or changed setting."""
    database = new_database("inventory")
    stock = PostgresStock(database)
    stock.set([StockLine("tea", 7)])
    stock.available(["tea"])
    database.transaction(lambda run: run("SELECT :one ::int AS one", one=1))
    left = {
        "named statements": "SELECT count(*) AS n FROM pg_prepared_statements",
        "cursors": "SELECT count(*) AS n FROM pg_cursors WHERE name <> ''",
        "temporary tables": "SELECT count(*) AS n FROM pg_class WHERE relpersistence = 't'",
        "advisory locks": "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory'",
        "settings": "SELECT count(*) AS n FROM pg_settings WHERE source = 'session'",
        "channels": "SELECT count(*) AS n FROM pg_listening_channels()",
    }
    assert {name: database.run(sql)[0]["n"] for name, sql in left.items()} == dict.fromkeys(left, 0)
