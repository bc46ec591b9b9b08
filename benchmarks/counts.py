"""What one order and its payment ask the databases for, counted on the wire: docs/decisions/0105 explains
each. `tests/counts` holds the same.
"""

import json
from contextlib import ExitStack
from uuid import UUID

import pymongo.monitoring
from attrs import define, field

from benchmarks import stores
from benchmarks.row import Row
from benchmarks.shop import real_shop
from common.domain.money import Money
from common.domain.stock import StockLine
from common.repositories.memory.messages import MemoryTopic
from common.repositories.mongo.products import MongoProducts
from common.repositories.postgres.stock import PostgresStock
from tests.databases import SQL_SERVICES
from tests.samples import POT, TEA
from tests.wire import counted

# The most statements of each service; BEGIN and COMMIT are none.
MOST = {"order": 2, "inventory": 1, "payment": 4}
CONTROL = {"BEGIN", "COMMIT"}


@define
class Queries(pymongo.monitoring.CommandListener):
    """The names of the commands that MongoDB was sent."""

    names: list[str] = field(factory=list)

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        """Nothing more is counted."""

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Nothing more is counted."""


def rows(full: bool) -> list[Row]:
    queries = Queries()
    pymongo.monitoring.register(queries)
    with ExitStack() as stack:
        postgres = stack.enter_context(stores.postgres_server())
        products = MongoProducts(stores.catalog(stack.enter_context(stores.mongo_server()), "catalog"))
        products.put([TEA, POT])
        PostgresStock(postgres.database("inventory")).set([StockLine("tea", 9), StockLine("pot", 9)])
        wires = {name: stack.enter_context(counted(postgres.logins[name])) for name in SQL_SERVICES}
        shop = real_shop({name: wire.login for name, wire in wires.items()}, products, MemoryTopic())
        # The first opens the connections.
        for key in ("first", "counted"):
            queries.names.clear()
            for wire in wires.values():
                wire.clear()
            order = json.loads(shop.place(key, {"tea": 1, "pot": 1})["body"])
            shop.pay(UUID(order["order_id"]), Money(**order["total"]))
        round_trips = {name: wire.round_trips for name, wire in wires.items()}
        for name in SQL_SERVICES:
            shop.apps[name].shop.database.close()
    found = [Row(name="product: queries", ours=len(queries.names), unit="of an order", at_most=1)]
    for name, most in MOST.items():
        statements = [text for text in wires[name].statements if text not in CONTROL]
        found.append(
            Row(
                name=f"{name}: statements",
                ours=len(statements),
                unit="of an order",
                at_most=most,
                note=f"in {round_trips[name]} round trips",
            )
        )
    return found
