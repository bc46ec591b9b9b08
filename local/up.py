"""Starting and stopping the whole shop, by steps that each do nothing where nothing is to be done."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from local import elsewhere, processes
from local.errors import LocalError
from local.paths import HOME, LOOPBACK, port, recorded_ports, secret, valid_secrets, write_atomically
from local.processes import Server
from local.services import SERVICES

if TYPE_CHECKING:
    from common.aws.functions import LambdaFunctions
    from common.repositories.mongo.products import MongoProducts
    from local.deploy import Deployed
    from local.provision import Resources

SHOP_FILE = HOME / "shop.json"
# They are stopped last: the others still write to them.
STORES = ("postgres", "cassandra", "mongo")
SQL_SERVICES = ("inventory", "order", "payment")
CATALOG = "catalog"
# What these two secrets are called in this shop's home.
PROVIDER_API_KEY = "provider-api-key"
PROVIDER_WEBHOOK = "provider-webhook"


def up() -> None:
    """Start what does not run, bring everything to the state of this checkout, and tell where the shop is.

    Safe to break off and to repeat: each step finds out what is there. shop.json is written when all is done.
    """
    # The drivers and boto3 take a second to import, which other commands need not wait for.
    from common.aws.functions import LambdaFunctions
    from local import cassandra, catalog, deploy, gateway, mongo, postgres, provision
    from local.emulator import server as emulator
    from local.emulator.clients import has_user_pools, signed

    with processes.exclusive():
        began = time.monotonic()
        if not _all_run():
            SHOP_FILE.unlink(missing_ok=True)
        with _step("Servers"):
            makers: dict[str, Callable[[], Server]] = {
                "postgres": postgres.server,
                "cassandra": cassandra.server,
                "mongo": mongo.server,
                "aws": partial(emulator.server, seconds_per_minute=seconds_per_minute()),
                "provider": _provider,
                "gateway": gateway.server,
            }
            away = elsewhere.servers()
            for name in away:
                _ask_elsewhere(name)
            here = makers.keys() - away.keys()
            if not has_user_pools(elsewhere.aws()):
                print("  aws, which runs elsewhere, has no user pools: this shop's own emulator keeps them")
                here |= {"aws"}
            # What ran here before it ran elsewhere.
            processes.stop(away.keys() - here)
            _start(*(make for name, make in makers.items() if name in here))
        with _step("AWS resources"):
            resources = _resources()
        with _step("Services"):
            deployed = deploy.deploy(SERVICES, resources.variables)
        functions = LambdaFunctions(provision.STAGE, signed)
        with _step("Migrations"):
            _migrate(functions, deployed)
        with _step("Catalog"):
            catalog.load(_products(), functions, _catalog_marker())
        write_atomically(
            SHOP_FILE, json.dumps(_description(resources), indent=2, ensure_ascii=False) + "\n", 0o600
        )
        print(
            f"The shop is up at {_api()} after {time.monotonic() - began:.1f} s: open that in a browser. "
            f"{SHOP_FILE} has its customers' passwords, and tells the rest."
        )


def serve(service: str) -> int:
    """Run `chalice local` for one service against the running stores until Ctrl-C; return its exit status."""
    from local import deploy

    if service not in SERVICES:
        raise LocalError(f"There is no service {service}. There are {', '.join(SERVICES)}.")
    if not processes.status() or not _all_run():
        raise LocalError("The shop is not running. Run 'make up' first, then try again.")
    filled = deploy.configuration(service, _resources().variables(service))
    return deploy.serve(service, filled)


def down() -> None:
    """Stop every server of this shop; what it keeps stays."""
    with processes.exclusive():
        SHOP_FILE.unlink(missing_ok=True)
        known = [running.name for running in processes.recorded()]
        stopped = processes.stop([name for name in known if name not in STORES])
        stopped += processes.stop(STORES)
    print("The shop is stopped." if stopped else "Nothing was running.")


def status() -> int:
    """Print what runs and where, here and elsewhere; 0 if everything that was started runs, else 1."""
    servers = processes.recorded()
    away = elsewhere.servers()
    if not servers:
        print("Nothing is running. 'make up' starts the shop.")
        return 1
    numbers = recorded_ports()
    for server in servers:
        state = "runs" if server.is_alive() else "has ended: 'make up' starts it again"
        print(f"{server.name:12}{numbers.get(server.name, ''):<7}{state}")
    answering = True
    for name, where in away.items():
        try:
            _ask_elsewhere(name)
            print(f"{name:12}answers at {where}, which {elsewhere.VARIABLES[name]} names")
        except LocalError as error:
            answering = False
            print(error)
    if SHOP_FILE.exists():
        print(f"Addresses, users and passwords are in {SHOP_FILE}")
    return 0 if _all_run() and answering else 1


def logs(lines: int = 20) -> None:
    """Print the last lines of every server's log."""
    for log in sorted(processes.log_file("any").parent.glob("*.log")):
        with log.open(encoding="utf-8", errors="replace") as content:
            last = content.readlines()[-lines:]
        print(f"==> {log} <==\n{''.join(last)}")


