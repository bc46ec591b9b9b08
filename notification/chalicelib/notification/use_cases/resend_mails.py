"""Mails that are due and were not sent, whatever the reason, are sent after all."""

from chalicelib.notification.use_cases.mail_invoice import MailInvoice
from chalicelib.notification.use_cases.markers import Markers

from common.kinds import service
from common.logging import logger


@service
class ResendMails:
    mail_invoice: MailInvoice
    markers: Markers

    def __call__(self) -> int:
        """Mails the invoices whose mails are due and in nobody's hands; returns how many were mailed."""
        mailed = 0
        for order_id in self.markers.due():
            try:
                mailed += self.mail_invoice(order_id)
            except Exception:
                # The next run tries again; the other mails do not wait for this one.
                logger("notification").exception("An invoice is still to be mailed")
        return mailed
