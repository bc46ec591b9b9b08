"""What every repository of products does, in memory and in MongoDB."""

import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.domain.money import Money
from common.domain.product import Product
from common.domain.search import sought_terms
from common.errors import Unavailable
from common.ports.products import ProductFilter, ProductPage, ProductRepository
from common.repositories.memory.products import MemoryProducts
from common.repositories.mongo.database import Login, MongoDatabase, OwnerMongoDatabase
from common.repositories.mongo.products import COLLECTION, INDEXES, MongoProducts, migrate
from local import mongo, processes
from local.paths import LOOPBACK


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this run's own."""
    home = tmp_path_factory.mktemp("mongo")
    (home / "ports.json").write_text(json.dumps({"mongo": free_port()}), encoding="utf-8")
    try:
        processes.start([mongo.server(home)], home, report=lambda _: None)
        yield mongo.uri(home)
    finally:
        processes.stop(None, home, report=lambda _: None)


@pytest.fixture
def mongo_database(mongo_uri: str) -> Iterator[MongoDatabase]:
    """An empty database with its indexes."""
    database = OwnerMongoDatabase(lambda _: Login(mongo_uri, "products-of-a-test"))
    database.run(lambda store: store[COLLECTION].drop())
    migrate(database)
    yield database
    database.close()


@pytest.fixture(params=["memory", "mongo"])
def products(request: pytest.FixtureRequest) -> ProductRepository:
    """An empty repository of each kind."""
    if request.param == "memory":
        return MemoryProducts()
    return MongoProducts(request.getfixturevalue("mongo_database"))


def lamp(product_id: str, name: str = "Lamp", category: str = "lamps") -> Product:
    return Product(product_id, name, category, "", Money(4900, "USD"), {})


def ids(page: ProductPage) -> list[str]:
    return [product.product_id for product in page.products]


def followed(products: ProductRepository, narrowed: ProductFilter, limit: int) -> Iterator[ProductPage]:
    """Page after page, as a client follows the cursors."""
    page = ProductPage((), None)
    while page.next is not None or not page.products:
        before = page.next
        page = products.page(narrowed, before, limit)
        yield page
        if page.next is None:
            break
        assert before is None or page.next > before


def test_a_product_comes_back_as_it_was_put(products: ProductRepository) -> None:
    """Every kind of value is kept, in any script, up to the largest amount of money."""
    full = Product(
        "p1",
        "Đèn bàn Σοφία «Лампа»",
        "lamps",
        "A lamp.\nWith two lines, and an emoji 💡.",
        Money(2**63 - 1, "JPY"),
        {"text": "å", "whole": 7, "large": 2**40, "part": 1.5, "yes": True, "no": False, "many": ["a", "b"]},
    )
    bare = Product("p2", "", "", "", Money(0, "USD"), {})
    products.put([full, bare])
    found = products.get(["p1", "p2"])
    assert found == {"p1": full, "p2": bare}
    assert [type(value) for value in found["p1"].attributes.values()] == [
        str,
        int,
        int,
        float,
        bool,
        bool,
        list,
    ]


def test_only_products_that_exist_are_found(products: ProductRepository) -> None:
    """An id that is asked for twice, or names nothing, or is none, does no harm."""
    products.put([lamp("p1")])
    assert list(products.get(["p1", "p1", "nothing", "", "$ne", "a\0b", "x" * 5000])) == ["p1"]
    assert products.get([]) == {}


def test_putting_again_replaces(products: ProductRepository) -> None:
    """The newest form of a product counts, and it is found by its own words only."""
    products.put([lamp("p1", "brass"), lamp("p1", "copper")])
    products.put([lamp("p1", "copper"), lamp("p2", "steel")])
    products.put([lamp("p2", "glass", category="vases")])
    products.put([])
    assert products.get(["p1"])["p1"].name == "copper"
    assert ids(products.page(ProductFilter(), None, 10)) == ["p1", "p2"]
    assert ids(products.page(ProductFilter(None, sought_terms("steel")), None, 10)) == []
    assert ids(products.page(ProductFilter("lamps"), None, 10)) == ["p1"]
    assert ids(products.page(ProductFilter("vases", sought_terms("gl")), None, 10)) == ["p2"]


