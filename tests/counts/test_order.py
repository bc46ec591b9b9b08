"""What one order asks the databases for: it is counted, so that no statement and no round trip creeps in."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from attrs import frozen

from benchmarks.shop import RealShop, real_shop
from common.domain.money import Money
from common.domain.stock import StockLine
from common.repositories.memory.messages import MemoryTopic
from common.repositories.memory.products import MemoryProducts
from common.repositories.postgres.stock import PostgresStock
from tests.apps import load_app
from tests.databases import SQL_SERVICES, PostgresServer
from tests.samples import POT, TEA
from tests.wire import Wire, counted


@frozen
class Counted:
    """A shop that sells teas and pots, and the wire of each of its databases; its connections are open."""

    shop: RealShop
    wires: dict[str, Wire]
    topic: MemoryTopic

    def clear(self) -> None:
        for wire in self.wires.values():
            wire.clear()

    def asked(self, service: str) -> tuple[list[str], int]:
        """The first word of each statement that the service sent, and its round trips."""
        wire = self.wires[service]
        return [statement.split()[0] for statement in wire.statements], wire.round_trips

    def order(self, key: str) -> UUID:
        """An order of one tea and two pots; its id."""
        answer = self.shop.place(key, {"tea": 1, "pot": 2})
        assert answer["statusCode"] == 201
        return UUID(json.loads(answer["body"])["order_id"])

    def pay(self, order_id: UUID) -> None:
        """The provider tells that the order is paid."""
        assert self.shop.pay(order_id, Money(11050, "USD"))["statusCode"] < 300


@pytest.fixture
def counting(postgres_server: PostgresServer) -> Iterator[Counted]:
    with ExitStack() as stack:
        for service in SQL_SERVICES:
            postgres_server.empty(service)
        stock = postgres_server.database("inventory")
        PostgresStock(stock).set([StockLine("tea", 100), StockLine("pot", 100)])
        stock.close()
        wires = {
            service: stack.enter_context(counted(postgres_server.logins[service])) for service in SQL_SERVICES
        }
        wired = {service: load_app(service).shop for service in ("product", *SQL_SERVICES)}
        products, topic = MemoryProducts(), MemoryTopic()
        products.put([TEA, POT])
        shop = real_shop({service: wire.login for service, wire in wires.items()}, products, topic)
        found = Counted(shop, wires, topic)
        found.pay(found.order("warm"))
        found.clear()
        yield found
        for service in SQL_SERVICES:
            shop.apps[service].shop.database.close()
        for service, wiring in wired.items():
            load_app(service).shop = wiring  # type: ignore[attr-defined]


def test_an_order_is_three_statements(counting: Counted) -> None:
    """The order is written down, the stock is taken, the order is settled: a round trip each."""
    counting.order("counted")
    assert counting.asked("order") == (["WITH", "WITH"], 2)
    assert counting.asked("inventory") == (["WITH"], 1)
    assert counting.asked("payment") == ([], 0)


def test_a_payment_is_saved_by_two_statements_and_published_by_two(counting: Counted) -> None:
    """A transaction each: BEGIN costs no round trip of its own, COMMIT does."""
    order_id = counting.order("counted")
    counting.clear()
    counting.pay(order_id)
    statements = ["BEGIN", "WITH", "INSERT", "COMMIT", "BEGIN", "SELECT", "UPDATE", "COMMIT"]
    assert counting.asked("payment") == (statements, 6)
    assert len(counting.topic.messages) == 2


def test_a_release_of_stock_is_two_statements(counting: Counted) -> None:
    """In one transaction, of three round trips."""
    order_id = counting.order("counted")
    counting.clear()
    functions = counting.shop.apps["order"].shop.functions
    functions.call("inventory", "release_stock", {"order_id": order_id})
    assert counting.asked("inventory") == (["BEGIN", "INSERT", "WITH", "COMMIT"], 3)


@pytest.mark.parametrize("text", ["x", "x" * 4000])
def test_a_statement_is_one_round_trip_also_where_it_fails(counting: Counted, text: str) -> None:
    """However long its values are, and the connection goes on after it."""
    database = counting.shop.apps["order"].shop.database
    with pytest.raises(Exception, match="division by zero"):
        database.run("SELECT 1 / length(:text ::text) - length(:text ::text) / 0", text=text)
    assert database.run("SELECT :text ::text AS text", text=text) == [{"text": text}]
    assert counting.wires["order"].round_trips == 2
