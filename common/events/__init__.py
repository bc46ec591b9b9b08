"""The messages that services publish for others: CloudEvents 1.0, in the structured JSON form.

A version is part of a message's type: docs/decisions/0082. A reader ignores what it does not know.
"""

from common.events.message import Message
from common.events.payment_created import PaymentCreated, payment_created, read_payment_created

__all__ = ["Message", "PaymentCreated", "payment_created", "read_payment_created"]
