"""Servers that run elsewhere, such as in containers: the shop uses them and starts none of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pg8000.native
import pymongo
import pytest

from local import cassandra, elsewhere, mongo, postgres, processes
from local.customer import sign_in
from local.emulator import server as emulator
from local.emulator.clients import user_pool_address
from local.errors import LocalError
from local.paths import LOOPBACK, ROOT, port, secret
from tests.listener import listening
from tests.local.shop_homes import new_home, quiet


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Path]:
    """The home whose servers are those that run elsewhere."""
    folder = new_home(tmp_path / "elsewhere")
    yield folder
    processes.stop(None, folder, report=quiet)


def _variables(away: Path) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port('aws', away)}",
        "POSTGRES_ADDRESS": f"{LOOPBACK}:{port('postgres', away)}",
        "POSTGRES_PASSWORD": secret("postgres-postgres", away),
        "MONGO_URI": mongo.uri(away),
        "CASSANDRA_ADDRESS": f"{LOOPBACK}:{port('cassandra', away)}",
    }


def _shop(command: str, home: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {
        k: v for k, v in os.environ.items() if k not in (*elsewhere.VARIABLES.values(), "POSTGRES_PASSWORD")
    }
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=ROOT,
        env={**kept, "SHOP_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_shop_on_servers_that_run_elsewhere(home: Path, away: Path) -> None:
    """`make up` starts but the gateway and the provider; products, stock and secrets lie in the others."""
    servers = [emulator.server(away), postgres.server(away), mongo.server(away), cassandra.server(away)]
    processes.start(servers, away, quiet)
    variables = _variables(away)
    up = _shop("up", home, **variables)
    assert up.returncode == 0, up.stdout + up.stderr
    assert processes.status(home) == {"gateway": True, "provider": True}
    shop = json.loads((home / "shop.json").read_text(encoding="utf-8"))
    assert shop["aws_endpoint"] == shop["user_pool_endpoint"] == variables["AWS_ENDPOINT_URL"]
    assert shop["postgres"] == variables["POSTGRES_ADDRESS"]
    assert shop["mongo"] == variables["MONGO_URI"]
    assert shop["cassandra"] == variables["CASSANDRA_ADDRESS"]
    with pymongo.MongoClient[dict[str, object]](mongo.uri(away)) as client:
        assert client["catalog"]["products"].estimated_document_count() >= 1000
    connection = pg8000.native.Connection(
        "postgres",
        host=LOOPBACK,
        port=port("postgres", away),
        database="inventory",
        password=variables["POSTGRES_PASSWORD"],
    )
    assert connection.run("SELECT count(*) FROM stock")[0][0] >= 1000
    connection.close()
    user = shop["customers"][0]
    customer = sign_in(shop, user["user"], user["password"])
    (found,) = customer.get("/products", limit=1).json()["items"]
    assert customer.order([(found["product_id"], 1)]).status_code in (201, 409)
    status = _shop("status", home, **variables)
    assert status.returncode == 0, status.stdout
    for name, variable in elsewhere.VARIABLES.items():
        assert f"{name:12}answers at {LOOPBACK}:{port(name, away)}, which {variable} names" in (
            status.stdout.replace("http://", "")
        )
    assert variables["POSTGRES_PASSWORD"] not in up.stdout + up.stderr + status.stdout
    assert _shop("down", home, **variables).returncode == 0
    assert processes.status(home) == {}
    assert all(processes.status(away).values())


@pytest.mark.parametrize(("status", "has_them"), [(501, False), (200, True), (400, True)])
def test_users_sign_in_here_where_an_emulator_elsewhere_has_no_user_pools(
    home: Path, monkeypatch: pytest.MonkeyPatch, status: int, has_them: bool
) -> None:
    """The shop's own emulator has the pool then; only one that knows nothing of pools is meant."""
    with listening(lambda path, headers, body: (status, b"{}")) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        own = f"http://{LOOPBACK}:{port('aws', home)}"
        assert user_pool_address(home) == (address if has_them else own)


def test_one_that_does_not_answer_is_told(home: Path) -> None:
    """A sentence names the address and the variable; nothing is started."""
    nobody = f"{LOOPBACK}:{port('postgres', home)}"
    done = _shop("up", home, POSTGRES_ADDRESS=nobody, POSTGRES_PASSWORD="a secret word")
    assert done.returncode == 1
    assert f"postgres does not answer at {nobody}, which POSTGRES_ADDRESS names" in done.stderr
    assert "a secret word" not in done.stdout + done.stderr
    assert processes.status(home) == {}


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ENDPOINT_URL": "localhost:4566"},
        {"POSTGRES_PASSWORD": "x", "POSTGRES_ADDRESS": "localhost"},
        {"POSTGRES_ADDRESS": "localhost:5432", "POSTGRES_PASSWORD": ""},
        {"CASSANDRA_ADDRESS": ":9042"},
        {"CASSANDRA_ADDRESS": "localhost:99999"},
        {"MONGO_URI": "localhost:27017"},
    ],
)
def test_what_is_no_address_is_told(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence says which variable is wrong."""
    for name in elsewhere.VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(LocalError, match=list(variables)[-1]):
        elsewhere.servers()


def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses that `make status` shows have no login in them."""
    for name in elsewhere.VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MONGO_URI", "mongodb://shop:hidden@db.example:27017/?tls=true")
    assert elsewhere.servers() == {"mongo": "db.example:27017"}
