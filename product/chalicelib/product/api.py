"""The shapes of what the product service is asked and answers."""

import hashlib
from collections.abc import Sequence
from typing import Annotated

from attrs import asdict, field

from common.domain.money import Money
from common.domain.product import PRODUCT_ID, Attribute, Product
from common.domain.rules import Size, Text
from common.domain.search import sought_terms
from common.errors import FieldError, NotFound
from common.kinds import value
from common.ports.products import ProductFilter, ProductPage
from common.web.paging import PageQuery, decode_cursor, encode_cursor
from common.web.problems import Malformed

LONGEST_SEARCH = 200
MOST_TERMS = 10


@value
class ProductsQuery(PageQuery):
    """Which products are listed. A parameter that is missing or blank narrows nothing."""

    category: str | None = field(default=None, validator=Text())
    """Only those of this category."""
    q: str | None = field(default=None, validator=Text(0, LONGEST_SEARCH))
    """Only those that have all these words, ten at most, in what is said of them. Neither case nor accents
    matter, and of the last word the beginning is enough. A search has a letter or a digit."""


@value
class ProductBody:
    """A product as a list shows it."""

    product_id: str
    name: str
    category: str
    """Its kind, which decides what attributes it has."""
    description: str
    price: Money
    attributes: dict[str, Attribute]
    """What products of its kind say of themselves, by name."""

    @classmethod
    def of(cls, product: Product) -> "ProductBody":
        return cls(
            product.product_id,
            product.name,
            product.category,
            product.description,
            product.price,
            product.attributes,
        )


@value
class ProductDetail(ProductBody):
    """A product on its own."""

    available: int | None
    """How many pieces can be ordered; null where that is not known now."""

    @classmethod
    def with_stock(cls, product: Product, available: int | None) -> "ProductDetail":
        return cls(**asdict(ProductBody.of(product), recurse=False), available=available)


@value
class ProductsBody:
    """One page of a list of products.

    One before the last may be short, or empty: go on until `next` is null.
    """

    items: list[ProductBody]
    next: str | None
    """The cursor of the page after it, null on the last one."""

    @classmethod
    def of(cls, page: ProductPage, narrowed: ProductFilter) -> "ProductsBody":
        items = [ProductBody.of(product) for product in page.products]
        return cls(items, page.next and encode_cursor(f"{_mark(narrowed)}.{page.next}"))


@value
class Suggestions:
    """What others bought together with a product, the best first."""

    items: list[ProductBody]
    incomplete: bool
    """Whether it is not known at the moment what was bought together: there may be more later."""

    @classmethod
    def of(cls, products: Sequence[Product], is_known: bool) -> "Suggestions":
        return cls([ProductBody.of(product) for product in products], incomplete=not is_known)


@value
class Categories:
    """What a list of products can be narrowed to, in alphabetical order."""

    items: tuple[str, ...]


@value
class ProductIds:
    product_ids: tuple[str, ...]


@value
class NewProducts:
    products: tuple[Product, ...] = field(validator=Size(1, 500))


def read_product_id(text: Annotated[str, PRODUCT_ID]) -> str:
    """The id that a path names. What is no id names nothing: raises `NotFound`."""
    if not PRODUCT_ID.holds(text):
        raise NotFound("There is no such product.")
    return text


def read_filter(asked: ProductsQuery) -> ProductFilter:
    """What a list is narrowed to. Raises `Malformed` for a search for nothing, or for too much."""
    if not asked.q or asked.q.isspace():
        return ProductFilter(asked.category or None)
    terms = sought_terms(asked.q)
    if not terms:
        raise _wrong_search("must have a letter or a digit")
    if len(terms) > MOST_TERMS:
        raise _wrong_search(f"must not have more than {MOST_TERMS} words")
    return ProductFilter(asked.category or None, terms)


def read_cursor(cursor: str | None, narrowed: ProductFilter) -> str | None:
    """The product that the page begins after. Raises `Malformed` for the cursor of another list.

    Another list's would skip products silently: what is on it before that product, nobody has seen.
    """
    given = decode_cursor(cursor)
    if given is None:
        return None
    mark, _, product_id = given.partition(".")
    if mark != _mark(narrowed) or not product_id:
        raise Malformed("This cursor is of another list: keep category and q as they were, or begin anew.")
    return product_id


def _mark(narrowed: ProductFilter) -> str:
    text = repr((narrowed.category, narrowed.terms))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _wrong_search(detail: str) -> Malformed:
    return Malformed("The search is not as it must be.", (FieldError("q", detail),))
