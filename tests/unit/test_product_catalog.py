"""The catalog that a new shop opens with."""

from pathlib import Path

from common.domain.stock import StockLine
from common.repositories.memory.products import MemoryProducts
from local import catalog
from tests.fakes import RecordingFunctions


def quiet(_: str) -> None:
    """Where a load reports its progress to."""


def test_the_catalog_is_large_and_its_kinds_differ() -> None:
    """1,200 products with ids and names of their own, of ten kinds, no two with the same attributes."""
    products = catalog.products()
    assert len({p.product_id for p in products}) == len({p.name for p in products}) == 1200
    shapes = {p.category: set(p.attributes) for p in products}
    assert len(shapes) == 10
    assert all(len(shape) >= 5 for shape in shapes.values())
    assert len({frozenset(shape) for shape in shapes.values()}) == 10
    assert all(p.price.amount > 0 and p.price.currency == "USD" for p in products)


def test_the_catalog_is_the_same_every_time() -> None:
    """Nothing is left to chance, the stock neither; a few products are sold out."""
    assert catalog.products() == catalog.products()
    amounts = [catalog.stock(p.product_id) for p in catalog.products()]
    assert min(amounts) == 0
    assert max(amounts) <= 200
    assert 5 <= amounts.count(0) <= 60


def test_isbns_are_valid() -> None:
    """The digits of an ISBN-13, weighted 1 and 3 in turns, add up to a multiple of ten."""
    for book in (p for p in catalog.products() if p.category == "books"):
        isbn = str(book.attributes["isbn"])
        assert len(isbn) == 13
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(isbn)) % 10 == 0


def test_a_load_puts_every_product_and_stocks_it(tmp_path: Path) -> None:
    """The repository has all products afterwards, and the inventory was handed a line for each."""
    repository, functions = MemoryProducts(), RecordingFunctions()
    loaded = catalog.load(repository, functions, tmp_path / "catalog", report=quiet)
    everything = catalog.products()
    assert loaded.products == len(everything)
    assert list(repository.get([p.product_id for p in everything]).values()) == everything
    assert {(service, function) for service, function, _ in functions.calls} == {
        ("inventory", "stock_new_products")
    }
    lines = [line for *_, arguments in functions.calls for line in arguments["lines"]]
    assert lines == [StockLine(p.product_id, catalog.stock(p.product_id)) for p in everything]


def test_a_second_load_does_nothing(tmp_path: Path) -> None:
    """What is loaded is not loaded again."""
    repository, functions = MemoryProducts(), RecordingFunctions()
    catalog.load(repository, functions, tmp_path / "catalog", report=quiet)
    functions.calls.clear()
    assert catalog.load(repository, functions, tmp_path / "catalog", report=quiet).products == 0
    assert functions.calls == []


def test_a_store_that_lost_its_products_is_loaded_again(tmp_path: Path) -> None:
    """The marker alone is not believed."""
    catalog.load(MemoryProducts(), RecordingFunctions(), tmp_path / "catalog", report=quiet)
    emptied = MemoryProducts()
    assert catalog.load(emptied, RecordingFunctions(), tmp_path / "catalog", report=quiet).products == 1200
    assert emptied.get(["book-0001"])
