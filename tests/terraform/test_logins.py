"""The function that makes the databases, on a real Postgres."""

import importlib.util
import json
from types import ModuleType
from typing import Any

import pg8000.native
import pytest
from attrs import define, field
from pg8000.exceptions import DatabaseError, InterfaceError

from tests.conftest import PostgresServer
from tests.terraform.conftest import PLAN

SERVICES = ("books", "returns")


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


@pytest.fixture
def secrets(postgres_server: PostgresServer) -> SecretsManager:
    password = (postgres_server.home / "secrets" / "postgres-postgres").read_text(encoding="utf-8")
    return SecretsManager({"owner": json.dumps({"username": "postgres", "password": password})})


@pytest.fixture
def wanted(postgres_server: PostgresServer) -> dict[str, Any]:
    server = next(iter(postgres_server.logins.values()))
    return {
        "server": server.host,
        "proxy": server.host,
        "port": server.port,
        "region": "us-east-1",
        "owner_secret": "owner",
        "logins": {service: f"arn:{service}" for service in SERVICES},
    }


def _connect(login: dict[str, Any], database: str) -> pg8000.native.Connection:
    return pg8000.native.Connection(
        login["username"],
        host=login["host"],
        port=login["port"],
        password=login["password"],
        database=database,
        ssl_context=False,
    )


def test_each_service_gets_a_database_and_a_user_of_its_own(secrets: SecretsManager, wanted: dict[str, Any]):
    """A service owns its database, and is not let into another's."""
    assert logins.make_databases(secrets, wanted, tls=False) == ["books", "returns"]
    books = json.loads(secrets.values["arn:books"])
    assert books["iam_region"] == "us-east-1"
    connection = _connect(books, "books")
    connection.run("CREATE TABLE IF NOT EXISTS kept (id int)")
    connection.close()
    with pytest.raises(DatabaseError, match="permission denied"):
        _connect(books, "returns")


def test_the_second_time_nothing_is_another(secrets: SecretsManager, wanted: dict[str, Any]):
    """A password that is in a secret stays, so that functions which hold it go on."""
    logins.make_databases(secrets, wanted, tls=False)
    before = dict(secrets.values)
    assert logins.make_databases(secrets, wanted, tls=False) == []
    assert secrets.values == before


def test_it_waits_until_the_proxy_lets_each_service_in(secrets: SecretsManager, wanted: dict[str, Any]):
    """A login that is refused is tried again until it is taken, and the last refusal is told in the end."""
    logins.make_databases(secrets, wanted, tls=False)
    asked: list[str] = []

    def token(**login: Any) -> str:
        asked.append(login["DBUsername"])
        kept = json.loads(secrets.values[f"arn:{login['DBUsername']}"])
        return str(kept["password"]) if len(asked) > 2 else "not yet"

    logins.await_proxy(wanted, token, pause=0, tls=False)
    assert asked == ["books", "books", "books", "returns"]
    with pytest.raises((DatabaseError, InterfaceError)):
        logins.await_proxy(wanted, lambda **_: "never", seconds=0, pause=0, tls=False)