def _resources() -> "Resources":
    """The databases and AWS resources of the shop, made where they are missing."""
    from local import cassandra, mongo, postgres, provision

    return provision.provision(
        databases={service: postgres.ensure_database(service) for service in SQL_SERVICES},
        catalog={"uri": mongo.uri(), "database": CATALOG},
        archive={**cassandra.ensure_keyspace(provision.ARCHIVE_KEYSPACE)},
        provider=provider_secret(),
        checkout_return_url=f"{_api()}/",
        visibility_seconds=max(1, round(provision.VISIBILITY_SECONDS * seconds_per_minute() / 60)),
    )


def seconds_per_minute() -> float:
    """How long a minute lasts in this shop, for schedules and for messages that wait to be tried again.

    $SHOP_SECONDS_PER_MINUTE, for those who would see in seconds what else takes minutes.
    """
    given = os.environ.get("SHOP_SECONDS_PER_MINUTE") or "60"
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 60:
        raise LocalError(f"SHOP_SECONDS_PER_MINUTE must be a number up to 60, and is {given!r}.")
    return seconds


def _migrate(functions: "LambdaFunctions", deployed: "Mapping[str, Deployed]") -> None:
    """Call the function `migrate` of every service that has one, side by side."""
    name = f"-{functions.stage}-migrate"
    services = [s for s, service in deployed.items() if f"{s}{name}" in service.functions]
    with ThreadPoolExecutor(max(len(services), 1)) as pool:
        applied = list(pool.map(lambda service: functions.call(service, "migrate", {}), services))
    for service, changes in zip(services, applied, strict=True):
        if changes:
            print(f"  {service}: {', '.join(changes)}")


def _catalog_marker() -> Path:
    """The file that says which catalog was loaded: one for each Postgres, which has the stock."""
    away = elsewhere.servers().get("postgres")
    return HOME / "catalog" / away.replace(":", "-") if away else HOME / "catalog.loaded"


def _products() -> "MongoProducts":
    from common.repositories.mongo.database import Login, OwnerMongoDatabase
    from common.repositories.mongo.products import MongoProducts
    from local import mongo

    return MongoProducts(OwnerMongoDatabase(lambda _: Login(mongo.uri(), CATALOG)))


def _provider() -> Server:
    from local.provider.server import server

    return server(
        port=port("provider"),
        api_keys=valid_secrets(PROVIDER_API_KEY),
        webhook_secrets=valid_secrets(PROVIDER_WEBHOOK),
        webhook_url=_webhook_url(),
    )


def provider_secret() -> dict[str, object]:
    """What the shop knows of its provider."""
    return {
        "api_key": secret(PROVIDER_API_KEY),
        "webhook_secrets": valid_secrets(PROVIDER_WEBHOOK),
        "api_base": _provider_address(),
    }


def _description(resources: "Resources") -> dict[str, object]:
    """What shop.json says: the addresses of the running shop, and who can sign in."""
    from local import cassandra, mongo, postgres, provision
    from local.emulator.credentials import REGION

    full_names = {name: full_name for name, full_name, *_ in provision.USERS}
    users = {
        kind: [
            {"user": u.name, "name": full_names[u.name], "email": u.email, "password": u.password}
            for u in resources.users
            if u.is_operator == is_operator
        ]
        for kind, is_operator in (("customers", False), ("operators", True))
    }
    return {
        "storefront": f"{_api()}/",
        "api": _api(),
        "region": REGION,
        "user_pool_id": resources.user_pool_id,
        "client_id": resources.client_id,
        "issuer": resources.issuer,
        "aws_endpoint": resources.endpoint,
        "user_pool_endpoint": resources.user_pool_endpoint,
        "payment_provider": _provider_address(),
        "webhook_url": _webhook_url(),
        "webhook_secret": secret(PROVIDER_WEBHOOK),
        "mailbox": f"{_api()}/mailbox",
        "postgres": ":".join(map(str, postgres.address())),
        "mongo": mongo.uri(),
        "cassandra": ":".join(map(str, cassandra.address())),
        **users,
    }


def _ask_elsewhere(name: str) -> None:
    """Raises LocalError with a sentence where a server that runs elsewhere does not answer."""
    from local import cassandra, mongo, postgres
    from local.emulator.clients import client

    asks: dict[str, Callable[[], object]] = {
        "aws": lambda: client("sts").get_caller_identity(),
        "postgres": postgres.ask,
        "mongo": mongo.ask,
        "cassandra": cassandra.ask,
    }
    try:
        asks[name]()
    # Each driver has errors of its own.
    except Exception as error:
        raise LocalError(
            f"{name} does not answer at {elsewhere.servers()[name]}, which {elsewhere.VARIABLES[name]} names "
            f"({type(error).__name__}). Start it there, or unset the variable, then try again."
        ) from error


def _api() -> str:
    return f"http://{LOOPBACK}:{port('gateway')}"


def _webhook_url() -> str:
    return f"{_api()}/webhooks/stripe"


def _provider_address() -> str:
    return f"http://{LOOPBACK}:{port('provider')}"


def _all_run() -> bool:
    return all(processes.status().values())


def _start(*makers: Callable[[], Server]) -> None:
    # A store that is new writes its first files while its server is described.
    with ThreadPoolExecutor(len(makers)) as pool:
        servers = list(pool.map(lambda make: make(), makers))
    processes.start(servers, report=partial(print, flush=True))


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"{name} ...", flush=True)
    yield
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
