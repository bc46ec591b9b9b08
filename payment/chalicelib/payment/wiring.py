"""Which adapter stands behind each port of the payment service."""

from functools import cached_property
from pathlib import Path

from chalicelib.payment import use_cases
from chalicelib.payment.settings import PaymentSettings

from common.aws.services.orders import OrderService
from common.aws.topic import SnsTopic
from common.aws.wiring import TokensWiring
from common.payments.stripe import StripeProvider
from common.payments.stripe_webhooks import StripeWebhooks
from common.ports.messages import Publisher
from common.ports.payments import PaymentRepository
from common.ports.provider import PaymentProvider, Webhooks
from common.ports.services.orders import Orders
from common.repositories.postgres.payments import PostgresPayments
from common.repositories.postgres.wiring import DatabaseWiring
from common.settings import load

MIGRATIONS = Path(__file__).parent / "migrations"


class PaymentWiring(DatabaseWiring, TokensWiring):
    @cached_property
    def settings(self) -> PaymentSettings:
        return load(PaymentSettings)

    @cached_property
    def payments(self) -> PaymentRepository:
        return PostgresPayments(self.database)

    @cached_property
    def provider(self) -> PaymentProvider:
        settings = self.settings
        return StripeProvider(
            self.secrets, settings.payment_provider_secret, self.clock, settings.checkout_return_url
        )

    @cached_property
    def webhooks(self) -> Webhooks:
        return StripeWebhooks(self.secrets, self.settings.payment_provider_secret)

    @cached_property
    def publisher(self) -> Publisher:
        return SnsTopic(self.settings.payment_topic_arn)

    @cached_property
    def orders(self) -> Orders:
        return OrderService(self.functions)

    @cached_property
    def open_checkout(self) -> use_cases.OpenCheckout:
        return use_cases.OpenCheckout(self.orders, self.payments, self.provider, self.clock)

    @cached_property
    def get_payments(self) -> use_cases.GetPayments:
        return use_cases.GetPayments(self.orders, self.payments)

    @cached_property
    def publish_outbox(self) -> use_cases.PublishOutbox:
        return use_cases.PublishOutbox(self.payments, self.publisher, self.clock, self.metrics)

    @cached_property
    def receive_webhook(self) -> use_cases.ReceiveWebhook:
        return use_cases.ReceiveWebhook(
            self.webhooks,
            self.payments,
            self.publish_outbox,
            self.provider,
            self.clock,
            self.ids,
            self.settings.payment_live,
        )

    @cached_property
    def request_refund(self) -> use_cases.RequestRefund:
        return use_cases.RequestRefund(self.payments, self.clock)

    @cached_property
    def send_refunds(self) -> use_cases.SendRefunds:
        return use_cases.SendRefunds(self.payments, self.provider, self.clock, self.metrics)
