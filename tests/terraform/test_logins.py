"""The function that makes the databases, on a real Postgres."""

import importlib.util
import json
from types import ModuleType
from typing import Any

import pg8000.native
import pytest
from attrs import define, field
from pg8000.exceptions import DatabaseError, InterfaceError

from tests.databases import PostgresServer
from tests.terraform.conftest import PLAN

SERVICES = ("books", "returns")
USERS = ["books", "books_owner", "returns", "returns_owner"]


def _logins() -> ModuleType:
    spec = importlib.util.spec_from_file_location("logins", PLAN / "modules/logins/function/logins.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


logins = _logins()


@define
class SecretsManager:
    """What boto3's client of Secrets Manager does, as far as logins.py uses it."""

    class exceptions:  # noqa: N801 - boto3's name
        class ResourceNotFoundException(Exception):
            """There is no such secret, or it has no value yet."""

    values: dict[str, str] = field(factory=dict)

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's names
        if SecretId not in self.values:
            raise self.exceptions.ResourceNotFoundException
        return {"SecretString": self.values[SecretId]}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        self.values[SecretId] = SecretString


@pytest.fixture(scope="module")
def master(postgres_server: PostgresServer) -> dict[str, str]:
    """A user like the one that RDS makes: no superuser, but one who may make roles and databases."""
    connection = postgres_server.superuser()
    connection.run("CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD 'of the master'")
    connection.close()
    return {"username": "master", "password": "of the master"}


@pytest.fixture
def secrets(master: dict[str, str]) -> SecretsManager:
    return SecretsManager({"master": json.dumps(master)})


@pytest.fixture
def wanted(postgres_server: PostgresServer) -> dict[str, Any]:
    server = next(iter(postgres_server.logins.values()))
    return {
        "server": server.host,
        "proxy": server.host,
        "port": server.port,
        "region": "us-east-1",
        "master_secret": "master",
        "logins": {service: f"arn:{service}" for service in SERVICES},
        "owners": {service: f"arn:{service}-owner" for service in SERVICES},
    }


def _connect(secrets: SecretsManager, secret: str, database: str) -> pg8000.native.Connection:
    login = json.loads(secrets.values[secret])
    return pg8000.native.Connection(
        login["username"],
        host=login["host"],
        port=login["port"],
        password=login["password"],
        database=database,
        ssl_context=False,
    )


def test_each_service_gets_a_database_and_two_users_of_its_own(
    secrets: SecretsManager, wanted: dict[str, Any]
):
    """The owner makes a table, and the application may read and write its rows, but not change it; neither
    is let into the database of another service."""
    logins.make_databases(secrets, wanted, 1, tls=False)
    assert json.loads(secrets.values["arn:books"])["iam_region"] == "us-east-1"
    owner = _connect(secrets, "arn:books-owner", "books")
    owner.run("CREATE TABLE IF NOT EXISTS kept (id int)")
    application = _connect(secrets, "arn:books", "books")
    application.run("INSERT INTO kept VALUES (1)")
    for refused in ("ALTER TABLE kept ADD more int", "TRUNCATE kept", "CREATE TABLE own (id int)"):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
            application.run(refused)
    owner.run("DROP TABLE kept")
    for secret, connection in (("arn:books", application), ("arn:books-owner", owner)):
        connection.close()
        with pytest.raises(DatabaseError, match="permission denied for database"):
            _connect(secrets, secret, "returns")


def test_a_database_that_its_only_user_owned_is_brought_over(secrets: SecretsManager, wanted: dict[str, Any]):
    """Where a service had one user, what it owned is the owner's afterwards, its rows among it, and the list
    of applied migrations is out of the application's sight."""
    logins.make_databases(secrets, wanted, 1, tls=False)
    master = json.loads(secrets.values["master"])
    old = pg8000.native.Connection(
        master["username"],
        host=wanted["server"],
        port=wanted["port"],
        password=master["password"],
        database="books",
    )
    for statement in (
        "DROP SCHEMA migrations CASCADE",
        "ALTER DATABASE books OWNER TO books",
        "SET ROLE books",
        "CREATE TABLE sold (id int)",
        "INSERT INTO sold VALUES (7)",
        "CREATE TABLE migrations (name text)",
        "INSERT INTO migrations VALUES ('0001_sold.sql')",
    ):
        old.run(statement)
    old.close()
    assert logins.make_databases(secrets, wanted, 1, tls=False) == []
    application = _connect(secrets, "arn:books", "books")
    assert application.run("SELECT id FROM sold") == [[7]]
    for refused in ("DROP TABLE sold", "SELECT * FROM migrations.applied"):
        with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
            application.run(refused)
    application.close()
    owner = _connect(secrets, "arn:books-owner", "books")
    assert owner.run("SELECT name FROM migrations.applied") == [["0001_sold.sql"]]
    owner.run("DROP TABLE sold")
    owner.close()


def test_the_second_time_nothing_is_another(secrets: SecretsManager, wanted: dict[str, Any]):
    """A password that is in a secret stays, so that functions which hold it go on."""
    assert logins.make_databases(secrets, wanted, 1, tls=False) == USERS
    before = dict(secrets.values)
    assert logins.make_databases(secrets, wanted, 1, tls=False) == []
    assert secrets.values == before


def test_another_rotation_is_another_password_of_each(secrets: SecretsManager, wanted: dict[str, Any]):
    """Every user logs in with the new one, and with the old one no more."""
    logins.make_databases(secrets, wanted, 1, tls=False)
    old = SecretsManager(dict(secrets.values))
    assert logins.make_databases(secrets, wanted, 2, tls=False) == USERS
    for service in SERVICES:
        for secret in (f"arn:{service}", f"arn:{service}-owner"):
            _connect(secrets, secret, service).close()
            with pytest.raises(DatabaseError, match="password authentication failed"):
                _connect(old, secret, service)


def test_it_waits_until_the_proxy_lets_each_user_in(secrets: SecretsManager, wanted: dict[str, Any]):
    """A login that is refused is tried again until it is taken, and the last refusal is told in the end."""
    logins.make_databases(secrets, wanted, 1, tls=False)
    asked: list[str] = []

    def token(**login: Any) -> str:
        asked.append(login["DBUsername"])
        secret = f"arn:{login['DBUsername'].replace('_', '-')}"
        return str(json.loads(secrets.values[secret])["password"]) if len(asked) > 2 else "not yet"

    logins.await_proxy(wanted, token, pause=0, tls=False)
    assert asked == ["books", "books", *USERS]
    with pytest.raises((DatabaseError, InterfaceError)):
        logins.await_proxy(wanted, lambda **_: "never", seconds=0, pause=0, tls=False)
