"""The payment service, by calls of its internal functions."""

from common.kinds import service
from common.ports.functions import Functions


@service
class PaymentService:
    """`Payments`, by the payment service's functions."""

    functions: Functions

    def request_refund(self, payment_id: str) -> None:
        self.functions.call("payment", "request_refund", {"payment_id": payment_id})
