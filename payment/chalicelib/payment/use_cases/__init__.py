"""What the payment service does, one file a use case."""

from chalicelib.payment.use_cases.get_payments import GetPayments
from chalicelib.payment.use_cases.open_checkout import OpenCheckout
from chalicelib.payment.use_cases.publish_outbox import PublishOutbox
from chalicelib.payment.use_cases.receive_webhook import ReceiveWebhook
from chalicelib.payment.use_cases.request_refund import RequestRefund
from chalicelib.payment.use_cases.send_refunds import SendRefunds

__all__ = [
    "GetPayments",
    "OpenCheckout",
    "PublishOutbox",
    "ReceiveWebhook",
    "RequestRefund",
    "SendRefunds",
]
