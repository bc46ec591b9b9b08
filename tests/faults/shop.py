"""The shop in a simulated world: the six real apps, their real wiring, a real Postgres; only what AWS, the
payment provider and the mail service do is simulated."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from attrs import define, field
from chalicelib.inventory.wiring import InventoryWiring
from chalicelib.invoice.invoice import Invoice
from chalicelib.invoice.settings import InvoiceSettings
from chalicelib.invoice.wiring import InvoiceWiring
from chalicelib.notification.settings import NotificationSettings
from chalicelib.notification.wiring import NotificationWiring
from chalicelib.order.settings import OrderSettings
from chalicelib.order.wiring import OrderWiring
from chalicelib.payment.settings import PaymentSettings
from chalicelib.payment.wiring import PaymentWiring
from chalicelib.product.wiring import ProductWiring

from common.aws.bucket import S3Bucket
from common.codec import write
from common.domain.product import Product
from common.domain.stock import StockLine
from common.errors import ShopError, Unavailable
from common.payments.stripe_webhooks import StripeWebhooks
from common.repositories.memory.metrics import MemoryMetrics
from common.repositories.memory.products import MemoryProducts
from common.repositories.postgres.database import Database, Login
from common.repositories.postgres.stock import PostgresStock
from common.settings import load
from local.services import CONSUMERS, SERVICES
from tests.apps import load_app
from tests.fakes import FakeSecrets, FakeTokens
from tests.faults.transports import (
    WEBHOOK_SECRET,
    FaultyArchive,
    FaultyDatabase,
    FaultyPurchases,
    SimulatedFunctions,
    SimulatedMail,
    SimulatedProvider,
    SimulatedQueue,
    SimulatedS3,
    SimulatedTopic,
)
from tests.faults.world import World

SCHEDULES = (
    ("order", "expire_unpaid"),
    ("order", "undo_placing"),
    ("order", "return_stock"),
    ("order", "archive_delivered"),
    ("order", "rank_suggestions"),
    ("payment", "publish_outbox"),
    ("payment", "send_refunds"),
    ("notification", "resend_mails"),
)
EVERY = timedelta(minutes=7)
# When most customers have ordered, and few have paid.
REBUCKETED = timedelta(minutes=15)

ENVIRONMENT = {
    "SHOP_STAGE": "simulated",
    "DATABASE_SECRET": "database",
    "DATABASE_OWNER_SECRET": "database-owner",
    "CATALOG_SECRET": "catalog",
    "CATALOG_OWNER_SECRET": "catalog-owner",
    "ARCHIVE_SECRET": "archive",
    "PAYMENT_PROVIDER_SECRET": "provider",
    "PAYMENT_TOPIC_ARN": "topic",
    "INVOICE_BUCKET": "invoices",
    "MAIL_SENDER": "shop@shop.example",
    "TOKEN_ISSUER": "issuer",
    "TOKEN_AUDIENCE": "audience",
    "TOKEN_KEYS_URL": "keys",
    "CHECKOUT_RETURN_URL": "https://shop.example/",
    "SELLER_NAME": "Seller",
    "SELLER_ADDRESS": "Street 1",
    "SELLER_TAX_ID": "1",
}


@define
class Answer:
    """What a customer sees of an answer."""

    status: int
    body: Any


@define(eq=False)
class Shop:
    """The running shop. `stocked` is what there was of each product at the start."""

    world: World
    stocked: Mapping[str, int]
    databases: Mapping[str, FaultyDatabase]
    s3: SimulatedS3
    archive: FaultyArchive
    purchases: FaultyPurchases
    provider: SimulatedProvider
    mail: SimulatedMail
    queues: Mapping[str, SimulatedQueue]
    _apps: Mapping[str, Any] = field(repr=False)

    def request(
        self,
        service: str,
        method: str,
        route: str,
        token: str,
        *,
        path: str = "",
        body: Any = None,
        key: str = "",
    ) -> Answer | None:
        """A customer's request through the gateway; None where no answer came back.

        `route` may name {order_id}, which `path` fills in.
        """
        if self.world.strikes("a request does not arrive"):
            return None
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        answer = self._http(service, method, route, {"order_id": path}, json.dumps(body), headers)
        if self.world.strikes("an answer does not arrive"):
            return None
        return answer

    def run_schedules(self) -> None:
        """Every schedule fires once."""
        for service, name in SCHEDULES:
            self._fire(service, name)

    def plan_schedules(self, until: timedelta) -> None:
        """Every schedule fires again and again until then, all at nearly the same moments, as on AWS."""
        first = self.world.soon(EVERY.total_seconds())
        for service, name in SCHEDULES:
            after = first + self.world.soon(20)
            while after < until:
                self.world.plan(after, lambda service=service, name=name: self._fire(service, name))  # type: ignore[misc]
                after += EVERY

    def _fire(self, service: str, name: str) -> None:
        event = {
            "version": "0",
            "account": "1",
            "region": "local",
            "detail": {},
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "time": "",
            "id": "1",
            "resources": [],
        }
        try:
            with self.world.invocation():
                self._apps[service].app.handler_map[name](event, CONTEXT)
        except ShopError:
            return

    def _http(
        self,
        service: str,
        method: str,
        route: str,
        path: Mapping[str, str],
        body: str,
        headers: Mapping[str, str],
    ) -> Answer:
        event = {
            "requestContext": {"resourcePath": route, "httpMethod": method, "requestId": "request"},
            "headers": headers,
            "multiValueQueryStringParameters": None,
            "pathParameters": path,
            "stageVariables": None,
            "body": body,
            "isBase64Encoded": False,
        }
        try:
            with self.world.invocation():
                answer = self._apps[service].app(event, CONTEXT)
        except Unavailable:
            return Answer(502, None)
        if answer["statusCode"] == 500:
            self.world.surprises.append(f"{method} {route} answered 500.")
        return Answer(answer["statusCode"], json.loads(answer["body"]))


def _is_saved(login: Login) -> Callable[[str], bool]:
    """Whether a payment is committed, as another connection sees it."""
    database = Database(lambda _: login)
    return lambda payment_id: bool(
        database.run("SELECT 1 AS one FROM payments WHERE payment_id = :payment_id", payment_id=payment_id)
    )


def _watched(world: World, login: Login, reserve: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`reserve_stock`; the world is told where it says that something is short, and nothing is."""
    database = Database(lambda _: login)

    def watch(event: dict[str, Any]) -> Any:
        answer = reserve(event)
        if "error" in answer:
            there = PostgresStock(database).available(answer["error"]["products"])
            wanted = {line["product_id"]: line["quantity"] for line in event["arguments"]["lines"]}
            if not there or any(there[product_id] >= wanted[product_id] for product_id in there):
                world.surprises.append(f"Of {wanted} something was said to be short; there was {there}.")
        return answer

    return watch


