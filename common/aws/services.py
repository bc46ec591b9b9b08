"""The other services, by calls of their internal functions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from common.codec import read
from common.domain.order import Order
from common.domain.payment import Payment
from common.domain.product import Product
from common.domain.stock import ReservationState, StockLine
from common.kinds import service
from common.ports.functions import Functions


@service
class CatalogService:
    """`Catalog`, by the product service's functions."""

    functions: Functions

    def get_products(self, product_ids: Collection[str]) -> dict[str, Product]:
        answer = self.functions.call("product", "get_products", {"product_ids": list(product_ids)})
        return read(answer, dict[str, Product])


@service
class InventoryService:
    """`Inventory`, by the inventory service's functions."""

    functions: Functions

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        answer = self.functions.call("inventory", "get_inventory", {"product_ids": list(product_ids)})
        return read(answer, dict[str, int])

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        answer = self.functions.call(
            "inventory", "reserve_stock", {"order_id": order_id, "lines": list(lines)}
        )
        return ReservationState(answer)

    def release_stock(self, order_id: UUID) -> None:
        self.functions.call("inventory", "release_stock", {"order_id": order_id})


@service
class OrderService:
    """`Orders`, by the order service's functions."""

    functions: Functions

    def get_order(self, order_id: UUID) -> Order | None:
        answer = self.functions.call("order", "get_order", {"order_id": order_id})
        return read(answer, Order) if answer else None

    def apply_payment(self, payment: Payment) -> Order | None:
        answer = self.functions.call("order", "apply_payment", {"payment": payment})
        return read(answer, Order) if answer else None


@service
class SuggestionsService:
    """`BoughtTogether`, by the order service's functions."""

    functions: Functions

    def bought_together(self, product_id: str) -> Sequence[str]:
        answer = self.functions.call("order", "bought_together", {"product_id": product_id})
        return read(answer, list[str])


@service
class PaymentService:
    """`Payments`, by the payment service's functions."""

    functions: Functions

    def request_refund(self, payment_id: str) -> None:
        self.functions.call("payment", "request_refund", {"payment_id": payment_id})
