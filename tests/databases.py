"""A real Postgres for tests and benchmarks, with the tables of every service that has a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pg8000.native
from attrs import frozen

from common.repositories.postgres.database import Database, Login, OwnerDatabase
from common.repositories.postgres.migrate import migrate
from local import postgres, processes
from tests.apps import ROOT
from tests.local.shop_homes import new_home, quiet

SQL_SERVICES = ("inventory", "order", "payment")


@frozen
class PostgresServer:
    """A real server for the whole run, in a folder of its own, with one database a service."""

    home: Path
    logins: dict[str, Login]
    """How the functions of each service log in."""
    owners: dict[str, Login]
    """How `migrate` of each service does."""

    def database(self, service: str) -> Database:
        """A connection of its own to the service's database, as one container has."""
        login = self.logins[service]
        return Database(lambda _: login)

    def owner_database(self, service: str) -> OwnerDatabase:
        """A connection of its own to the service's database, as the owner of its tables."""
        login = self.owners[service]
        return OwnerDatabase(lambda _: login)

    def empty(self, service: str) -> None:
        """Takes all rows out of the service's tables."""
        owner = self.owner_database(service)
        tables = owner.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        owner.run("TRUNCATE " + ", ".join(f"{table['tablename']}" for table in tables))
        owner.close()

    def superuser(self) -> pg8000.native.Connection:
        login = next(iter(self.logins.values()))
        password = (self.home / "secrets" / "postgres-postgres").read_text(encoding="utf-8")
        return pg8000.native.Connection(
            "postgres", host=login.host, port=login.port, database="postgres", password=password, timeout=10
        )

    def restart(self) -> None:
        processes.stop(["postgres"], self.home, report=quiet)
        processes.start([postgres.server(self.home)], self.home, report=quiet)


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresServer]:
    """A server whose files are in this folder; it is stopped behind the block."""
    home = new_home(folder)
    try:
        processes.start([postgres.server(home)], home, report=quiet)
        made = {service: postgres.ensure_database(service, home) for service in SQL_SERVICES}
        server = PostgresServer(
            home,
            {service: Login(**logins.application) for service, logins in made.items()},
            {service: Login(**logins.owner) for service, logins in made.items()},
        )
        for service in SQL_SERVICES:
            migrate(server.owner_database(service), ROOT / service / "chalicelib" / service / "migrations")
        yield server
    finally:
        processes.stop(None, home, report=quiet)
