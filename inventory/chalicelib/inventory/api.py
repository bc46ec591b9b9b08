"""The shapes of what the inventory service is asked."""

from uuid import UUID

from attrs import field

from common.domain.rules import Between
from common.domain.stock import StockLine
from common.kinds import value


@value
class ProductIds:
    product_ids: tuple[str, ...]


@value
class Reservation:
    order_id: UUID
    lines: tuple[StockLine, ...]


@value
class Release:
    order_id: UUID


@value
class StockLevels:
    lines: tuple[StockLine, ...]


@value
class StockPage:
    after: str | None
    below: int | None
    limit: int = field(validator=Between(1, 1000))
