"""An invoice was written: it is mailed to its customer, once."""

from uuid import UUID

from chalicelib.notification.use_cases.markers import Markers, Outcome

from common.domain.invoice import invoice_key, invoice_number
from common.domain.order import Order
from common.errors import NotFound
from common.kinds import service
from common.logging import about, correlate, correlation_id, logger
from common.ports.clock import Clock
from common.ports.mail import Attachment, Mail, Mailer, MailRefused
from common.ports.objects import ObjectStore, StoredObject
from common.ports.services.orders import Orders

ORDER_HEADER = "X-Shop-Order"
CORRELATION_HEADER = "X-Correlation-Id"


@service
class MailInvoice:
    objects: ObjectStore
    markers: Markers
    orders: Orders
    mailer: Mailer
    clock: Clock

    def __call__(self, order_id: UUID) -> bool:
        """Mails the invoice of the order, PDF attached; says whether it was mailed now.

        Nothing happens where it was mailed before, somebody is at it, or it is not written yet. Raises
        `Unavailable` where a store or the mail service does not answer: the mail stays due, and
        `ResendMails` takes it up.
        """
        about(order_id)
        pdf = self.objects.get(invoice_key(order_id))
        if pdf is None:
            return False
        # S3's event brings none.
        correlate(pdf.correlation_id or correlation_id())
        if not self.markers.claim(order_id, self.clock.now()):
            return False
        mailed = not self.markers.is_done(order_id) and self._send(order_id, pdf)
        self.markers.settle(order_id)
        return mailed

    def _send(self, order_id: UUID, pdf: StoredObject) -> bool:
        order = self.orders.get_order(order_id)
        if order is None:
            raise NotFound("There is no order for this invoice.")
        try:
            self.mailer.send(_mail(order, pdf))
        except MailRefused:
            logger("notification").exception("The mail service will not take an invoice's mail")
            self.markers.note(order_id, Outcome.REFUSED, self.clock.now())
            return False
        self.markers.note(order_id, Outcome.SENT, self.clock.now())
        return True


def _mail(order: Order, pdf: StoredObject) -> Mail:
    # The invoice's, not the handler's: a mail that goes out twice is the same mail.
    correlation = {CORRELATION_HEADER: pdf.correlation_id} if pdf.correlation_id else {}
    number = invoice_number(order)
    greeting = f"Dear {order.customer_name}," if order.customer_name else "Hello,"
    return Mail(
        to=order.email,
        subject=f"Your invoice {number}",
        text=f"{greeting}\n\nthank you for your order {order.order_id}. It is paid and on its way to you.\n"
        f"Your invoice {number} is attached.\n",
        attachments=(Attachment(f"{number}.pdf", "application/pdf", pdf.body),),
        headers={ORDER_HEADER: str(order.order_id), **correlation},
    )
