"""A real Cassandra for tests, with the tables of the archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from common.repositories.cassandra.migrate import migrate
from common.repositories.cassandra.session import Cassandra, Login
from local import cassandra, processes
from tests.apps import ROOT
from tests.local.shop_homes import new_home, quiet

MIGRATIONS = ROOT / "order" / "chalicelib" / "order" / "migrations"
TABLES = (
    *("archived_orders", "archived_orders_of_customer", "archived_periods_of_customer"),
    *("purchases_of_product", "purchase_periods_of_product", "suggestions_of_product"),
)


@frozen
class CassandraServer:
    """A real node for the whole run, in a folder of its own."""

    home: Path
    login: Login
    _opened: list[Cassandra] = field(factory=list)

    def store(self, seconds: float = 10) -> Cassandra:
        """A session of its own, as one container has."""
        self._opened.append(Cassandra(lambda _: self.login, seconds=seconds))
        return self._opened[-1]

    def empty(self) -> None:
        """Takes all rows out of the tables, and ends the sessions that were given out."""
        store = self.store()
        for table in TABLES:
            store.plainly(f"TRUNCATE {table}")
        while self._opened:
            self._opened.pop().close()

    def stop(self) -> None:
        processes.stop(["cassandra"], self.home, report=quiet)

    def start(self) -> None:
        processes.start([cassandra.server(self.home)], self.home, report=quiet)


@contextmanager
def running_cassandra(folder: Path) -> Iterator[CassandraServer]:
    """A node whose files are in this folder; it is stopped behind the block."""
    home = new_home(folder)
    try:
        processes.start([cassandra.server(home)], home, report=quiet)
        address = cassandra.ensure_keyspace("shop", home)
        points = tuple(address["contact_points"])
        login = Login(points, address["port"], "shop", address["local_datacenter"], tls=False)
        server = CassandraServer(home, login)
        migrate(server.store(), MIGRATIONS)
        yield server
        server.empty()
    finally:
        processes.stop(None, home, report=quiet)
