"""A page of products as the catalog grows, through the repository that the product service uses, against
the same page of a catalog of 1,000. The short form has 10,000 products, the long one 100,000, too.

The server is the real mongod where one is on the PATH, else the stand-in. It has a catalog of each size,
and pages of them are asked for in turns.
"""

import random
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import sides, stores
from benchmarks.row import Row
from common.domain.search import sought_terms
from common.ports.products import ProductFilter
from common.repositories.mongo.products import STRETCH, MongoProducts
from local import catalog

SMALL = 1000
LIMIT = 20
WARM_UP = 100

# What is asked for, by kind of list: categories and texts. Each fills a page in the smallest catalog, too.
LISTS: dict[str, Sequence[tuple[str | None, str]]] = {
    "plain": [(None, "")],
    "by category": [(category, "") for category in ("books", "lenses", "shirts", "coffee", "tents", "lamps")],
    "one word": [(None, f"{word} ") for word in ("lamp", "tent", "cotton", "brass", "novel", "wireless")],
    "unfinished word": [(None, word) for word in ("la", "ten", "cott", "bra", "nov", "wire")],
    "word in a category": [("lamps", "brass"), ("coffee", "natural"), ("books", "hardc"), ("tents", "dome")],
    "two words": [(None, words) for words in ("brass lamp", "coffee beans", "roasted natural", "prime lens")],
    # Each word is on many products, and no product has both: pages are empty, and go on.
    "never together": [(None, words) for words in ("linen brass", "wireless novel", "tent roasted")],
    # As above, among the products of one kind, so that both words are wherever one looks.
    "never in one kind": [("lamps", "brass oak"), ("coffee", "washed natural"), ("shirts", "linen cotton")],
}


# The small catalog has fewer products of a word than that, so its pages end sooner.
STRETCHES = dict.fromkeys(
    ("two words", "never together", "never in one kind"),
    f"at most {STRETCH} products of each word are looked at",
)


def rows(full: bool) -> list[Row]:
    sizes, pages = ((SMALL, 10_000, 100_000), 500) if full else ((SMALL, 10_000), 150)
    large = sizes[-1]
    kind_of_server = "mongod" if shutil.which("mongod") else "the stand-in"
    with stores.mongo_server() as home:
        catalogs = {size: MongoProducts(stores.catalog(home, f"catalog-{size}")) for size in sizes}
        loaded = {size: load(products, size) for size, products in catalogs.items()}
        files = megabytes(home)
        found = [row for kind in LISTS for row in measure(catalogs, kind, pages)]
        for products in catalogs.values():
            products.database.close()
    return [
        *found,
        Row(
            name=f"loading {large:,} products",
            ours=large / loaded[large],
            unit="a second",
            note=f"{kind_of_server}; the files have {files:.0f} MB",
        ),
    ]


def load(products: MongoProducts, size: int) -> float:
    """Seconds that it took to put so many products.

    In the order of ids, as an import of a whole catalog best is: neighbours in the indexes come one after the
    other then, and a call changes a few places of them instead of all.
    """
    coming = sorted(catalog.many(size), key=lambda product: product.product_id)
    began = time.monotonic()
    products.put(coming)
    return time.monotonic() - began


def measure(catalogs: Mapping[int, MongoProducts], kind: str, pages: int) -> list[Row]:
    """Pages of lists of a kind. Those of the plain list begin anywhere in it: nothing has them ready."""
    chance = random.Random(kind)  # noqa: S311 - it keeps nothing secret
    ids = {size: [product.product_id for product in catalog.many(size)] for size in catalogs}
    seconds: dict[int, list[float]] = {size: [] for size in catalogs}
    for _ in range(WARM_UP + pages):
        category, text = chance.choice(LISTS[kind])
        narrowed = ProductFilter(category, sought_terms(text))
        start = chance.random() if kind == "plain" else None
        for size, products in catalogs.items():
            after = None if start is None else ids[size][int(start * size)]
            began = time.perf_counter()
            products.page(narrowed, after, LIMIT)
            seconds[size].append(1000 * (time.perf_counter() - began))
    base, *larger = ((size, spent[WARM_UP:]) for size, spent in sorted(seconds.items()))
    return [
        Row(
            name=f"{kind}: {size:,} products, p{percent}",
            ours=sides.percentile(grown, percent),
            floor=sides.percentile(base[1], percent),
            spread=sides.spread(grown, base[1]) if percent == 50 else "",
            at_most=at_most,
            note=STRETCHES.get(kind, ""),
        )
        for size, grown in larger
        for percent, at_most in ((50, 1.5), (99, 2.0))
    ]


def megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
