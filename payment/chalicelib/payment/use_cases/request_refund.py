"""An order did not take a payment: the money is to be given back."""

from common.kinds import service
from common.ports.clock import Clock
from common.ports.payments import PaymentRepository


@service
class RequestRefund:
    payments: PaymentRepository
    clock: Clock

    def __call__(self, payment_id: str) -> None:
        """Notes that a payment that succeeded must be given back; `SendRefunds` does it. Again: nothing."""
        self.payments.refund_due(payment_id, self.clock.now())
