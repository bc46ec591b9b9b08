"""What tests of several folders need: a Postgres of their own, and time and ids that they decide."""

import random
import signal
from collections.abc import Callable, Iterator

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from common.aws.clients import client
from common.repositories.cassandra.session import Cassandra
from common.repositories.postgres.database import Database
from local.errors import LocalError
from local.paths import LOOPBACK
from tests.archives import CassandraServer, running_cassandra
from tests.databases import PostgresServer, running_postgres
from tests.fakes import FakeClock, FakeIds
from tests.localstacks import LocalStack, running_localstack


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/faults --seed N` replays one run; `--seeds COUNT` makes so many, from `--first` on."""
    parser.addoption("--localstack", action="store_true", help="let AWS be LocalStack")
    parser.addoption("--seed", type=int, help="of tests/faults: run this one seed")
    parser.addoption("--seeds", type=int, default=220, help="of tests/faults: run so many seeds")
    parser.addoption("--customers", type=int, default=10, help="of tests/faults: so many for each seed")
    parser.addoption("--first", type=int, default=1, help="of tests/faults: the first of them")


def pytest_configure(config: pytest.Config) -> None:
    """Programs that tests start hear Ctrl-C also where the tests themselves, in the background, do not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The server; it is started for the first test that asks."""
    with running_postgres(tmp_path_factory.mktemp("postgres") / "home") as server:
        yield server


@pytest.fixture
def new_database(postgres_server: PostgresServer) -> Iterator[Callable[[str], Database]]:
    """Gives a connection to the empty database of a service; again, another connection to the same."""
    emptied: set[str] = set()
    opened: list[Database] = []

    def new(service: str) -> Database:
        opened.append(postgres_server.database(service))
        if service not in emptied:
            emptied.add(service)
            postgres_server.empty(service)
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


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    """Where moto answers in the place of AWS; it is started for the first test that asks."""
    server = ThreadedMotoServer(LOOPBACK, 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(localstack: LocalStack | None, request: pytest.FixtureRequest) -> Iterator[None]:
    """An empty AWS, whatever the machine knows of AWS: moto's within this process, or LocalStack's."""
    with pytest.MonkeyPatch.context() as environment:
        if localstack:
            address = localstack.endpoint
        else:
            address = request.getfixturevalue("moto_address")
            httpx.post(f"{address}/moto-api/reset").raise_for_status()
            # A page of keys is short, so that a test need not write a thousand to see a second one.
            environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        # Each account of LocalStack is empty at first; a key of twelve digits is that of an account.
        account = f"{random.randrange(10**12):012}"
        environment.setenv("AWS_ACCESS_KEY_ID", account if localstack else "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_REGION", "us-east-1")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_ENDPOINT_URL", address)
        # The credentials of the test before are kept in it.
        boto3.setup_default_session()
        client.cache_clear()
        yield
    client.cache_clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


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
