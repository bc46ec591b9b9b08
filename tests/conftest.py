"""What tests of several folders need: a Postgres of their own, and time and ids that they decide."""

import json
import random
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pg8000.native
import pytest
from attrs import frozen

from common.aws.clients import client
from common.repositories.cassandra.session import Cassandra
from common.repositories.postgres.database import Database, Login, OwnerDatabase
from common.repositories.postgres.migrate import migrate
from local import postgres, processes
from local.errors import LocalError
from local.paths import LOOPBACK
from tests.apps import ROOT
from tests.archives import CassandraServer, running_cassandra
from tests.fakes import FakeClock, FakeIds
from tests.localstacks import LocalStack, running_localstack

SQL_SERVICES = ("inventory", "order", "payment")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/faults --seed N` replays one run; `--seeds COUNT` makes so many, from `--first` on."""
    parser.addoption("--localstack", action="store_true", help="let AWS be LocalStack")
    parser.addoption("--seed", type=int, help="of tests/faults: run this one seed")
    parser.addoption("--seeds", type=int, default=200, help="of tests/faults: run so many seeds")
    parser.addoption("--customers", type=int, default=10, help="of tests/faults: so many for each seed")
    parser.addoption("--first", type=int, default=1, help="of tests/faults: the first of them")


def pytest_configure(config: pytest.Config) -> None:
    """Programs that tests start hear Ctrl-C also where the tests themselves, in the background, do not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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

    def superuser(self) -> pg8000.native.Connection:
        login = next(iter(self.logins.values()))
        password = (self.home / "secrets" / "postgres-postgres").read_text(encoding="utf-8")
        return pg8000.native.Connection(
            "postgres", host=login.host, port=login.port, database="postgres", password=password, timeout=10
        )

    def restart(self) -> None:
        processes.stop(["postgres"], self.home, report=_quiet)
        processes.start([postgres.server(self.home)], self.home, report=_quiet)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The server; it is started for the first test that asks."""
    home = tmp_path_factory.mktemp("postgres")
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        (home / "ports.json").write_text(json.dumps({"postgres": free.getsockname()[1]}), encoding="utf-8")
    try:
        processes.start([postgres.server(home)], home, report=_quiet)
        made = {service: postgres.ensure_database(service, home) for service in SQL_SERVICES}
        server = PostgresServer(
            home,
            {service: Login(**logins.application) for service, logins in made.items()},
            {service: Login(**logins.owner) for service, logins in made.items()},
        )
        for service in SQL_SERVICES:
            migrate(server.owner_database(service), _migrations(service))
        yield server
    finally:
        processes.stop(None, home, report=_quiet)


@pytest.fixture
def new_database(postgres_server: PostgresServer) -> Iterator[Callable[[str], Database]]:
    """Gives a connection to the empty database of a service; again, another connection to the same."""
    emptied: set[str] = set()
    opened: list[Database] = []

    def new(service: str) -> Database:
        opened.append(postgres_server.database(service))
        if service not in emptied:
            emptied.add(service)
            owner = postgres_server.owner_database(service)
            tables = owner.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            owner.run("TRUNCATE " + ", ".join(f"{table['tablename']}" for table in tables))
            owner.close()
        return opened[-1]

    yield new
    for database in opened:
        database.close()


@pytest.fixture(scope="session")
def localstack(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack | None]:
    """LocalStack, if these tests are to have it; it is started for the first that asks."""
    if not pytestconfig.getoption("--localstack"):
        yield None
        return
    try:
        with running_localstack(tmp_path_factory.mktemp("localstack")) as found:
            yield found
    except LocalError as problem:
        pytest.exit(str(problem), returncode=1)


@pytest.fixture
def aws(localstack: LocalStack | None) -> Iterator[None]:
    """An empty AWS, whatever the machine knows of AWS: moto's within this process, or LocalStack's."""
    if localstack:
        with pytest.MonkeyPatch.context() as environment:
            # Each account of LocalStack is empty at first; a key of twelve digits is that of an account.
            environment.setenv("AWS_ACCESS_KEY_ID", f"{random.randrange(10**12):012}")
            environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
            environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
            environment.setenv("AWS_ENDPOINT_URL", localstack.endpoint)
            # The credentials of the test before are kept in it.
            boto3.setup_default_session()
            client.cache_clear()
            yield
        client.cache_clear()
        return
    from moto import mock_aws

    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # A page of keys is short, so that a test need not write a thousand to see a second one.
        environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        client.cache_clear()
        yield
    client.cache_clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


def _migrations(service: str) -> Path:
    return ROOT / service / "chalicelib" / service / "migrations"


def _quiet(_: str) -> None:
    """Where a test's servers report their progress to."""


@pytest.fixture(scope="session")
def cassandra_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CassandraServer]:
    """The node; it is started for the first test that asks."""
    with running_cassandra(tmp_path_factory.mktemp("cassandra") / "home") as server:
        yield server


@pytest.fixture
def new_store(cassandra_server: CassandraServer) -> Callable[[], Cassandra]:
    """Gives a session with the empty archive; again, another session with the same."""
    cassandra_server.empty()
    return cassandra_server.store
