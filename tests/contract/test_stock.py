"""What every store of stock does: one in memory, and Postgres with one bucket a product, and with several."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from common.domain.stock import ReservationState, StockLine
from common.errors import OutOfStock
from common.ports.audit import OrderRange
from common.ports.stock import ReservationRecord, StockRepository
from common.repositories.memory.stock import MemoryStock
from common.repositories.postgres.database import Database
from common.repositories.postgres.stock import PostgresStock
from tests.fakes import START

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))

# Ids that a store which puts values into text of its own would stumble over.
HOSTILE = [
    "a,b",
    'say "hi"',
    "back\\slash",
    "{curly}",
    "NULL",
    "",
    " ",
    "naïve ☕",
    "'; DROP TABLE stock; --",
]


@pytest.fixture(params=["memory", 1, 3], ids=["memory", "postgres", "postgres-in-buckets"])
def stock(request: pytest.FixtureRequest) -> StockRepository:
    if request.param == "memory":
        return MemoryStock()
    new_database: Callable[[str], Database] = request.getfixturevalue("new_database")
    return PostgresStock(new_database("inventory"), request.param)


def counted(stock: StockRepository, *product_ids: str) -> list[int]:
    found = stock.available(product_ids)
    return [found[product_id] for product_id in product_ids]


def test_what_was_set_is_available(stock: StockRepository) -> None:
    """The last count of a product stands; a product that was never stocked is left out."""
    stock.set([StockLine("tea", 3), StockLine("pot", 0)])
    stock.set([StockLine("tea", 5)])
    assert stock.available(["tea", "pot", "cup"]) == {"tea": 5, "pot": 0}
    assert stock.available([]) == {}


def test_adding_leaves_what_was_stocked(stock: StockRepository) -> None:
    """`add` stocks a product that is new, and changes none that is there, not even one that is down to 0."""
    stock.set([StockLine("tea", 0)])
    stock.add([StockLine("tea", 5), StockLine("pot", 5)])
    assert counted(stock, "tea", "pot") == [0, 5]


def test_stock_is_listed_page_by_page(stock: StockRepository) -> None:
    """By product, those after an id only, and only those that are short where that is asked."""
    lines = [StockLine("cup", 0), StockLine("pot", 7), StockLine("tea", 3)]
    stock.set(lines)
    assert stock.page(None, None, 10) == lines
    assert stock.page(None, None, 2) == lines[:2]
    assert stock.page("cup", None, 10) == lines[1:]
    assert stock.page(None, 7, 10) == [lines[0], lines[2]]


def test_an_order_takes_all_its_lines(stock: StockRepository) -> None:
    """Every line is taken off the stock, down to the last piece."""
    stock.set([StockLine("tea", 3), StockLine("pot", 2)])
    lines = [StockLine("pot", 2), StockLine("tea", 1)]
    assert stock.reserve(FIRST, lines, START) is ReservationState.HELD
    assert counted(stock, "tea", "pot") == [2, 0]


def test_an_order_may_take_all_there_is(stock: StockRepository) -> None:
    """However the pieces are kept, one order can have them, and leaves nothing for another."""
    stock.set([StockLine("tea", 10), StockLine("pot", 4)])
    assert stock.reserve(FIRST, [StockLine("tea", 9), StockLine("pot", 4)], START) is ReservationState.HELD
    with pytest.raises(OutOfStock):
        stock.reserve(SECOND, [StockLine("tea", 2)], START)
    assert stock.reserve(SECOND, [StockLine("tea", 1)], START) is ReservationState.HELD
    assert counted(stock, "tea", "pot") == [0, 0]
    stock.release(FIRST, START)
    assert counted(stock, "tea", "pot") == [9, 4]


def test_an_order_takes_nothing_where_one_line_falls_short(stock: StockRepository) -> None:
    """All or nothing; the error names each product that falls short, and one that was never stocked."""
    stock.set([StockLine("tea", 3), StockLine("pot", 1)])
    with pytest.raises(OutOfStock) as caught:
        stock.reserve(FIRST, [StockLine("tea", 3), StockLine("pot", 2), StockLine("cup", 1)], START)
    assert caught.value.products == ("cup", "pot")
    assert counted(stock, "tea", "pot") == [3, 1]


def test_an_order_that_found_too_little_may_try_again(stock: StockRepository) -> None:
    """A refusal leaves no trace: when there is stock, the same order takes it."""
    stock.set([StockLine("tea", 0)])
    with pytest.raises(OutOfStock):
        stock.reserve(FIRST, [StockLine("tea", 1)], START)
    stock.set([StockLine("tea", 1)])
    assert stock.reserve(FIRST, [StockLine("tea", 1)], START) is ReservationState.HELD
    assert counted(stock, "tea") == [0]


def test_the_same_order_takes_once(stock: StockRepository) -> None:
    """Asked again, also when the stock is gone meanwhile, the order holds what it held."""
    stock.set([StockLine("tea", 2)])
    for _ in range(3):
        assert stock.reserve(FIRST, [StockLine("tea", 2)], START) is ReservationState.HELD
    assert counted(stock, "tea") == [0]


def test_what_is_released_can_be_ordered_again(stock: StockRepository) -> None:
    """Releasing gives back exactly what the order held, once however often it is asked."""
    stock.set([StockLine("tea", 5), StockLine("pot", 1)])
    stock.reserve(FIRST, [StockLine("tea", 2), StockLine("pot", 1)], START)
    stock.reserve(SECOND, [StockLine("tea", 1)], START)
    for _ in range(3):
        stock.release(FIRST, START)
    assert counted(stock, "tea", "pot") == [4, 1]


def test_a_released_order_never_holds_again(stock: StockRepository) -> None:
    """A reservation that arrives after the release, the first one or another, takes nothing."""
    stock.set([StockLine("tea", 5)])
    stock.reserve(FIRST, [StockLine("tea", 1)], START)
    stock.release(FIRST, START)
    assert stock.reserve(FIRST, [StockLine("tea", 1)], START) is ReservationState.RELEASED
    stock.release(SECOND, START)
    assert stock.reserve(SECOND, [StockLine("tea", 1)], START) is ReservationState.RELEASED
    assert stock.reserve(SECOND, [StockLine("cup", 1)], START) is ReservationState.RELEASED
    assert counted(stock, "tea") == [5]


def test_counting_the_shelves_leaves_reservations(stock: StockRepository) -> None:
    """A new count is of what can be ordered; what an order holds comes back on top of it."""
    stock.set([StockLine("tea", 5)])
    stock.reserve(FIRST, [StockLine("tea", 2)], START)
    stock.set([StockLine("tea", 10)])
    stock.release(FIRST, START)
    assert counted(stock, "tea") == [12]


def test_any_text_is_a_product_id(stock: StockRepository) -> None:
    """Quotes, commas, braces, the word NULL: an id is only ever an id."""
    stock.set([StockLine(product_id, 2) for product_id in HOSTILE])
    stock.reserve(THIRD, [StockLine(product_id, 1) for product_id in HOSTILE], START)
    assert stock.available(HOSTILE) == dict.fromkeys(HOSTILE, 1)
    stock.release(THIRD, START)
    assert stock.available(HOSTILE) == dict.fromkeys(HOSTILE, 2)


def test_an_audit_sees_what_orders_hold_and_held(stock: StockRepository) -> None:
    """In the order of their ids, both ends included, no more than asked; released ones say what they held."""
    stock.set([StockLine("tea", 5)])
    later = START + timedelta(minutes=1)
    for order_id in (THIRD, SECOND):
        stock.reserve(order_id, [StockLine("tea", 2)], START)
    for order_id in (SECOND, FIRST):
        stock.release(order_id, later)
    lines = (StockLine("tea", 2),)
    everything = [
        ReservationRecord(FIRST, ReservationState.RELEASED, (), None, later),
        ReservationRecord(SECOND, ReservationState.RELEASED, lines, START, later),
        ReservationRecord(THIRD, ReservationState.HELD, lines, START, None),
    ]
    assert stock.audit(OrderRange(FIRST, THIRD, 10)) == everything
    assert stock.audit(OrderRange(SECOND, THIRD, 1)) == everything[1:2]
    assert stock.audit(OrderRange(SECOND, SECOND, 10)) == everything[1:2]


def test_another_number_of_buckets_loses_nothing(new_database: Callable[[str], Database]) -> None:
    """What lies in buckets that are none any more can be ordered, and so can what is given back."""
    database = new_database("inventory")
    PostgresStock(database, 4).set([StockLine("tea", 7)])
    for buckets in (2, 8, 1):
        stock = PostgresStock(database, buckets)
        order = UUID(int=buckets)
        assert stock.reserve(order, [StockLine("tea", 6)], START) is ReservationState.HELD
        assert counted(stock, "tea") == [1]
        stock.add([StockLine("tea", 100)])
        stock.release(order, START)
        assert counted(stock, "tea") == [7]
        stock.set([StockLine("tea", 7)])
        assert counted(stock, "tea") == [7]
