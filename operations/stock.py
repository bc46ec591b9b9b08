"""How many pieces there are to order."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from common.codec import read
from common.domain.product import Product
from common.domain.stock import StockLine
from operations.errors import OperationError, Status
from operations.place import HERE, Place
from operations.say import Json, Yes, as_json, confirm, details, plural, say, table

_PAGE = 1000


def show(
    *products: str,
    below: Annotated[int | None, Parameter(help="Only products with fewer pieces than this.")] = None,
    json: Json = False,
    place: Place = HERE,
) -> Status:
    """Show what can be ordered of these products; of all, where none is named.

    Parameters
    ----------
    products
        Ids of products.
    """
    if products:
        counts = read(place.call("inventory", "get_inventory", product_ids=list(products)), dict[str, int])
        lines = [StockLine(name, count) for name, count in counts.items() if below is None or count < below]
    else:
        lines = list(_all(place, below))
    if json:
        as_json(lines)
        return Status.WELL
    table(["product", "pieces>"], [[details(line.product_id), f"{line.quantity:,}"] for line in lines])
    say(plural(len(lines), "product"))
    return Status.WELL


def _all(place: Place, below: int | None) -> Iterator[StockLine]:
    after = None
    while True:
        answer = place.call("inventory", "list_stock", after=after, below=below, limit=_PAGE)
        lines = read(answer, list[StockLine])
        yield from lines
        if len(lines) < _PAGE:
            return
        after = lines[-1].product_id


def set_stock(
    product: str,
    quantity: Annotated[int, Parameter(validator=Number(gte=0, lte=2**53))],
    *,
    yes: Yes = False,
    place: Place = HERE,
) -> Status:
    """Set how many pieces of a product can be ordered from now on.

    What orders hold already is not among them, and comes back on top if they are canceled.

    Parameters
    ----------
    product
        The id of the product.
    quantity
        How many pieces were counted on the shelf, without those of orders.
    """
    known = read(place.call("product", "get_products", product_ids=[product]), dict[str, Product])
    if product not in known:
        raise OperationError(f"{place.name.capitalize()} sells no product {product!r}.")
    before = place.call("inventory", "get_inventory", product_ids=[product])[product]
    name = details(known[product].name)
    confirm(f"In {place.name}, {name} ({details(product)}) goes from {before:,} to {quantity:,} pieces.", yes)
    place.call("inventory", "set_stock", lines=[StockLine(product, quantity)])
    say(f"{plural(quantity, 'piece')} can be ordered now.")
    return Status.WELL