def test_more_products_than_a_call_writes_are_put(products: ProductRepository) -> None:
    """A put has no bound."""
    products.put(lamp(f"p{number:04}") for number in range(250))
    assert len(ids(products.page(ProductFilter(), None, 1000))) == 250


@pytest.mark.parametrize(
    ("category", "q", "expected"),
    [
        (None, "", ["a1", "b1", "b2", "b3"]),
        ("lamps", "", ["b1", "b2", "b3"]),
        ("nothing", "", []),
        ("LAMPS", "", []),
        (None, "ang", ["a1", "b2"]),
        ("lamps", "ång", ["b2"]),
        ("lamps", "brass ÅNGSTRÖM", ["b2"]),
        ("lamps", "ang brass", []),
        (None, "lamp", ["b1", "b2", "b3"]),
        (None, "φάρ", ["b3"]),
        (None, "φάρ brass", []),
        ("vases", "brass", []),
        (None, ".*", ["a1", "b1", "b2", "b3"]),
        (None, "b(", ["b1", "b2"]),
    ],
)
def test_lists_are_narrowed(
    products: ProductRepository, category: str | None, q: str, expected: list[str]
) -> None:
    """By a category, which is compared exactly, by words, or by both, in the order of ids."""
    products.put(
        [
            lamp("b2", "Ångström brass"),
            lamp("a1", "Ångström", category="vases"),
            lamp("b3", "Φάρος"),
            lamp("b1", "Brass"),
        ]
    )
    assert ids(products.page(ProductFilter(category, sought_terms(q)), None, 10)) == expected


def test_categories_are_those_of_products(products: ProductRepository) -> None:
    """Each once, in alphabetical order; one whose last product has moved to another is gone."""
    assert list(products.categories()) == []
    kinds = ["lamps", "vases", "", "Äpfel", "board games", "lamps"]
    products.put(lamp(f"p{number}", category=kinds[number % 6]) for number in range(12))
    assert list(products.categories()) == ["", "board games", "lamps", "vases", "Äpfel"]
    products.put([lamp("p1"), lamp("p7")])
    assert list(products.categories()) == ["", "board games", "lamps", "Äpfel"]


def test_pages_follow_one_another(products: ProductRepository) -> None:
    """Page after page shows each product once, also when others come or the page's last one is not there."""
    products.put(lamp(f"p{number:02}", "brass" if number % 3 else "steel") for number in range(20))
    for narrowed in (ProductFilter(), ProductFilter("lamps"), ProductFilter("lamps", ("brass",))):
        expected = ids(products.page(narrowed, None, 100))
        pages = list(followed(products, narrowed, 3))
        assert [len(page.products) for page in pages[:-1]] == [3] * (len(pages) - 1)
        seen = [product_id for page in pages for product_id in ids(page)]
        assert seen == expected == sorted(expected)
    assert products.page(ProductFilter(), "p14", 5).next is None
    assert ids(products.page(ProductFilter(), "p17x", 5)) == ["p18", "p19"]
    assert products.page(ProductFilter(), "zzz", 5) == ProductPage([], None)


@pytest.fixture(params=["memory", "mongo"])
def hasty(request: pytest.FixtureRequest) -> ProductRepository:
    """An empty repository of each kind that looks at a few products only for one page."""
    if request.param == "memory":
        return MemoryProducts(looked_at=10)
    return MongoProducts(request.getfixturevalue("mongo_database"), stretch=5)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_words_that_never_meet_end_a_page_before_it_is_full(hasty: ProductRepository, limit: int) -> None:
    """A page is short or empty then, and goes on; none is shown twice, and none is missed."""
    hasty.put(lamp(f"p{number:03}", ["brass", "steel", "brass oak"][number % 3]) for number in range(90))
    hasty.put([lamp("p017", "brass steel"), lamp("p044", "steel brass"), lamp("p089", "brass and steel")])
    for category in (None, "lamps"):
        pages = list(followed(hasty, ProductFilter(category, ("=brass", "=steel")), limit))
        assert [product_id for page in pages for product_id in ids(page)] == ["p017", "p044", "p089"]
        assert [] in [ids(page) for page in pages]
        assert all(len(page.products) <= limit for page in pages)
        nothing = [ids(page) for page in followed(hasty, ProductFilter(category, ("=oak", "=steel")), limit)]
        assert len(nothing) > 2
        assert not any(nothing)


