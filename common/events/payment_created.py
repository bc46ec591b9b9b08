"""`shop.payment.created.v1`: what happened to a payment. The payment service publishes it, on the topic
`cdc-payment-created`, each time a payment comes to a new state."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field

from common.codec import read, write
from common.domain.payment import Payment
from common.domain.rules import Is
from common.events.message import Message, read_event
from common.kinds import value

TYPE = "shop.payment.created.v1"
SOURCE = "/shop/payment"


@value(kw_only=True)
class PaymentCreated:
    """A payment came to a new state: a CloudEvent 1.0, in the structured JSON form."""

    specversion: str = field(default="1.0", validator=Is("1.0"))
    id: UUID
    """Of the message. The same one may come twice."""
    source: str = SOURCE
    type: str = field(default=TYPE, validator=Is(TYPE))
    subject: str
    """The id of the order."""
    time: datetime
    """When the shop heard of it."""
    datacontenttype: str = field(default="application/json", validator=Is("application/json"))
    correlationid: str
    """An extension of ours: what the logs call the request that placed the order, and all that follows."""
    data: Payment


# A message may lie in a queue for two weeks, so the version before the newest may still come. Its reader
# makes of it what it would be today.
READERS: Mapping[str, Callable[[dict[str, Any]], PaymentCreated]] = {
    TYPE: lambda event: read(event, PaymentCreated),
}


def payment_created(message_id: UUID, payment: Payment, at: datetime, correlation_id: str) -> Message:
    """The message that tells of `payment`, made at `at`."""
    event = PaymentCreated(
        id=message_id,
        subject=str(payment.order_id),
        time=at,
        correlationid=correlation_id,
        data=payment,
    )
    return Message(message_id, write(event))


def read_payment_created(body: str) -> PaymentCreated:
    """Reads a message of any version that may still come. Raises `Invalid` where it is none."""
    return read_event(body, READERS)
