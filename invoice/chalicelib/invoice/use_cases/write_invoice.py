"""An order was paid: its invoice is written, once."""

from collections.abc import Callable

from chalicelib.invoice.invoice import Invoice, Seller, invoice_of

from common.domain.invoice import invoice_key, mail_due_key
from common.domain.order import accepted
from common.domain.payment import Payment, PaymentStatus
from common.kinds import service
from common.ports.objects import ObjectStore
from common.ports.services.orders import Orders


@service
class WriteInvoice:
    orders: Orders
    objects: ObjectStore
    render: Callable[[Invoice], bytes]
    seller: Seller

    def __call__(self, payment: Payment) -> bool:
        """Writes the invoice of the order that took this payment; says whether it was written now.

        Nothing is written for a payment that its order did not take, nor a second time: the invoice
        depends on the order alone, and is stored under a key that may be written once.
        Raises `Unavailable`: the message must come again.
        """
        if payment.status is not PaymentStatus.SUCCEEDED:
            return False
        order = self.orders.apply_payment(payment)
        if order is None or not accepted(order, payment):
            return False
        pdf = self.render(invoice_of(order, self.seller))
        # First, so that no invoice is ever there whose mail nobody knows to be due.
        self.objects.add(mail_due_key(order.order_id), b"", "text/plain")
        return self.objects.add(invoice_key(order.order_id), pdf, "application/pdf")
