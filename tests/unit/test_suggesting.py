"""What is suggested beside a product, and how it is noted and worked out, whatever breaks off in between."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import define
from chalicelib.order.use_cases import NotePurchases, RankSuggestions
from chalicelib.order.use_cases.rank_suggestions import BATCH, COUNTED, LONGEST_BATCH_SECONDS

from common.domain.suggestions import MOST_SUGGESTIONS, Purchase, bought_with
from common.errors import Unavailable
from common.repositories.memory.suggestions import MemoryDueProducts, MemoryPurchases
from tests.fakes import START, FakeClock, FakeIds


def plenty() -> float:
    return 1000


@define
class Breaking:
    """Passes calls on, and breaks off before or after one of them, by number from 1 on; 0: never."""

    target: Any
    steps: Iterator[int]
    at: int
    after: bool

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            step = next(self.steps)
            if step == self.at and not self.after:
                raise Unavailable("broken off")
            result = getattr(self.target, name)(*arguments)
            if step == self.at:
                raise Unavailable("broken off")
            return result

        return call


@define
class CountingPurchases(MemoryPurchases):
    """Counts the purchases that were read."""

    read: int = 0

    def newest(self, product_id: str, limit: int) -> Sequence[Purchase]:
        found = super().newest(product_id, limit)
        self.read += len(found)
        return found


def test_what_is_bought_most_often_together_comes_first(ids: FakeIds) -> None:
    """An order counts once; among equals the smaller id is first; ten at most; never the product itself."""
    together = [("cup", "pot"), ("cup", "pot", "tea"), ("lid", "cup"), ("tea", "cup", "tea", "tea")]
    purchases = [Purchase(ids.new(START), products) for products in together]
    assert bought_with("cup", purchases) == ["pot", "tea", "lid"]
    many = [Purchase(ids.new(START), ("cup", f"p{number:02}")) for number in range(30)]
    assert bought_with("cup", many) == [f"p{number:02}" for number in range(MOST_SUGGESTIONS)]
    assert bought_with("cup", []) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(8))
def test_whatever_breaks_off_the_suggestions_become_right(ids: FakeIds, at: int, after: bool) -> None:
    """Noted and worked out again from the beginning, after a break at each step: as if none had been."""
    orders = [
        Purchase(ids.new(START), ("cup", "pot")),
        Purchase(ids.new(START), ("cup", "pot", "tea")),
        Purchase(ids.new(START), ("cup", "lid")),
        Purchase(ids.new(START), ("alone",)),
    ]
    purchases, due, clock = MemoryPurchases(), MemoryDueProducts(), FakeClock()
    steps = iter(range(1, 1000))
    stores = Breaking(purchases, steps, at, after), Breaking(due, steps, at, after)
    note = NotePurchases(lambda: stores[0], stores[1])  # type: ignore[arg-type, return-value]
    rank = RankSuggestions(lambda: stores[0], stores[1], clock)  # type: ignore[arg-type, return-value]
    for work in (lambda: note(orders), lambda: rank(plenty), lambda: rank(plenty)):
        try:
            work()
        except Unavailable:
            clock.advance(timedelta(hours=1))
            work()
    found = {name: list(purchases.suggestions(name)) for name in ("cup", "pot", "tea", "lid", "alone")}
    assert found == {
        "cup": ["pot", "lid", "tea"],
        "pot": ["cup", "tea"],
        "tea": ["cup", "pot"],
        "lid": ["cup"],
        "alone": [],
    }
    assert rank(plenty) == 0


def test_a_product_with_ten_thousand_co_buyers_costs_no_more_than_with_a_thousand(ids: FakeIds) -> None:
    """So many purchases are read and no more, the newest; what is bought now counts."""
    purchases, due = CountingPurchases(), MemoryDueProducts()
    old = [Purchase(ids.new(START), ("cup", f"old-{number % 5000}")) for number in range(10_000)]
    new = [
        Purchase(ids.new(START + timedelta(days=1)), ("cup", f"new-{number % 20:02}"))
        for number in range(COUNTED)
    ]
    purchases.put([*old, *new])
    due.note(["cup"])
    assert RankSuggestions(lambda: purchases, due, FakeClock())(plenty) == 1
    assert purchases.read == COUNTED
    assert purchases.suggestions("cup") == [f"new-{number:02}" for number in range(10)]


def test_no_further_batch_is_begun_that_may_not_end(ids: FakeIds) -> None:
    """What is left is due in the next run."""
    purchases, due = MemoryPurchases(), MemoryDueProducts()
    names = [f"p{number:02}" for number in range(BATCH + 1)]
    NotePurchases(lambda: purchases, due)([Purchase(ids.new(START), tuple(names))])
    rank = RankSuggestions(lambda: purchases, due, FakeClock())
    assert rank(lambda: LONGEST_BATCH_SECONDS - 1) == BATCH
    assert rank(plenty) == 1
    assert rank(plenty) == 0
