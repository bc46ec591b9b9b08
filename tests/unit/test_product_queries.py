"""Every query of the Mongo repository has an index that serves its filter and its order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product as combinations
from typing import Any, cast

import pytest

from common.ports.products import ProductFilter
from common.repositories.mongo.database import MongoDatabase
from common.repositories.mongo.products import (
    COLLECTION,
    INDEXES,
    MongoProducts,
    next_category,
    page_query,
)

FILTERS = [
    ProductFilter(category, terms)
    for category, terms in combinations((None, "lamps"), ((), ("=brass",), ("=brass", "=desk", "la")))
]


class Recorder:
    """A database whose collection finds nothing, and notes how it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []

    def run(self, work: Callable[[Any], Any]) -> Any:
        return work({COLLECTION: self})

    def find(self, matching: dict[str, Any], _projection: dict[str, int]) -> "Recorder":
        self.asked["matching"] = matching
        return self

    def sort(self, field: str, direction: int) -> "Recorder":
        self.asked["order"] = [(field, direction)]
        return self

    def skip(self, _count: int) -> "Recorder":
        return self

    def limit(self, _count: int) -> "Recorder":
        return self

    def hint(self, index: str) -> "Recorder":
        self.asked["index"] = index
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.seen.append(self.asked)
        self.asked = {}
        return iter(())


def serves(fields: Sequence[str], matching: Mapping[str, Any], order: Sequence[tuple[str, int]]) -> bool:
    """Whether an index of these fields has the documents in their order, from the first to the last one.

    All its fields but _id are compared with one value each, so its entries come in the order of _id, between
    bounds of _id: no sort, and nothing is read from before the page. Nothing else is asked but further terms.
    """
    *equal, last = fields
    rest = dict(matching)
    values = [rest.pop(field, None) for field in equal]
    bounds = rest.pop("_id", {})
    return (
        last == "_id"
        and order == [("_id", 1)]
        and all(isinstance(value, str) for value in values)
        and bounds.keys() <= {"$gt", "$lte"}
        and rest.keys() <= {"$and"}
    )


@pytest.mark.parametrize("narrowed", FILTERS)
@pytest.mark.parametrize("after", [None, "lamp-0001"])
@pytest.mark.parametrize("until", [None, "lamp-0900"])
def test_a_page_is_read_along_an_index(narrowed: ProductFilter, after: str | None, until: str | None) -> None:
    """Whichever term is followed, the index that is named serves the query's filter and its order."""
    for followed in range(max(1, len(narrowed.terms))):
        query = page_query(narrowed, after, followed=followed, until=until)
        assert serves(INDEXES.get(query.index, ("_id",)), query.matching, [("_id", 1)])
        bounds = {"$gt": after, "$lte": until}
        assert query.matching.get("_id", {}) == {sign: value for sign, value in bounds.items() if value}


def test_only_the_terms_beside_the_first_are_checked_on_documents() -> None:
    """One term is looked up; the others are a filter on what it finds."""
    query = page_query(ProductFilter(None, ("=brass", "=desk", "la")), None)
    assert query.matching == {"terms": "=brass", "$and": [{"terms": "=desk"}, {"terms": "la"}]}


@pytest.mark.parametrize("narrowed", FILTERS)
def test_whatever_the_repository_asks_names_an_index_that_serves_it(narrowed: ProductFilter) -> None:
    """Seen from below, as a server does: the ends of stretches are looked for along an index, too."""
    recorder = Recorder()
    MongoProducts(cast("MongoDatabase", recorder)).page(narrowed, "lamp-0001", 20)
    assert recorder.seen
    for asked in recorder.seen:
        assert serves(INDEXES.get(asked["index"], ("_id",)), asked["matching"], asked["order"]), asked


def test_each_category_is_the_next_entry_of_an_index() -> None:
    """The first entry, or the first behind a category: nothing of the products between is read."""
    recorder = Recorder()
    for after in ([], ["lamps"]):
        assert next_category({COLLECTION: recorder}, after) == []
    bounds = [{}, {"category": {"$gt": "lamps"}}]
    assert recorder.seen == [
        {"matching": matching, "order": [("category", 1)], "index": "by_category"} for matching in bounds
    ]
    assert INDEXES["by_category"][0] == "category"


def test_products_are_got_by_their_ids_alone() -> None:
    """Every collection has an index of _id, and nothing else is asked."""
    recorder = Recorder()
    MongoProducts(cast("MongoDatabase", recorder)).get(["b", "a", "b"])
    assert recorder.seen == [{"matching": {"_id": {"$in": ["a", "b"]}}}]


@pytest.mark.parametrize(
    ("matching", "order"),
    [
        ({"terms": {"$in": ["la", "lb"]}}, [("_id", 1)]),
        ({"terms": {"$regex": "^la"}}, [("_id", 1)]),
        ({"terms": "la", "category": "lamps"}, [("_id", 1)]),
        ({"category": "lamps"}, [("_id", 1)]),
        ({"terms": "la"}, [("name", 1)]),
        ({"terms": "la"}, []),
        ({"terms": "la", "_id": {"$ne": "x"}}, [("_id", 1)]),
    ],
)
def test_a_query_that_an_index_does_not_serve_is_told(
    matching: dict[str, Any], order: list[tuple[str, int]]
) -> None:
    """What the tests above look with can see: a range of terms, a field beside the index, another order."""
    assert serves(INDEXES["by_term"], {"terms": "la", "$and": [{"terms": "=x"}]}, [("_id", 1)])
    assert not serves(INDEXES["by_term"], matching, order)


def test_every_declared_index_is_used() -> None:
    """An index that no query uses only costs."""
    assert {page_query(narrowed, None).index for narrowed in FILTERS} - {"_id_"} == set(INDEXES)
