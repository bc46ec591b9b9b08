"""The commands of the Makefile, on the running shop."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.paths import LOOPBACK, ROOT, recorded_ports
from tests.e2e.books import stock
from tests.e2e.running import RunningShop, eventually, found


def test_up_again_changes_nothing(shop: RunningShop) -> None:
    """The same pool, users, stock and functions, nothing is deployed; and that in a few seconds."""
    shop.make("up")
    before = _all_of(shop)
    began = time.monotonic()
    said = shop.make("up")
    # On a machine that does nothing else it takes three.
    assert time.monotonic() - began < 20
    assert _all_of(shop) == before
    assert "deployed" not in said
    assert "answers" not in said


def test_status_names_every_server(shop: RunningShop) -> None:
    """`make status` tells that each one runs, and `make logs` shows what each one said."""
    said, logs = shop.make("status"), shop.make("logs")
    for server in ("aws", "cassandra", "gateway", "mongo", "postgres", "provider"):
        assert any(line.startswith(server) and line.endswith("runs") for line in said.splitlines()), said
        assert f"{server}.log" in logs


@pytest.mark.lasting_aws
def test_down_leaves_nothing_running_and_everything_kept(shop: RunningShop) -> None:
    """No process is left; started again, the shop knows its customers, their orders and its stock."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    before = person.order(order_id), stock(shop)
    shop.make("down")
    assert shop.processes() == {}
    assert not (shop.home / "shop.json").exists()
    shop.make("up")
    assert (person.order(order_id), stock(shop)) == before
    person.pay(order_id)
    person.sees(order_id, "delivering")


def test_a_service_by_chalice_local_is_not_open(shop: RunningShop) -> None:
    """`make local` serves one app, and a token is verified there too: only the pool's own opens it."""
    person = shop.person()
    claims = jwt.decode(person.shop.token, options={"verify_signature": False})
    head = jwt.get_unverified_header(person.shop.token)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = jwt.encode(claims, None, algorithm="none")
    forged = jwt.encode(claims, other_key, algorithm="RS256", headers={"kid": head["kid"]})
    changed = jwt.encode(claims | {"sub": "somebody else"}, other_key, algorithm="RS256")
    with _served(shop, "product") as address:
        assert _products(address, person.shop.token).status_code == 200
        for token in (unsigned, forged, changed):
            assert _products(address, token).status_code == 401
        assert httpx.get(f"{address}/products", trust_env=False).status_code == 401
        assert found(_products(address, person.shop.token))["items"]
    assert not _answers(address)


@contextmanager
def _served(shop: RunningShop, service: str) -> Iterator[str]:
    """The address of a service that `make local` serves, until the block ends."""
    process = subprocess.Popen(
        shop.command("local", f"SERVICE={service}"),
        cwd=ROOT,
        env=shop.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://{LOOPBACK}:{recorded_ports(shop.home)['service']}"
        eventually("chalice local", lambda: _answers(address) or process.poll() is not None)
        assert process.poll() is None, "make local ended"
        yield address
    finally:
        # What Ctrl-C sends to a whole group.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        httpx.get(f"{address}/products", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def _products(address: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{address}/products", params={"limit": 1}, headers=headers, trust_env=False, timeout=30)


def _all_of(shop: RunningShop) -> dict[str, Any]:
    """What a second start must leave as it is."""
    cognito, functions = shop.aws("cognito-idp"), shop.aws("lambda")
    pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
    pool = {"UserPoolId": shop.described["user_pool_id"]}
    pages = functions.get_paginator("list_functions").paginate()
    return {
        "shop.json": json.loads((shop.home / "shop.json").read_text(encoding="utf-8")),
        "pools": [pool["Id"] for pool in pools],
        "users": cognito.list_users(**pool)["Users"],
        "stock": stock(shop),
        "functions": {
            function["FunctionName"]: (function["CodeSha256"], function["LastModified"])
            for page in pages
            for function in page["Functions"]
        },
        "queues": sorted(shop.aws("sqs").list_queues()["QueueUrls"]),
        "servers": {server: shop.pid(server) for server in shop.alive()},
        "orders": shop.rows("order", "SELECT count(*) FROM orders"),
    }
