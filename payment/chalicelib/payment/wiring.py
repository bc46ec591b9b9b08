"""Which adapter stands behind each port of the payment service."""

from functools import cached_property
from pathlib import Path

from chalicelib.payment import use_cases

from common.aws.services import OrderService
from common.aws.tokens import CognitoTokens
from common.aws.topic import SnsTopic
from common.payments.stripe import StripeProvider
from common.payments.stripe_webhooks import StripeWebhooks
from common.ports.identity import Tokens
from common.ports.messages import Publisher
from common.ports.payments import PaymentRepository
from common.ports.provider import PaymentProvider, Webhooks
from common.ports.services import Orders
from common.repositories.postgres.database import Database
from common.repositories.postgres.login import secret_login
from common.repositories.postgres.payments import PostgresPayments
from common.settings import PaymentSettings, load
from common.wiring import Wiring

MIGRATIONS = Path(__file__).parent / "migrations"


class PaymentWiring(Wiring):
    @cached_property
    def settings(self) -> PaymentSettings:
        return load(PaymentSettings)

    @cached_property
    def tokens(self) -> Tokens:
        pool = self.settings
        return CognitoTokens(pool.token_issuer, pool.token_audience, pool.token_keys_url, self.clock)

    @cached_property
    def database(self) -> Database:
        return Database(secret_login(self.secrets, self.settings.database_secret))

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
        return use_cases.PublishOutbox(self.payments, self.publisher, self.clock)

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
        return use_cases.SendRefunds(self.payments, self.provider, self.clock)
