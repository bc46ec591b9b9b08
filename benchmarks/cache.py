"""What a cache of the catalog saves, where it stands: in the function's container, in Redis, or with the
customer's browser, where the shop has it (docs/decisions/0109).

Customers who browse, and go back to the list that they came from, are played to each cache by a clock that
jumps: that tells how often it answers. What an answer takes is measured, warm, handler only, on real stores;
a browser that need not ask waits for nothing. A view is a list of 20 products, or a product with its stock.
The floor of each cache is the shop without one.
"""

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from statistics import mean
from typing import Any

import redis
from attrs import frozen
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from benchmarks import sides, stores
from benchmarks.row import Row
from benchmarks.shop import RealShop, real_shop
from common.codec import read, write
from common.domain.product import Product
from common.domain.stock import StockLine
from common.ports.products import ProductFilter, ProductPage
from common.repositories.memory.messages import MemoryTopic
from common.repositories.mongo.products import MongoProducts
from common.repositories.postgres.stock import PostgresStock
from local import catalog
from local.errors import LocalError
from terraform.costs import cost

# How the customers are: so many come a second, and each looks at some products of one list, in turn.
ARRIVALS, PRODUCTS_LOOKED_AT, SECONDS_AT_ONE, VISITS = 1.0, 3, 20.0, 3000
# The seconds that a cache answers for. A container's and that of Redis hold stock, so theirs are short.
SHORT, LONG = 10.0, 60.0
# At ten requests a second of some milliseconds, Lambda keeps about two containers.
CONTAINERS = 2
MILLION = 1_000_000
# Two nodes of the smallest class, in two zones: https://aws.amazon.com/elasticache/pricing/
REDIS_DOLLARS_A_MONTH = 2 * 0.016 * 730


@frozen
class View:
    """Somebody looks at something at a time, in seconds."""

    at: float
    customer: int
    path: str
    is_list: bool


@frozen
class Played:
    """The share of lists, and of products, that a cache answered."""

    lists: float
    products: float


def rows(full: bool) -> list[Row]:
    views = sorted(_browsing(), key=lambda view: view.at)
    chance = random.Random(2)  # noqa: S311 - it decides which container answers
    containers = {view: chance.randrange(CONTAINERS) for view in views}
    turns = 1500 if full else 400
    shares = sum(view.is_list for view in views) / len(views)
    with ExitStack() as stack:
        shop, product_id = _opened(stack)
        spent = _measured(stack, shop, product_id, turns)
    none = _mean(shares, spent["none"])
    kinds = {
        "in the container": (_played(views, SHORT, containers.get), spent["container"], 1.0, 0.0),
        "in Redis": (_played(views, SHORT, lambda _: 0), spent["redis"], 1.0, REDIS_DOLLARS_A_MONTH),
        "by the browser": (_played(views, LONG, lambda view: view.customer), spent["browser"], 0.0, 0.0),
    }
    found = [Row(name="a view without a cache", ours=none, note=_cost(1.0, none))]
    for name, (played, hits, asked, dollars) in kinds.items():
        # A browser asks for a product each time, and is told that it is as before.
        lists = played.lists * hits["list"] + (1 - played.lists) * spent["none"]["list"]
        products = played.products * hits["product"] + (1 - played.products) * spent["none"]["product"]
        asks = 1 - (1 - asked) * played.lists * shares
        took = _mean(shares, {"list": lists, "product": products})
        stale = 0 if name == "by the browser" else SHORT
        found.append(
            Row(
                name=f"a view, cached {name}",
                ours=took,
                floor=none,
                note=f"answers {played.lists:.0%} of lists, {played.products:.0%} of products; stock "
                f"{stale:.0f} s old at most; {_cost(asks, took)}"
                + (f" and {dollars:.0f} a month" if dollars else ""),
            )
        )
    return found


def _mean(shares: float, spent: Mapping[str, float]) -> float:
    return shares * spent["list"] + (1 - shares) * spent["product"]


def _cost(asks: float, milliseconds: float) -> str:
    """Dollars for a million views, of which this share asks the shop, with functions of 256 MB."""
    prices = cost.table("prices")
    gateway = prices["api"]["million_requests"]
    functions = prices["functions"]["million_calls"]
    seconds = prices["functions"]["gb_second"] * MILLION * 0.25 * milliseconds / 1000
    return f"{asks * (gateway + functions) + seconds:.2f} dollars a million views"


