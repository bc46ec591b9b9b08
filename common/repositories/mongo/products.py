"""Products in MongoDB or Amazon DocumentDB: one document each, in the collection `products`.

The document is the product as JSON has it, with its id as `_id`, and with `terms`, by which it is found.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from pymongo import ASCENDING, IndexModel, ReplaceOne

from common.codec import plain
from common.domain.money import Money
from common.domain.product import Product
from common.domain.search import product_terms
from common.kinds import service, value
from common.ports.products import ProductFilter, ProductPage
from common.repositories.mongo.database import Document, MongoDatabase, OwnerMongoDatabase

COLLECTION = "products"

# Each call of a long write ends well within the client's timeout, also on a machine that has much else to do:
# a product has some two hundred entries in the indexes.
WRITES_OF_A_CALL = 100

# How many entries of a term a page of several words follows before it goes on along its next word.
STRETCH = 500

# The fields of each index. Every page is read along one of them, in the order of _id, from where the page
# before it ended.
INDEXES: dict[str, tuple[str, ...]] = {
    "by_category": ("category", "_id"),
    "by_term": ("terms", "_id"),
    "by_category_and_term": ("category", "terms", "_id"),
}


@value
class PageQuery:
    """How a page is asked for: what its documents match, and the index that has them in order."""

    matching: Document
    index: str


@service
class MongoProducts:
    """`ProductRepository` in MongoDB or Amazon DocumentDB."""

    database: MongoDatabase
    stretch: int = STRETCH

    def get(self, product_ids: Collection[str]) -> dict[str, Product]:
        matching = {"_id": {"$in": sorted(set(product_ids))}}
        found = self.database.run(lambda store: list(store[COLLECTION].find(matching, {"terms": 0})))
        return {document["_id"]: _product(document) for document in found}

    def page(self, narrowed: ProductFilter, after: str | None, limit: int) -> ProductPage:
        """As the port says. Where several terms are sought, each in turn is followed for one stretch.

        In a stretch all that has every term is found, whichever of them is followed. So where one of them is
        rare, the page is whole; where none is, it ends after a stretch of each.
        """
        found: list[Document] = []
        for followed in range(max(1, len(narrowed.terms))):
            end = self._end(narrowed, followed, after) if len(narrowed.terms) > 1 else None
            query = page_query(narrowed, after, followed=followed, until=end)
            found += self._find(query, {"terms": 0}, limit=limit + 1 - len(found))
            if len(found) > limit:
                return ProductPage(
                    [_product(document) for document in found[:limit]], found[limit - 1]["_id"]
                )
            after = end
            if after is None:
                break
        return ProductPage([_product(document) for document in found], after)

    def _end(self, narrowed: ProductFilter, followed: int, after: str | None) -> str | None:
        """The last product of the stretch along a term that begins after a product; None if all are in it."""
        alone = ProductFilter(narrowed.category, (narrowed.terms[followed],))
        last = self._find(page_query(alone, after), {"_id": 1}, limit=1, skip=self.stretch - 1)
        return last[0]["_id"] if last else None

    def _find(
        self, query: PageQuery, projection: dict[str, int], *, limit: int, skip: int = 0
    ) -> list[Document]:
        return self.database.run(
            lambda store: list(
                store[COLLECTION]
                .find(query.matching, projection)
                .sort("_id", ASCENDING)
                .skip(skip)
                .limit(limit)
                .hint(query.index)
            )
        )

    def categories(self) -> list[str]:
        """As the port says, by a look into an index for each: a shop has few of them, and many products."""

        def work(store: Any) -> list[str]:
            found: list[str] = []
            while following := next_category(store, found[-1:]):
                found += following
            return found

        return self.database.run(work)

    def put(self, products: Iterable[Product]) -> None:
        coming = iter(products)
        while some := [_write(product) for product in islice(coming, WRITES_OF_A_CALL)]:
            self._write(some)

    def _write(self, writes: list[ReplaceOne[Document]]) -> None:
        self.database.run(lambda store: store[COLLECTION].bulk_write(writes, ordered=False))


def page_query(
    narrowed: ProductFilter, after: str | None, *, followed: int = 0, until: str | None = None
) -> PageQuery:
    """The query of a page, or of the stretch of it that ends with the product `until`.

    The term `followed` is looked up in the index; the others are checked on what that finds.
    """
    matching: Document = {}
    if narrowed.category is not None:
        matching["category"] = narrowed.category
    if narrowed.terms:
        others = [term for number, term in enumerate(narrowed.terms) if number != followed]
        matching["terms"] = narrowed.terms[followed]
        if others:
            matching["$and"] = [{"terms": term} for term in others]
    if after is not None:
        matching["_id"] = {"$gt": after}
    if until is not None:
        matching.setdefault("_id", {})["$lte"] = until
    match narrowed.category, narrowed.terms:
        case None, ():
            return PageQuery(matching, "_id_")
        case None, _:
            return PageQuery(matching, "by_term")
        case _, ():
            return PageQuery(matching, "by_category")
        case _:
            return PageQuery(matching, "by_category_and_term")


def next_category(store: Any, after: Sequence[str]) -> list[str]:
    """The first category behind the one in `after`, or the first of all; none behind the last one."""
    matching = {"category": {"$gt": after[0]}} if after else {}
    first = store[COLLECTION].find(matching, {"category": 1}).sort("category", ASCENDING).limit(1)
    return [document["category"] for document in first.hint("by_category")]


def migrate(database: OwnerMongoDatabase) -> list[str]:
    """Creates the declared indexes that are not there yet, and returns their names. May be repeated."""
    models = [
        IndexModel([(name, ASCENDING) for name in fields], name=index) for index, fields in INDEXES.items()
    ]

    def work(store: Any) -> list[str]:
        there = store[COLLECTION].index_information()
        store[COLLECTION].create_indexes(models)
        return [index for index in INDEXES if index not in there]

    return database.run(work)


def _write(product: Product) -> ReplaceOne[Document]:
    document: Document = plain(product)
    product_id = document.pop("product_id")
    return ReplaceOne({"_id": product_id}, {**document, "terms": product_terms(product)}, upsert=True)


def _product(document: Document) -> Product:
    """What was checked when it was put is not read as strangers' JSON again: docs/decisions/0107."""
    return Product(
        document["_id"],
        document["name"],
        document["category"],
        document["description"],
        Money(**document["price"]),
        document["attributes"],
    )
