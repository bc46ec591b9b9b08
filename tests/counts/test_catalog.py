"""What an order and a page ask the catalog for."""

from collections.abc import Iterator

import pymongo.monitoring
import pytest

from benchmarks import stores
from benchmarks.counts import Queries
from common.ports.products import ProductFilter
from common.repositories.mongo.products import MongoProducts
from tests.samples import POT, TEA


@pytest.fixture
def counted() -> Iterator[tuple[MongoProducts, Queries]]:
    queries = Queries()
    # Clients that are made from now on tell it, too. It cannot be taken back, and keeps only names.
    pymongo.monitoring.register(queries)
    with stores.mongo_server() as home:
        products = MongoProducts(stores.catalog(home, "catalog"))
        products.put([TEA, POT])
        queries.names.clear()
        yield products, queries
        products.database.close()


def test_products_and_pages_are_one_query_each(counted: tuple[MongoProducts, Queries]) -> None:
    """However many products are asked for, and whatever they are narrowed to."""
    products, queries = counted
    assert set(products.get(["tea", "pot"])) == {"tea", "pot"}
    for narrowed in (ProductFilter(), ProductFilter("tea"), ProductFilter(None, ("green",))):
        assert products.page(narrowed, None, 20).products
    assert queries.names == ["find"] * 4
