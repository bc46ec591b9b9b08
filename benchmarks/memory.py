"""What a container holds after its first request, of the memory that Lambda counts: all of the process.

The page of products, and calls of inventory and order, each in a fresh process on a real store. A floor is
a process that has but the driver, and sends the same query; the second one has also imported the other
libraries that cold.py names. What needs AWS is on no side: reading the login from its secret, and verifying
a token.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from attrs import asdict, frozen

from benchmarks import sides, stores
from benchmarks.cold import DRIVERS, LIBRARIES
from benchmarks.row import Row
from common.clock import RandomIds
from common.domain.stock import StockLine
from common.ports.orders import Request as OrderRequest
from common.repositories.mongo.products import MongoProducts
from common.repositories.postgres import orders
from common.repositories.postgres.stock import PostgresStock
from local import catalog, mongo
from local.paths import ROOT
from tests.faults.shop import ENVIRONMENT
from tests.samples import new_order

_PRODUCT = """
import app
from common.domain.customer import Customer
from common.repositories.mongo.database import Login, MongoDatabase

class Ada:
    def verify(self, token):
        return Customer("ada", "ada@example.com", "Ada", frozenset())

app.shop.tokens = Ada()
app.shop.database = MongoDatabase(lambda _: Login(**login))
answer = app.app(event, Context())
assert answer["statusCode"] == 200, answer
"""

_INTERNAL = """
import app
from common.repositories.postgres.database import Database, Login

app.shop.database = Database(lambda _: Login(**login))
answer = app.app.handler_map[event["function"]](event, Context())
assert answer["value"], answer
"""

_PYMONGO = """
from pymongo import MongoClient

products = MongoClient(login["uri"], retryWrites=False)[login["database"]].products
found = list(products.find({}, {"terms": 0}).sort("_id", 1).limit(21).hint("_id_"))
assert len(found) == 21
json.dumps(found, default=str)
"""

_PG8000 = """
from pg8000.native import Connection

connection = Connection(login["username"], password=login["password"], host=login["host"],
                        port=login["port"], database=login["dbname"], ssl_context=False)
found = connection.run(event["statement"], **event["values"])
json.dumps(found, default=str)
"""

_BEFORE = """
import json, sys

class Context:
    aws_request_id = "invocation"

    def get_remaining_time_in_millis(self):
        return 30000

login, event = json.load(sys.stdin)
"""

# Rss is what a container has for itself alone; Pss would depend on what else runs on this machine.
_AFTER = """
with open("/proc/self/smaps_rollup") as told:
    print([line.split()[1] for line in told if line.startswith("Rss:")][0])
"""

_PAGE = {
    "requestContext": {"resourcePath": "/products", "httpMethod": "GET", "requestId": "request"},
    "headers": {"authorization": "Bearer token"},
    "multiValueQueryStringParameters": {"limit": ["20"]},
    "pathParameters": {},
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
}


@frozen
class Request:
    """The first one of a service's function, and what its driver alone does for the same."""

    service: str
    name: str
    login: object
    event: object
    ours: str
    floor: str

    def sides(self) -> dict[str, str]:
        libraries = LIBRARIES + DRIVERS[self.service]
        shop = f"sys.path[:0] = [{str(ROOT / self.service)!r}]\n{self.ours}"
        return {"ours": shop, "driver": self.floor, "libraries": f"{libraries}\n{self.floor}"}


def rows(full: bool) -> list[Row]:
    turns = 15 if full else 3
    with ExitStack() as stack:
        compiled = stack.enter_context(stores.folder())
        home = stack.enter_context(stores.mongo_server())
        MongoProducts(stores.catalog(home, "catalog")).put(catalog.products())
        postgres = stack.enter_context(stores.postgres_server())
        PostgresStock(postgres.database("inventory")).set([StockLine("tea", 9)])
        order = new_order(RandomIds())
        orders.PostgresOrders(postgres.database("order")).add(order, OrderRequest("key", "fingerprint"))
        requests = [
            Request(
                "product",
                "GET /products",
                {"uri": mongo.uri(home), "database": "catalog"},
                _PAGE,
                _PRODUCT,
                _PYMONGO,
            ),
            Request(
                "inventory",
                "get_inventory",
                asdict(postgres.logins["inventory"]),
                _call(
                    "get_inventory",
                    {"product_ids": ["tea"]},
                    "SELECT product_id, sum(available) ::bigint AS available FROM stock "
                    "WHERE product_id = ANY (:product_ids ::text[]) GROUP BY product_id",
                ),
                _INTERNAL,
                _PG8000,
            ),
            Request(
                "order",
                "get_order",
                asdict(postgres.logins["order"]),
                _call(
                    "get_order",
                    {"order_id": str(order.order_id)},
                    orders._GET,
                    states=orders._STATES,
                ),
                _INTERNAL,
                _PG8000,
            ),
        ]
        return [row for request in requests for row in _rows(request, turns, compiled)]


def _call(function: str, arguments: dict[str, object], statement: str, **more: object) -> dict[str, object]:
    return {
        "function": function,
        "arguments": arguments,
        "correlation_id": "bench",
        "statement": statement,
        "values": {**arguments, **more},
    }


def _rows(request: Request, turns: int, compiled: Path) -> list[Row]:
    held: dict[str, list[float]] = {name: [] for name in request.sides()}
    # The first turn compiles.
    for turn in range(-1, turns):
        for name, program in request.sides().items():
            megabytes = _megabytes(program, request, compiled)
            if turn >= 0:
                held[name].append(megabytes)
    floors = {
        "driver": f"{request.name}, beside the driver alone",
        "libraries": f"{request.name}, beside the driver and the libraries",
    }
    return [
        Row(
            name=name,
            ours=sides.median(held["ours"]),
            floor=sides.median(held[floor]),
            unit="MB",
            spread=sides.spread(held["ours"], held[floor]),
            at_most=1.2,
        )
        for floor, name in floors.items()
    ]


def _megabytes(program: str, request: Request, compiled: Path) -> float:
    environment = {
        **ENVIRONMENT,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(compiled),
    }
    done = subprocess.run(  # noqa: S603 - the programs are above
        [sys.executable, "-c", _BEFORE + program + _AFTER],
        env=environment,
        input=json.dumps([request.login, request.event]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1]) / 1024
