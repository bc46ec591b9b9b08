"""An order is told of a payment, and decides what it means.

Everybody who receives the payment's message asks here first, so all act on one decision, whichever of
them comes first.
"""

from common.domain.order import CancelReason, Order, OrderStatus, effect
from common.domain.payment import Payment
from common.kinds import service
from common.ports.clock import Clock
from common.ports.metrics import Metric, Metrics
from common.ports.orders import Orders, Step

_CAUSES = {
    CancelReason.PAYMENT_FAILED: "the payment failed",
    CancelReason.PAYMENT_EXPIRED: "the checkout expired unpaid",
    CancelReason.PAYMENT_MISMATCH: "another amount was paid than the order costs",
}


@service
class ApplyPayment:
    orders: Orders
    clock: Clock
    metrics: Metrics

    def __call__(self, payment: Payment) -> Order | None:
        """The payment's order as it stands with the payment applied; None if there is no such order.

        It took the payment if its `payment_id` is the payment's (`accepted`). Again changes nothing. What an
        order that is canceled here holds is given back by the inventory, which asks here too, or by
        `ReturnStock`.
        """
        order = self.orders.get(payment.order_id)
        while order is not None and (moved := effect(order, payment)) is not None:
            # Where the order left its state meanwhile, it is judged anew: it can leave it only once.
            order = self._move(order, payment, *moved) or self.orders.get(payment.order_id)
        return order

    def _move(
        self, order: Order, payment: Payment, enters: OrderStatus, reason: CancelReason | None
    ) -> Order | None:
        now = self.clock.now()
        if reason is None:
            step = Step(order.status, enters, now, "the payment succeeded", payment=payment)
        else:
            step = Step(order.status, enters, now, _CAUSES[reason], reason)
        moved = self.orders.take(order.order_id, step)
        if moved is not None and reason is None:
            self.metrics.add(Metric.ORDERS_PAID)
        return moved
