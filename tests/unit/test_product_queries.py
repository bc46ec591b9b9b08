"""Every query of the Mongo repository has an index that serves its filter and its order."""

from itertools import product as combinations

import pytest

from common.ports.products import ProductFilter
from common.repositories.mongo.products import INDEXES, page_query

FILTERS = [
    ProductFilter(category, terms)
    for category, terms in combinations((None, "lamps"), ((), ("=brass",), ("=brass", "=desk", "la")))
]


@pytest.mark.parametrize("narrowed", FILTERS)
@pytest.mark.parametrize("after", [None, "lamp-0001"])
def test_a_page_is_read_along_an_index(narrowed: ProductFilter, after: str | None) -> None:
    """All fields of the index but _id are compared with one value each, so its entries come in the order of
    _id, and the page begins at a bound of _id: no sort, and nothing is read from before the page."""
    query = page_query(narrowed, after)
    *equal, last = INDEXES.get(query.index, ("_id",))
    matching = dict(query.matching)
    assert last == "_id"
    assert all(isinstance(matching.pop(field), str) for field in equal)
    assert matching.pop("_id", None) == ({"$gt": after} if after else None)
    assert matching.keys() <= {"$and"}


def test_only_the_terms_beside_the_first_are_checked_on_documents() -> None:
    """One term is looked up; the others are a filter on what it finds."""
    query = page_query(ProductFilter(None, ("=brass", "=desk", "la")), None)
    assert query.matching == {"terms": "=brass", "$and": [{"terms": "=desk"}, {"terms": "la"}]}


def test_every_declared_index_is_used() -> None:
    """An index that no query uses only costs."""
    assert {page_query(narrowed, None).index for narrowed in FILTERS} - {"_id_"} == set(INDEXES)
