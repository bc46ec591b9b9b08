"""What a page of products costs as the catalog grows, through the repository that the product service uses.

    .local/venv/bin/python benchmarks/search.py [--sizes 1000 10000 100000] [--pages 300]

Starts a server of its own in a temporary folder: the real mongod where one is on the PATH, else the
stand-in. It has a catalog of each size, and pages of them are asked for in turns, so that whatever else the
machine does hits all alike. Prints, for each kind of list and each size, milliseconds a page (p50, p99), and
what they are to those of the smallest. Tells also how long loading took, and how large the files became.
"""

import argparse
import json
import random
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common.domain.search import sought_terms
from common.ports.products import ProductFilter
from common.repositories.mongo.database import Login, OwnerMongoDatabase
from common.repositories.mongo.products import MongoProducts, migrate
from local import catalog, mongo, processes
from local.paths import LOOPBACK

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


@frozen
class Figures:
    """Milliseconds a page."""

    p50: float
    p99: float


@contextmanager
def server() -> Iterator[Path]:
    """The folder of a server of this run's own."""
    home = Path(tempfile.mkdtemp(prefix="search-"))
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        (home / "ports.json").write_text(json.dumps({"mongo": free.getsockname()[1]}), encoding="utf-8")
    try:
        processes.start([mongo.server(home)], home, report=lambda _: None)
        yield home
    finally:
        processes.stop(None, home, report=lambda _: None)
        shutil.rmtree(home)


def load(products: MongoProducts, size: int) -> float:
    """Seconds that it took to put so many products.

    In the order of ids, as an import of a whole catalog best is: neighbours in the indexes come one after the
    other then, and a call changes a few places of them instead of all.
    """
    coming = sorted(catalog.many(size), key=lambda product: product.product_id)
    began = time.monotonic()
    products.put(coming)
    return time.monotonic() - began


def measure(catalogs: Mapping[int, MongoProducts], kind: str, pages: int) -> dict[int, Figures]:
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
            seconds[size].append(time.perf_counter() - began)
    return {size: _figures(sorted(spent[WARM_UP:])) for size, spent in seconds.items()}


def _figures(spent: Sequence[float]) -> Figures:
    return Figures(1000 * spent[len(spent) // 2], 1000 * spent[len(spent) * 99 // 100])


def megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--pages", type=int, default=300, help="measured for each kind of list")
    asked = parser.parse_args()
    with server() as home:
        print(f"server: {'mongod' if shutil.which('mongod') else 'the stand-in; no mongod is on the PATH'}")
        catalogs: dict[int, MongoProducts] = {}
        for size in sorted(asked.sizes):
            database = OwnerMongoDatabase(lambda _, size=size: Login(mongo.uri(home), f"catalog-{size}"))  # type: ignore[misc]
            migrate(database)
            catalogs[size] = MongoProducts(database)
            seconds = load(catalogs[size], size)
            print(
                f"{size} products loaded in {seconds:.1f} s ({size / seconds:.0f} a second);"
                f" all files have {megabytes(home):.0f} MB",
                flush=True,
            )
        for kind in LISTS:
            print(kind)
            found = measure(catalogs, kind, asked.pages)
            base = found[min(found)]
            for size, figures in found.items():
                print(
                    f"  {size:7} products   p50 {figures.p50:6.2f} ms ({figures.p50 / base.p50:4.2f}x)"
                    f"   p99 {figures.p99:6.2f} ms ({figures.p99 / base.p99:4.2f}x)",
                    flush=True,
                )
        for products in catalogs.values():
            products.database.close()


if __name__ == "__main__":
    main()
