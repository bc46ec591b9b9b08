"""The shapes of what the product service is asked and answers."""

import hashlib
from collections.abc import Sequence

from attrs import asdict, frozen

from common.domain.money import Money
from common.domain.product import Attribute, Product
from common.domain.search import sought_terms
from common.errors import FieldError, Invalid, NotFound
from common.ports.products import ProductFilter, ProductPage
from common.web import Page, decode_cursor, encode_cursor
from common.web.problems import Malformed
from common.web.requests import is_text

LONGEST_SEARCH = 200
MOST_TERMS = 10


@frozen
class ProductBody:
    """A product as a list shows it."""

    product_id: str
    name: str
    category: str
    description: str
    price: Money
    attributes: dict[str, Attribute]

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


@frozen
class ProductDetail(ProductBody):
    """A product on its own. `available` counts the pieces that can be ordered; null: not known now."""

    available: int | None

    @classmethod
    def with_stock(cls, product: Product, available: int | None) -> "ProductDetail":
        return cls(**asdict(ProductBody.of(product), recurse=False), available=available)


@frozen
class Suggestions:
    """What others bought together with a product, the best first.

    `incomplete` where that is not known at the moment, and there may be more later.
    """

    items: list[ProductBody]
    incomplete: bool

    @classmethod
    def of(cls, products: Sequence[Product], is_known: bool) -> "Suggestions":
        return cls([ProductBody.of(product) for product in products], incomplete=not is_known)


@frozen
class ProductIds:
    product_ids: tuple[str, ...]


def read_product_id(text: str) -> str:
    """The id that a path names. What no store could keep names nothing: raises `NotFound`."""
    if not is_text(text):
        raise NotFound("There is no such product.")
    return text


def read_filter(category: str | None, q: str | None) -> ProductFilter:
    """What a list is narrowed to; a parameter that is missing or blank narrows nothing.

    Raises `Invalid` for a search that is too long, or has nothing to search for.
    """
    if not q or q.isspace():
        return ProductFilter(category or None)
    if len(q) > LONGEST_SEARCH:
        raise _wrong_search(f"must not be longer than {LONGEST_SEARCH} characters")
    terms = sought_terms(q)
    if not terms:
        raise _wrong_search("must have a letter or a digit")
    if len(terms) > MOST_TERMS:
        raise _wrong_search(f"must not have more than {MOST_TERMS} words")
    return ProductFilter(category or None, terms)


def product_page(page: ProductPage, narrowed: ProductFilter) -> Page:
    """A page of the list that is narrowed so. One with a cursor may be short or empty: see `ProductPage`."""
    bodies = [ProductBody.of(product) for product in page.products]
    return Page(bodies, page.next and encode_cursor(f"{_mark(narrowed)}.{page.next}"))


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


def _wrong_search(detail: str) -> Invalid:
    return Invalid("The search is not as it must be.", (FieldError("q", detail),))
