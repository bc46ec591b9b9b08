"""What a page of products costs as the catalog grows, through the repository that the product service uses.

    .local/venv/bin/python benchmarks/search.py [--sizes 1000 10000 100000] [--pages 300]

Starts a server of its own in a temporary folder: the real mongod where one is on the PATH, else the stand-in.
Prints, for each size and kind of list, milliseconds a page (p50, p99), and what they are to those of the
first size. Tells also how long loading took, and how large the server's files became.
"""

import argparse
import json
import random
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common.domain.search import sought_terms
from common.ports.products import ProductFilter
from common.repositories.mongo.database import Login, MongoDatabase
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
    # Each word is on many products, and no product has both.
    "never together": [(None, words) for words in ("linen brass", "wireless novel", "tent roasted")],
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


def load(products: MongoProducts, size: int, before: int) -> float:
    """Seconds that it took to bring a catalog of `before` products to `size`."""
    began = time.monotonic()
    products.put(product for number, product in enumerate(catalog.many(size)) if number >= before)
    return time.monotonic() - began


def measure(products: MongoProducts, kind: str, size: int, pages: int) -> Figures:
    """Pages of lists of a kind. Those of the plain list begin anywhere in it: nothing has them ready."""
    chance = random.Random(f"{kind} {size}")  # noqa: S311 - it keeps nothing secret
    ids = [product.product_id for product in catalog.many(size)] if kind == "plain" else [None]
    seconds = []
    for _ in range(WARM_UP + pages):
        category, text = chance.choice(LISTS[kind])
        narrowed, after = ProductFilter(category, sought_terms(text)), chance.choice(ids)
        began = time.perf_counter()
        products.page(narrowed, after, LIMIT)
        seconds.append(time.perf_counter() - began)
    measured = sorted(seconds[WARM_UP:])
    return Figures(1000 * measured[len(measured) // 2], 1000 * measured[len(measured) * 99 // 100])


def megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--pages", type=int, default=300, help="measured for each kind of list")
    asked = parser.parse_args()
    with server() as home:
        print(f"server: {'mongod' if shutil.which('mongod') else 'the stand-in; no mongod is on the PATH'}")
        database = MongoDatabase(lambda _: Login(mongo.uri(home), "catalog"))
        products = MongoProducts(database)
        migrate(database)
        first: dict[str, Figures] = {}
        before = 0
        for size in sorted(asked.sizes):
            seconds = load(products, size, before)
            print(
                f"\n{size} products: loaded {size - before} more in {seconds:.1f} s"
                f" ({(size - before) / seconds:.0f}/s); the files have {megabytes(home):.0f} MB"
            )
            before = size
            for kind in LISTS:
                found = measure(products, kind, size, asked.pages)
                base = first.setdefault(kind, found)
                print(
                    f"  {kind:20} p50 {found.p50:6.2f} ms ({found.p50 / base.p50:4.2f}x)"
                    f"   p99 {found.p99:6.2f} ms ({found.p99 / base.p99:4.2f}x)",
                    flush=True,
                )
        database.close()


if __name__ == "__main__":
    main()
