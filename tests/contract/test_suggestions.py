"""What every store of purchases, and of the products that are due, does."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from common.domain.suggestions import Purchase
from common.ports.suggestions import DueProducts, Purchases
from common.repositories.cassandra.session import Cassandra
from common.repositories.cassandra.suggestions import CassandraPurchases
from common.repositories.memory.suggestions import MemoryDueProducts, MemoryPurchases
from common.repositories.postgres.database import Database
from common.repositories.postgres.suggestions import PostgresDueProducts
from tests.fakes import START, FakeIds

LATER = START + timedelta(minutes=15)


@pytest.fixture(params=["memory", "cassandra"])
def purchases(request: pytest.FixtureRequest) -> Purchases:
    if request.param == "memory":
        return MemoryPurchases()
    new_store: Callable[[], Cassandra] = request.getfixturevalue("new_store")
    return CassandraPurchases(new_store())


@pytest.fixture(params=["memory", "postgres"])
def due(request: pytest.FixtureRequest) -> DueProducts:
    if request.param == "memory":
        return MemoryDueProducts()
    new_database: Callable[[str], Database] = request.getfixturevalue("new_database")
    return PostgresDueProducts(new_database("order"))


def test_a_purchase_is_there_once_however_often_it_is_put(purchases: Purchases, ids: FakeIds) -> None:
    """Twice in one go and in another: for each of its products there is one."""
    purchase = Purchase(ids.new(START), ("cup", "trà 🍵"))
    purchases.put([purchase, purchase])
    purchases.put([purchase])
    assert list(purchases.newest("cup", 10)) == [purchase]
    assert list(purchases.newest("trà 🍵", 10)) == [purchase]
    assert list(purchases.newest("pot", 10)) == []


def test_the_newest_purchases_come_first(purchases: Purchases, ids: FakeIds) -> None:
    """Over several periods of days, however they were put, and no more than were asked for."""
    days = [0, 1, 40, 60, 61, 110, 200, 300]
    put = [Purchase(ids.new(START - timedelta(days=day)), ("cup", "pot")) for day in days]
    shuffled = random.Random(3).sample(put, len(put))
    purchases.put(shuffled[:4])
    purchases.put(shuffled[4:])
    assert list(purchases.newest("pot", 100)) == put
    for limit in range(1, len(put) + 1):
        assert list(purchases.newest("cup", limit)) == put[:limit]


def test_the_last_suggestions_that_were_kept_count(purchases: Purchases) -> None:
    """In their order; a product that none were kept for has none."""
    assert list(purchases.suggestions("cup")) == []
    purchases.keep({"cup": ["pot", "trà 🍵"], "pot": ["cup"]})
    purchases.keep({"cup": ["lid"]})
    assert list(purchases.suggestions("cup")) == ["lid"]
    assert list(purchases.suggestions("pot")) == ["cup"]
    purchases.keep({"cup": []})
    purchases.keep({})
    assert list(purchases.suggestions("cup")) == []


def taken(due: DueProducts, limit: int = 10) -> set[str]:
    return {product.product_id for product in due.take(START, LATER, limit)}


def test_a_product_is_taken_by_one(due: DueProducts) -> None:
    """Whoever comes next gets what is left, until the time of the first one is over."""
    due.note(["cup", "pot", "lid"])
    due.note([])
    assert len(taken(due, 2)) == 2
    assert len(taken(due, 2)) == 1
    assert taken(due) == set()
    assert {product.product_id for product in due.take(LATER, LATER + timedelta(1), 10)} == {
        "cup",
        "pot",
        "lid",
    }


def test_what_is_done_is_no_longer_due(due: DueProducts) -> None:
    """Until it is noted again."""
    due.note(["cup", "pot"])
    due.done(due.take(START, LATER, 10))
    due.done([])
    assert taken(due) == set()
    due.note(["pot"])
    assert taken(due) == {"pot"}


def test_what_is_noted_meanwhile_is_due_again(due: DueProducts) -> None:
    """Also after who had taken it before is done: that one may not have seen the last purchase."""
    due.note(["cup"])
    first = due.take(START, LATER, 10)
    due.note(["cup"])
    assert taken(due) == set()
    due.done(first)
    assert taken(due) == {"cup"}


def test_who_is_late_ends_nothing_of_others(due: DueProducts) -> None:
    """One whose time was over says done when another has finished, and the product was noted anew."""
    due.note(["cup"])
    late = due.take(START, LATER, 10)
    due.done(due.take(LATER, LATER + timedelta(minutes=15), 10))
    due.note(["cup"])
    due.done(late)
    assert taken(due) == {"cup"}
    assert [product.notes for product in late] == [1]
