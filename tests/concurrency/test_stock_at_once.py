"""Many take and give back stock at once, each by a connection of its own to a real Postgres."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest

from common.domain.stock import ReservationState, StockLine
from common.errors import Conflict, OutOfStock
from common.repositories.postgres.database import Database, Run
from common.repositories.postgres.stock import PostgresStock
from tests.concurrency.threads import at_once
from tests.fakes import START

NewDatabase = Callable[[str], Database]
Stocks = Callable[[int], list[PostgresStock]]


@pytest.fixture(params=[1, 4], ids=["one-bucket", "four-buckets"])
def stocks(request: pytest.FixtureRequest, new_database: NewDatabase) -> Callable[[int], list[PostgresStock]]:
    """Gives as many containers, each with its connection open."""

    def containers(count: int) -> list[PostgresStock]:
        found = [PostgresStock(new_database("inventory"), request.param) for _ in range(count)]
        for stock in found:
            stock.available([])
        return found

    return containers


def order_id(number: int) -> UUID:
    return UUID(int=number)


def test_the_last_pieces_are_sold_once_each(stocks: Stocks) -> None:
    """Twenty customers want the last ten pieces: ten get one each, ten are told, none is left or missing."""
    containers = stocks(20)
    for turn in range(5):
        containers[0].set([StockLine("tea", 10)])
        answers = at_once(
            [
                partial(stock.reserve, order_id(turn * 100 + number), [StockLine("tea", 1)], START)
                for number, stock in enumerate(containers)
            ]
        )
        assert answers.count(ReservationState.HELD) == 10
        assert sum(isinstance(answer, OutOfStock) for answer in answers) == 10
        assert containers[0].available(["tea"]) == {"tea": 0}


def test_one_order_takes_its_stock_once(stocks: Stocks) -> None:
    """The same order, asked by eight at once: each is told that it is held, and it is taken once.

    With two pieces there is too little for a second time, with a hundred there is enough: neither may matter.
    """
    containers = stocks(8)
    for turn in range(20):
        pieces = 2 if turn % 2 else 100
        containers[0].set([StockLine("tea", pieces), StockLine("pot", pieces)])
        lines = [StockLine("tea", 2), StockLine("pot", 1)]
        answers = at_once([partial(stock.reserve, order_id(turn), lines, START) for stock in containers])
        assert answers == [ReservationState.HELD] * 8
        assert containers[0].available(["tea", "pot"]) == {"tea": pieces - 2, "pot": pieces - 1}


def test_reserving_and_releasing_at_once_leave_the_stock_whole(
    stocks: Stocks, deadlocks: Callable[[], int]
) -> None:
    """Whichever of three reservations and three releases of one order comes first, all pieces are back."""
    containers = stocks(6)
    containers[0].set([StockLine("tea", 50), StockLine("pot", 50)])
    shuffled = random.Random(1)
    before = deadlocks()
    for turn in range(40):
        lines = [StockLine("tea", 3), StockLine("pot", 2)]
        wanted = order_id(turn)
        jobs: list[Callable[[], object]] = [
            *(partial(stock.reserve, wanted, lines, START) for stock in containers[:3]),
            *(partial(stock.release, wanted, START) for stock in containers[3:]),
        ]
        shuffled.shuffle(jobs)
        answers = at_once(jobs)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert containers[0].available(["tea", "pot"]) == {"tea": 50, "pot": 50}
        assert containers[0].reserve(wanted, lines, START) is ReservationState.RELEASED
    assert deadlocks() == before


def test_orders_of_the_same_products_never_wait_in_a_circle(
    stocks: Stocks, deadlocks: Callable[[], int]
) -> None:
    """Orders, releases and counts name the same products in any order; Postgres breaks no deadlock."""
    names = [f"product-{number}" for number in range(12)]
    containers = stocks(8)
    containers[0].set([StockLine(name, 10_000) for name in names])

    def customer(stock: PostgresStock, seed: int) -> Callable[[], None]:
        def shop() -> None:
            chance = random.Random(seed)
            for number in range(40):
                wanted = [StockLine(name, 1) for name in chance.sample(names, 6)]
                stock.reserve(order_id(seed * 1000 + number), wanted, START)
                if number % 2:
                    stock.release(order_id(seed * 1000 + number), START)
                if number % 10 == 5:
                    stock.add([StockLine(name, 1) for name in chance.sample(names, 6)])

        return shop

    before = deadlocks()
    answers = at_once([customer(stock, seed) for seed, stock in enumerate(containers)])
    assert answers == [None] * 8
    assert deadlocks() == before
    held = containers[0].database.run(
        "SELECT coalesce(sum(cardinality(product_ids)), 0) AS n FROM reservations WHERE state = 'held'"
    )
    left = sum(containers[0].available(names).values())
    assert left + held[0]["n"] == 120_000


def test_a_release_sees_what_was_reserved_after_it_began(
    stocks: Stocks, waiting: Callable[[int], None]
) -> None:
    """A release waits for somebody's unfinished reservation, which vanishes; another one of the same order,
    for a product that is newer than the release, may come first. What it took comes back all the same.
    """
    unfinished, releasing, reserving, counting = stocks(4)
    for turn in range(8):
        product, wanted = f"new-{turn}", order_id(turn)
        with ThreadPoolExecutor(2) as pool:

            def work(
                run: Run, product: str = product, wanted: UUID = wanted, pool: ThreadPoolExecutor = pool
            ) -> None:
                run(
                    "INSERT INTO reservations (order_id, state, product_ids, quantities) "
                    "VALUES (:order_id, 'held', '{}', '{}')",
                    order_id=wanted,
                )
                pool.submit(releasing.release, wanted, START)
                waiting(1)
                counting.set([StockLine(product, 5)])
                pool.submit(reserving.reserve, wanted, [StockLine(product, 2)], START)
                waiting(2)
                raise Conflict("vanishes", "This transaction is rolled back.")

            with pytest.raises(Conflict):
                unfinished.database.transaction(work)
        assert counting.available([product]) == {product: 5}
