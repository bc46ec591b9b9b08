"""The order service, by calls of its internal functions."""

from uuid import UUID

from common.codec import read
from common.domain.order import Order
from common.domain.payment import Payment
from common.kinds import service
from common.ports.functions import Functions


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
