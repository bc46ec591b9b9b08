"""A payment's message reaches the order: it is applied, and money that was paid for nothing goes back."""

from chalicelib.order.use_cases.apply_payment import ApplyPayment

from common.domain.order import owed_back
from common.domain.payment import Payment
from common.kinds import service
from common.logging import logger
from common.ports.services.payments import Payments


@service
class SettlePayment:
    apply_payment: ApplyPayment
    payments: Payments

    def __call__(self, payment: Payment) -> None:
        """Raises `Unavailable`: the message must come again."""
        order = self.apply_payment(payment)
        if order is None:
            logger("order").error("A payment names an order that does not exist")
        if owed_back(order, payment):
            self.payments.request_refund(payment.payment_id)
