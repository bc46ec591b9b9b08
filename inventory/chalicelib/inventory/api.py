"""The shapes of what the inventory service is asked."""

from uuid import UUID

from attrs import field, frozen

from common.domain.rules import Between
from common.domain.stock import StockLine


@frozen
class ProductIds:
    product_ids: tuple[str, ...]


@frozen
class Reservation:
    order_id: UUID
    lines: tuple[StockLine, ...]


@frozen
class Release:
    order_id: UUID


@frozen
class StockLevels:
    lines: tuple[StockLine, ...]


@frozen
class StockPage:
    after: str | None
    below: int | None
    limit: int = field(validator=Between(1, 1000))