def test_a_rare_word_among_frequent_ones_is_found_at_once(mongo_database: MongoDatabase) -> None:
    """Whichever word it is: where the entries of one end, the page is whole."""
    products = MongoProducts(mongo_database, stretch=5)
    products.put(lamp(f"p{number:03}", "brass steel" if number < 80 else "wood") for number in range(100))
    products.put([lamp("p100", "brass steel x100")])
    for terms in (
        ("=brass", "=steel", "=x100"),
        ("=x100", "=brass", "=steel"),
        ("=brass", "=x100", "=steel"),
    ):
        assert products.page(ProductFilter(None, terms), "p060", 20) == ProductPage(
            [lamp("p100", "brass steel x100")], None
        )


def test_any_list_is_the_same_in_both(mongo_database: MongoDatabase) -> None:
    """Of 300 random products, 300 random searches find in MongoDB what they find in memory."""
    chance = random.Random(20260131)
    vocabulary = ["brass", "bright", "bra", "oak", "oaken", "ångström", "φάρος", "лампа", "đèn", "12", "120"]
    everything = [
        lamp(
            f"p{number:03}",
            " ".join(chance.choices(vocabulary, k=chance.randint(0, 5))),
            chance.choice(["lamps", "vases", "oak"]),
        )
        for number in range(300)
    ]
    memory, stored = MemoryProducts(), MongoProducts(mongo_database)
    hasty = MongoProducts(mongo_database, stretch=7)
    memory.put(everything)
    stored.put(everything)
    for _ in range(300):
        words = chance.choices(vocabulary, k=chance.randint(0, 3))
        if words:
            words[-1] = words[-1][: chance.randint(1, 5)]
        narrowed = ProductFilter(chance.choice([None, "lamps", "vases"]), sought_terms(" ".join(words)))
        after = chance.choice([None, f"p{chance.randint(0, 320):03}"])
        limit = chance.randint(1, 30)
        assert stored.page(narrowed, after, limit) == memory.page(narrowed, after, limit), (narrowed, after)
        short = [product_id for page in followed(hasty, narrowed, limit) for product_id in ids(page)]
        assert short == ids(memory.page(narrowed, None, 300)), narrowed


def test_indexes_are_made_once(mongo_uri: str) -> None:
    """A migration makes the declared indexes, and does nothing where they are."""
    database = OwnerMongoDatabase(lambda _: Login(mongo_uri, "indexes-of-a-test"))
    database.run(lambda store: store[COLLECTION].drop())
    assert migrate(database) == list(INDEXES)
    assert migrate(database) == []
    made = database.run(lambda store: store[COLLECTION].index_information())
    assert {name: tuple(field for field, _ in made[name]["key"]) for name in INDEXES} == INDEXES
    database.close()


def test_a_store_that_is_down_is_unavailable_soon() -> None:
    """No request waits for the driver's half minute, and none gets the driver's own error."""
    products = MongoProducts(MongoDatabase(lambda _: Login(f"mongodb://{LOOPBACK}:{free_port()}", "x")))
    began = time.monotonic()
    with pytest.raises(Unavailable):
        products.page(ProductFilter(), None, 1)
    assert time.monotonic() - began < 10


def test_a_store_that_was_away_is_used_again(tmp_path: Path) -> None:
    """One client serves before and after its server was restarted, and nothing that was put is lost."""
    (tmp_path / "ports.json").write_text(json.dumps({"mongo": free_port()}), encoding="utf-8")
    server = mongo.server(tmp_path)
    database = OwnerMongoDatabase(lambda _: Login(mongo.uri(tmp_path), "catalog"))
    products = MongoProducts(database)
    try:
        processes.start([server], tmp_path, report=lambda _: None)
        migrate(database)
        products.put([lamp("p1")])
        processes.stop(["mongo"], tmp_path, report=lambda _: None)
        processes.start([server], tmp_path, report=lambda _: None)
        assert ids(products.page(ProductFilter("lamps", ("lamp",)), None, 5)) == ["p1"]
    finally:
        processes.stop(None, tmp_path, report=lambda _: None)
        database.close()
