"""The stores of a benchmark: real ones, as the tests have them, in a folder that goes with them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.repositories.mongo.database import Login, OwnerMongoDatabase
from common.repositories.mongo.products import migrate
from local import mongo, processes
from tests.databases import PostgresServer, running_postgres
from tests.local.shop_homes import new_home, quiet


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that servers may read, too, where they run as another user."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A Postgres with the tables of every service that has a database."""
    with folder() as here, running_postgres(here / "home") as server:
        yield server


@contextmanager
def mongo_server() -> Iterator[Path]:
    """The home of a mongod where one is on the PATH, else of the stand-in."""
    with folder() as here:
        home = new_home(here / "home")
        try:
            processes.start([mongo.server(home)], home, report=quiet)
            yield home
        finally:
            processes.stop(None, home, report=quiet)


def catalog(home: Path, name: str) -> OwnerMongoDatabase:
    """An empty catalog of this name on that server, with its indexes."""
    login = Login(mongo.uri(home), name)
    database = OwnerMongoDatabase(lambda _: login)
    migrate(database)
    return database
