"""Money that must be given back is given back at the provider."""

from common.errors import ShopError
from common.kinds import service
from common.logging import logger
from common.ports.clock import Clock
from common.ports.metrics import Metric, Metrics
from common.ports.payments import PaymentRepository
from common.ports.provider import PaymentProvider

BATCH = 50


@service
class SendRefunds:
    payments: PaymentRepository
    provider: PaymentProvider
    clock: Clock
    metrics: Metrics

    def __call__(self) -> int:
        """Gives back what is due; returns how many payments.

        What the provider refuses stays due, behind the others.
        """
        refunded = 0
        for payment in self.payments.refunds_due(BATCH):
            try:
                self.provider.refund(payment.payment_id, payment.amount)
            except ShopError as error:
                logger("payment").error("A refund is still due", extra={"why": str(error)})
                self.payments.refund_failed(payment.payment_id, self.clock.now())
                continue
            self.payments.refunded(payment.payment_id, self.clock.now())
            self.metrics.add(Metric.PAYMENTS_REFUNDED)
            refunded += 1
        return refunded