def _browsing() -> Iterator[View]:
    """The views of many customers, each of whom looks at a list, then at products of it, and back at it."""
    chance = random.Random(1)  # noqa: S311 - it decides what customers look at
    began = 0.0
    for customer in range(VISITS):
        began += chance.expovariate(ARRIVALS)
        at, listed = began, chance.randrange(10)
        yield View(at, customer, f"list {listed}", is_list=True)
        for _ in range(1 + int(chance.expovariate(1 / PRODUCTS_LOOKED_AT))):
            at += chance.expovariate(1 / SECONDS_AT_ONE)
            # The first of a list are looked at most: the nth about 1/n as often.
            product = int(20 ** chance.random())
            yield View(at, customer, f"product {listed}-{product}", is_list=False)
            at += chance.expovariate(1 / SECONDS_AT_ONE)
            yield View(at, customer, f"list {listed}", is_list=True)


def _played(views: list[View], seconds: float, cache_of: Callable[[View], Any]) -> Played:
    kept: dict[tuple[Any, str], float] = {}
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for view in views:
        key = (cache_of(view), view.path)
        hit = view.at < kept.get(key, -1.0)
        hits[view.is_list].append(hit)
        if not hit:
            kept[key] = view.at + seconds
    return Played(mean(hits[True]), mean(hits[False]))


def _opened(stack: ExitStack) -> tuple[RealShop, str]:
    """The shop with its catalog and stock, and a product of it."""
    postgres = stack.enter_context(stores.postgres_server())
    products = MongoProducts(stores.catalog(stack.enter_context(stores.mongo_server()), "catalog"))
    sold = catalog.products()
    products.put(sold)
    PostgresStock(postgres.database("inventory")).set([StockLine(one.product_id, 9) for one in sold])
    return real_shop(postgres.logins, products, MemoryTopic()), sold[0].product_id


def _measured(stack: ExitStack, shop: RealShop, product_id: str, turns: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a list and of a product: by kind of cache that has the answer, and without one."""
    wiring = shop.apps["product"].shop
    page, described = wiring.list_products(ProductFilter(), None, 20), wiring.describe_product(product_id)
    server = stack.enter_context(_redis())
    server.mset({"list": write(page), "product": write(described)})
    caches: dict[str, dict[str, Callable[..., Any]]] = {
        "none": {"list_products": wiring.list_products, "describe_product": wiring.describe_product},
        "container": {"list_products": lambda *_: page, "describe_product": lambda _: described},
        "redis": {
            "list_products": lambda *_: read(json.loads(server.get("list")), ProductPage),
            "describe_product": lambda _: read(json.loads(server.get("product")), tuple[Product, int]),
        },
    }
    asked = {
        "list": shop.http("product", "GET", "/products", query={"limit": ["20"]}),
        "product": _product(shop, product_id),
    }
    tag = asked["product"]()["headers"]["ETag"]
    asked_again = _product(shop, product_id, {"if-none-match": tag})

    def through(cache: str, ask: Callable[[], Any]) -> Callable[[], Any]:
        def work() -> None:
            vars(wiring).update(caches[cache])
            ask()

        return work

    works = {f"{cache} {what}": through(cache, ask) for cache in caches for what, ask in asked.items()}
    works["browser product"] = through("none", asked_again)
    spent = {"browser list": 0.0}
    for name, took in sides.milliseconds(works, turns, warm_up=50).items():
        spent[name] = sides.median(took)
    return {cache: {what: spent[f"{cache} {what}"] for what in asked} for cache in (*caches, "browser")}


def _product(shop: RealShop, product_id: str, headers: Mapping[str, str] | None = None) -> Callable[[], Any]:
    path = {"product_id": product_id}
    return shop.http("product", "GET", "/products/{product_id}", path=path, headers=headers)


@contextmanager
def _redis() -> Iterator[redis.Redis]:
    """A Redis, nearer than it would be on AWS: by a socket of this machine."""
    program = shutil.which("redis-server")
    if program is None:
        raise LocalError("There is no redis-server here: apt-get install redis-server.")
    with stores.folder() as here:
        socket = here / "redis.sock"
        process = subprocess.Popen(  # noqa: S603 - it is Redis
            [program, "--port", "0", "--unixsocket", str(socket), "--save", ""], stdout=subprocess.DEVNULL
        )
        try:
            # It is asked again until it has started.
            yield redis.Redis(unix_socket_path=str(socket), retry=Retry(ConstantBackoff(0.05), 200))
        finally:
            process.terminate()
            process.wait()
