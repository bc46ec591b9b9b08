"""What a customer wants to order. Names and prices are the catalog's to say."""

from attrs import field, frozen

from common.domain.product import PRODUCT_ID
from common.domain.rules import Between, Size
from common.domain.stock import StockLine
from common.errors import FieldError, Invalid

MOST_LINES = 100
LARGEST_QUANTITY = 10_000


@frozen
class CartLine:
    """So many pieces of a product."""

    product_id: str = field(validator=PRODUCT_ID)
    quantity: int = field(validator=Between(1, LARGEST_QUANTITY))

    @property
    def stock(self) -> StockLine:
        return StockLine(self.product_id, self.quantity)


@frozen
class Cart:
    """What a customer wants to order: each product stands on one line, in any order."""

    lines: tuple[CartLine, ...] = field(validator=Size(1, MOST_LINES))

    @lines.validator
    def _have_each_product_once(self, _attribute: object, lines: tuple[CartLine, ...]) -> None:
        ids = [line.product_id for line in lines]
        again = [number for number, product_id in enumerate(ids) if product_id in ids[:number]]
        if again:
            told = "stands on another line already"
            raise Invalid(
                "A product stands on two lines.",
                tuple(FieldError(f"lines[{number}].product_id", told) for number in again),
            )
