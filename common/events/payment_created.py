"""`shop.payment.created.v1`: what happened to a payment. The payment service publishes it, on the topic
`cdc-payment-created`, each time a payment comes to a new state."""

import json
from datetime import datetime
from uuid import UUID

from attrs import frozen

from common.codec import read, write
from common.domain.payment import Payment
from common.errors import Invalid
from common.events.message import Message

TYPE = "shop.payment.created.v1"
SOURCE = "/shop/payment"


@frozen
class PaymentCreated:
    """The message: a CloudEvent, by the names of CloudEvents 1.0; `correlationid` is an extension of ours."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    correlationid: str
    data: Payment


def payment_created(message_id: UUID, payment: Payment, at: datetime, correlation_id: str) -> Message:
    """The message that tells of `payment`, made at `at`."""
    event = PaymentCreated(
        specversion="1.0",
        id=message_id,
        source=SOURCE,
        type=TYPE,
        subject=str(payment.order_id),
        time=at,
        datacontenttype="application/json",
        correlationid=correlation_id,
        data=payment,
    )
    return Message(message_id, write(event))


def read_payment_created(body: str) -> PaymentCreated:
    """Reads a message. Raises `Invalid` where it is not one of this type."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The message is not JSON.") from error
    if not isinstance(event, dict) or event.get("type") != TYPE:
        raise Invalid(f"The message is not of type {TYPE}.")
    return read(event, PaymentCreated)