def _as_text(invoice: Invoice) -> bytes:
    """The invoice, in a form that the books can read; drawing it does nothing that could fail half-way."""
    return write(invoice).encode()


CONTEXT = SimpleNamespace(
    aws_request_id="invocation", function_name="function", get_remaining_time_in_millis=lambda: 60_000
)


def open_shop(
    world: World, logins: Mapping[str, Login], products: Mapping[str, tuple[Product, int]], buckets: int
) -> Shop:
    """Opens a shop on empty databases, with products, how many there are of each, and in how many buckets."""
    apps: dict[str, Any] = {service: load_app(service) for service in SERVICES}
    handlers: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
        (service, name): (lambda event, handler=handler: handler(event, CONTEXT))  # type: ignore[misc]
        for service, app in apps.items()
        for name, handler in app.app.handler_map.items()
    }
    databases = {
        service: FaultyDatabase(lambda _, login=login: login, world=world)  # type: ignore[misc]
        for service, login in logins.items()
    }
    reserve = "inventory", "reserve_stock"
    handlers[reserve] = _watched(world, logins["inventory"], handlers[reserve])
    functions = SimulatedFunctions(world, handlers)
    archive, purchases = FaultyArchive(world), FaultyPurchases(world)
    queues = {service: SimulatedQueue(world, handlers[service, "on_payment"]) for service in CONSUMERS}
    s3: Any = SimulatedS3(world, handlers["notification", "on_invoice"])
    bucket = S3Bucket("invoices", lambda _: s3)
    mail = SimulatedMail(world, s3)
    shop: list[Shop] = []
    provider = SimulatedProvider(
        world,
        lambda body, signature: (
            shop[0]
            ._http("payment", "POST", "/webhooks/stripe", {}, body.decode(), {"stripe-signature": signature})
            .status
        ),
    )
    catalog = MemoryProducts()
    catalog.put([product for product, _ in products.values()])
    secrets = FakeSecrets({"provider": {"api_key": "key", "webhook_secrets": [WEBHOOK_SECRET]}})
    parts: dict[str, Any] = {
        "clock": world,
        "ids": world,
        "functions": functions,
        "tokens": FakeTokens(),
        "metrics": MemoryMetrics(),
    }
    apps["product"].shop = ProductWiring(products=catalog, **parts)
    stock = PostgresStock(databases["inventory"], buckets)

    def deploy_inventory(stock: PostgresStock) -> None:
        apps["inventory"].shop = InventoryWiring(database=databases["inventory"], stock=stock, **parts)

    deploy_inventory(stock)
    # Meanwhile somebody wants another number of buckets: it holds at once, and the stock is not set anew.
    world.plan(REBUCKETED, lambda: deploy_inventory(PostgresStock(databases["inventory"], 4 - buckets)))
    apps["order"].shop = OrderWiring(
        database=databases["order"],
        archive=archive,
        purchases=purchases,
        settings=load(OrderSettings, ENVIRONMENT),
        **parts,
    )
    apps["payment"].shop = PaymentWiring(
        database=databases["payment"],
        settings=load(PaymentSettings, ENVIRONMENT),
        provider=provider,
        publisher=SimulatedTopic(world, list(queues.values()), _is_saved(logins["payment"])),
        webhooks=StripeWebhooks(secrets, "provider"),
        **parts,
    )
    apps["invoice"].shop = InvoiceWiring(
        objects=bucket, settings=load(InvoiceSettings, ENVIRONMENT), render=_as_text, **parts
    )
    apps["notification"].shop = NotificationWiring(
        objects=bucket, mailer=mail, settings=load(NotificationSettings, ENVIRONMENT), **parts
    )
    stocked = {product_id: quantity for product_id, (_, quantity) in products.items()}
    world.calm = True
    stock.set([StockLine(name, count) for name, count in stocked.items()])
    world.calm = False
    shop.append(Shop(world, stocked, databases, s3, archive, purchases, provider, mail, queues, apps))
    return shop[0]
