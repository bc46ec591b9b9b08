"""The provider tells of a payment. It is saved together with the message about it; then it is published.

The provider sends an event until it is answered, more than once, late, and in any order.
"""

from collections.abc import Mapping

from chalicelib.payment.use_cases.publish_outbox import PublishOutbox

from common.domain.payment import Payment, PaymentStatus
from common.errors import Invalid, Refused, Unavailable
from common.events import payment_created
from common.kinds import service
from common.logging import about, correlate, correlation_id, logger
from common.ports.clock import Clock, Ids
from common.ports.payments import PaymentRepository
from common.ports.provider import PaymentProvider, Webhooks


@service
class ReceiveWebhook:
    webhooks: Webhooks
    payments: PaymentRepository
    publish_outbox: PublishOutbox
    provider: PaymentProvider
    clock: Clock
    ids: Ids
    live: bool

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Takes in what was posted; says whether it was news. Header names are lower-case.

        Raises `SignatureRefused`, `Invalid` for a signed body that is no event, or of the other mode (test
        money in a live shop, or the other way round), and `Unavailable`: then nothing is stored. Whatever
        it raises, the provider sends the event again.
        """
        now = self.clock.now()
        event = self.webhooks.read(body, headers, now)
        if event is None:
            return False
        about(event.payment.order_id)
        # What follows is a part of the order's own story, not of the provider's request.
        correlate(event.correlation_id or correlation_id())
        if event.livemode is not self.live:
            logger("payment").error("An event of the other mode was refused", extra={"event": event.event_id})
            raise Invalid("This shop takes " + ("no test money." if self.live else "test money only."))
        message = payment_created(self.ids.new(now), event.payment, now, correlation_id())
        news = self.payments.record(event.event_id, event.payment, message, now)
        if news:
            logger("payment").info("A payment was saved", extra={"status": event.payment.status})
        # Saved is what counts: what cannot be done now, the schedule does, or the page's own expiry.
        try:
            if news:
                self.publish_outbox.once()
            if event.payment.status is PaymentStatus.FAILED:
                self._close_checkout(event.payment)
        except (Unavailable, Refused):
            logger("payment").warning("A payment is saved; what follows from it is done later")
        return news

    def _close_checkout(self, payment: Payment) -> None:
        """The order is canceled by a failure: what was paid on its page after that would only go back."""
        checkout = self.payments.checkout(payment.order_id)
        if checkout is not None:
            self.provider.close_checkout(checkout.checkout_id)
