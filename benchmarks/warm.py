"""Requests that a warm container answers: the handler alone, on real stores.

Their floors are bare scripts of pymongo, and of the shop's own connection to Postgres, which send the same
queries and statements and write the same JSON. They read no request, check nothing, log nothing, and call no
other service: an order's three services are in one process here, and each hands the other JSON.
"""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from benchmarks import sides, stores
from benchmarks.row import Row
from benchmarks.shop import RealShop, real_shop
from common.clock import RandomIds, SystemClock
from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.domain.stock import StockLine
from common.repositories.memory.messages import MemoryTopic
from common.repositories.mongo.database import OwnerMongoDatabase
from common.repositories.mongo.products import MongoProducts
from common.repositories.postgres import orders, stock
from common.repositories.postgres.database import Database
from local import catalog
from local.paths import ROOT, write_atomically
from tests.databases import PostgresServer

SERVICE_TIMES = ROOT / "benchmarks" / "service_times.json"
NOW = SystemClock().now()
PLENTY = 1_000_000_000


def rows(full: bool) -> list[Row]:
    turns = 1500 if full else 400
    with ExitStack() as stack:
        postgres = stack.enter_context(stores.postgres_server())
        mongo = stores.catalog(stack.enter_context(stores.mongo_server()), "catalog")
        products = MongoProducts(mongo)
        sold = catalog.products()
        products.put(sold)
        bought = {sold[0].product_id: 1, sold[700].product_id: 2}
        stock.PostgresStock(postgres.database("inventory")).set(
            [StockLine(product_id, PLENTY) for product_id in bought]
        )
        shop = real_shop(postgres.logins, products, MemoryTopic())
        found = [
            _row("GET /products", _listing(shop), _bare_listing(mongo), turns),
            _row("POST /orders", _ordering(shop, bought), _bare_ordering(postgres, mongo, bought), turns),
        ]
        _write_service_times(shop, found, bought, 100)
        return found


def _write_service_times(shop: RealShop, found: list[Row], cart: dict[str, int], turns: int) -> None:
    """How long each function is busy with one request, its stores' answers included: for simulations.

    What an order waits for other services' functions is theirs.
    """
    times = {name: sides.median(spent) for name, spent in shop.functions.times.items()}
    listing, ordering = (row.ours for row in found)
    paying = []
    for turn in range(turns):
        order = json.loads(shop.place(f"paid-{turn}", cart)["body"])
        amount = Money(order["total"]["amount"], order["total"]["currency"])
        began = time.perf_counter()
        shop.pay(UUID(order["order_id"]), amount)
        paying.append(1000 * (time.perf_counter() - began))
        payment = Payment(f"pi_{turn}", UUID(order["order_id"]), PaymentStatus.SUCCEEDED, amount, NOW)
        shop.functions.call("order", "apply_payment", {"payment": payment})
    milliseconds = {
        "product.list_products": listing,
        **times,
        "order.place_order": ordering - sum(times.values()),
        "payment.receive_webhook": sides.median(paying),
        "order.apply_payment": sides.median(shop.functions.times["order.apply_payment"]),
    }
    rounded = {name: round(spent, 3) for name, spent in milliseconds.items()}
    write_atomically(SERVICE_TIMES, json.dumps({"milliseconds": rounded}, indent=1) + "\n")


def _row(name: str, ours: Callable[[], Any], floor: Callable[[], Any], turns: int) -> Row:
    spent = sides.milliseconds({"ours": ours, "floor": floor}, turns, warm_up=50)
    return Row(
        name=name,
        ours=sides.median(spent["ours"]),
        floor=sides.median(spent["floor"]),
        spread=sides.spread(spent["ours"], spent["floor"]),
        at_most=1.25,
    )


def _listing(shop: RealShop) -> Callable[[], Any]:
    return shop.http("product", "GET", "/products", query={"limit": ["20"]})


def _bare_listing(mongo: OwnerMongoDatabase) -> Callable[[], str]:
    def work() -> str:
        found = mongo.run(
            lambda store: list(store.products.find({}, {"terms": 0}).sort("_id", 1).limit(21).hint("_id_"))
        )
        for document in found:
            document["product_id"] = document.pop("_id")
        return json.dumps({"items": found[:20], "next": found[19]["product_id"]}, separators=(",", ":"))

    return work


def _ordering(shop: RealShop, cart: dict[str, int]) -> Callable[[], None]:
    numbers = count()

    def work() -> None:
        if shop.place(f"key-{next(numbers)}", cart)["statusCode"] != 201:
            raise AssertionError("an order was not taken")

    return work


def _bare_ordering(
    postgres: PostgresServer, mongo: OwnerMongoDatabase, cart: dict[str, int]
) -> Callable[[], str]:
    numbers, ids, clock = count(), RandomIds(), SystemClock()
    of_orders, of_stock = _connected(postgres, "order"), _connected(postgres, "inventory")
    product_ids = sorted(cart)

    def work() -> str:
        now = clock.now()
        order_id = ids.new(now)
        found = mongo.run(
            lambda store: {
                document["_id"]: document
                for document in store.products.find({"_id": {"$in": product_ids}}, {"terms": 0})
            }
        )
        lines = [
            {
                "product_id": product_id,
                "name": found[product_id]["name"],
                "quantity": cart[product_id],
                "unit_price": found[product_id]["price"],
            }
            for product_id in product_ids
        ]
        amount = sum(line["quantity"] * line["unit_price"]["amount"] for line in lines)
        of_orders.run(
            orders._ADD,
            order_id=order_id,
            customer_id="bare",
            customer_name="Ada",
            email="ada@example.com",
            key=f"key-{next(numbers)}",
            fingerprint="0" * 64,
            status="reserving",
            lines=json.dumps(lines),
            amount=amount,
            currency="USD",
            placed_at=now,
            expires_at=now + timedelta(minutes=30),
            cause="the customer placed it",
            correlation_id="request",
        )
        of_stock.run(
            stock._FROM_ITS_BUCKET,
            order_id=order_id,
            product_ids=product_ids,
            quantities=[cart[product_id] for product_id in product_ids],
            at=now,
            bucket=0,
        )
        [row] = of_orders.run(
            orders._TAKE,
            order_id=order_id,
            enters="awaiting_payment",
            reason=None,
            payment_id=None,
            paid_at=None,
            leaves="reserving",
            at=now,
            cause="the stock was reserved",
            states=orders._STATES,
        )
        return json.dumps(row, default=str)

    return work


def _connected(postgres: PostgresServer, service: str) -> Any:
    database: Database = postgres.database(service)
    return database._connected()
