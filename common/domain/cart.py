"""What a customer wants to order. Names and prices are the catalog's to say."""

from attrs import field

from common.domain.product import PRODUCT_ID
from common.domain.rules import Between, Distinct, Size
from common.domain.stock import StockLine
from common.kinds import value

MOST_LINES = 100
LARGEST_QUANTITY = 10_000


@value
class CartLine:
    """So many pieces of a product."""

    product_id: str = field(validator=PRODUCT_ID)
    quantity: int = field(validator=Between(1, LARGEST_QUANTITY))

    @property
    def stock(self) -> StockLine:
        return StockLine(self.product_id, self.quantity)


@value
class Cart:
    """What a customer wants to order: each product stands on one line, in any order."""

    lines: tuple[CartLine, ...] = field(validator=[Size(1, MOST_LINES), Distinct("product_id")])
