"""The six apps in one process, on stores in memory, joined as AWS joins them: by JSON only."""

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from attrs import define, field, frozen
from chalice.test import Client

from common.aws.functions import unwrap
from common.codec import write
from common.domain.stock import StockLine
from common.email.memory import MemoryMailer
from common.errors import Unavailable
from common.logging import correlation_id
from common.payments.memory import MemoryProvider, MemoryWebhooks
from common.ports.provider import ProviderEvent
from common.repositories.memory.messages import MemoryTopic
from common.repositories.memory.metrics import MemoryMetrics
from common.repositories.memory.objects import MemoryObjects
from common.repositories.memory.orders import MemoryOrders
from common.repositories.memory.payments import MemoryPayments
from common.repositories.memory.products import MemoryProducts
from common.repositories.memory.stock import MemoryStock
from common.repositories.memory.suggestions import MemoryDueProducts, MemoryPurchases
from local.services import CONSUMERS, SERVICES
from tests.api.answers import check
from tests.apps import load_app
from tests.fakes import FakeClock, FakeIds, FakeTokens, FlakyArchive, token_of
from tests.samples import POT, TEA

SETTINGS = SimpleNamespace(
    order_minutes_to_pay=30,
    order_minutes_to_place=5,
    order_minutes_to_archive=0,
    payment_live=False,
    seller_name="Tea & Co.",
    seller_address="1 Leaf Lane;London",
    seller_tax_id="GB 123",
)

# A function of a queue has half a minute; Chalice's test client would give it three seconds.
CONTEXT = SimpleNamespace(aws_request_id="invocation", get_remaining_time_in_millis=lambda: 30_000)


@frozen
class Answer:
    """What a customer is answered."""

    status: int
    headers: Mapping[str, str]
    body: Any


@define
class LocalFunctions:
    """`Functions` of the apps in this process; services in `down` do not answer."""

    apps: Mapping[str, Client]
    down: set[str] = field(factory=set)

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> Any:
        if service in self.down:
            raise Unavailable(f"The {service} service does not answer. Please try again.")
        event = {"arguments": arguments, "correlation_id": correlation_id()}
        try:
            answer = self.apps[service].lambda_.invoke(function, json.loads(write(event)))
        except Exception as error:
            raise Unavailable(f"The {service} service failed. Please try again.") from error
        return unwrap(json.loads(json.dumps(answer.payload)))


@define
class Shop:
    """The shop, with what lies behind it within reach. Two products are for sale: 5 teas, 2 pots."""

    clock: FakeClock = field(factory=FakeClock)
    apps: dict[str, Client] = field(factory=dict)
    functions: LocalFunctions = field(init=False)
    products: MemoryProducts = field(factory=MemoryProducts)
    stock: MemoryStock = field(factory=MemoryStock)
    orders: MemoryOrders = field(factory=MemoryOrders)
    archive: FlakyArchive = field(factory=FlakyArchive)
    payments: MemoryPayments = field(factory=MemoryPayments)
    provider: MemoryProvider = field(init=False)
    webhooks: MemoryWebhooks = field(factory=MemoryWebhooks)
    topic: MemoryTopic = field(factory=MemoryTopic)
    objects: MemoryObjects = field(init=False)
    mailer: MemoryMailer = field(init=False)
    metrics: MemoryMetrics = field(factory=MemoryMetrics)

    def __attrs_post_init__(self) -> None:
        self.provider = MemoryProvider(self.clock)
        self.objects = MemoryObjects(self.clock)
        self.mailer = MemoryMailer(clock=self.clock)
        self.functions = LocalFunctions(self.apps)
        self.products.put([TEA, POT])
        self.stock.set([StockLine("tea", 5), StockLine("pot", 2)])
        parts: dict[str, Any] = {
            "settings": SETTINGS,
            "clock": self.clock,
            "ids": FakeIds(),
            "tokens": FakeTokens(),
            "metrics": self.metrics,
            "functions": self.functions,
        }
        own: dict[str, dict[str, Any]] = {
            "product": {"products": self.products},
            "inventory": {"stock": self.stock},
            "order": {
                "orders": self.orders,
                "archive": self.archive,
                "purchases": MemoryPurchases(),
                "due_products": MemoryDueProducts(),
            },
            "payment": {
                "payments": self.payments,
                "provider": self.provider,
                "webhooks": self.webhooks,
                "publisher": self.topic,
            },
            "invoice": {"objects": self.objects},
            "notification": {"objects": self.objects, "mailer": self.mailer},
        }
        for service in SERVICES:
            module: Any = load_app(service)
            module.shop = type(module.shop)(**parts, **own.get(service, {}))
            self.apps[service] = Client(module.app)

    def http(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        who: str | None = "ada",
        raw: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Sends a request to the service that serves the path, signed in as `who`, with a JSON body.

        Olga is an operator. The answer must be one that docs/api/openapi.json has.
        """
        first = path.split("/")[1].split("?")[0]
        owners = {"categories": "product", "products": "product", "orders": "order", "invoices": "invoice"}
        service = owners.get(first, "payment")
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if who:
            sent["Authorization"] = token_of(who, *({"olga": ("operators",)}.get(who, ())))
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        answer = self.apps[service].http.request(method, path, sent, content)
        check(method, path, content, answer.status_code, answer.headers, answer.body)
        return Answer(answer.status_code, answer.headers, answer.json_body if answer.body else None)

    def place(self, key: str = "key-1", *, who: str = "ada", **quantities: int) -> Answer:
        """Orders so many of each product; one tea if nothing is said."""
        lines = [{"product_id": name, "quantity": n} for name, n in (quantities or {"tea": 1}).items()]
        return self.http("POST", "/orders", {"lines": lines}, who=who, Idempotency_Key=key)

    def order(self, order_id: str, who: str = "ada") -> Any:
        """The order as its customer sees it."""
        return self.http("GET", f"/orders/{order_id}", who=who).body

    def open_checkout(self, order_id: str) -> str:
        """Opens the checkout; the provider's id of it."""
        assert self.http("POST", "/payments/checkout", {"order_id": order_id}).status == 201
        checkout = self.payments.checkout(UUID(order_id))
        assert checkout is not None
        return checkout.checkout_id

    def post_webhook(self, event: ProviderEvent) -> Answer:
        """The provider tells of the event, signed now."""
        body, headers = self.webhooks.post(event, self.clock.now())
        return self.http("POST", "/webhooks/stripe", who=None, raw=body, **headers)

    def deliver(self, bodies: Sequence[str] | None = None) -> dict[str, list[str]]:
        """Hands messages, all that were published if none are given, to the handlers of all queues.

        Returns which of them failed, by service and number; nothing where none did.
        """
        bodies = [message.body for message in self.topic.messages] if bodies is None else bodies
        failed = {service: self.receive(service, bodies) for service in CONSUMERS}
        return {service: numbers for service, numbers in failed.items() if numbers}

    def receive(self, service: str, bodies: Sequence[str]) -> list[str]:
        """Hands one batch to the service's queue handler; returns the numbers of those that failed."""
        event = self.apps[service].events.generate_sqs_event(list(bodies))
        for number, record in enumerate(event["Records"]):
            record["messageId"] = str(number)
        answer = load_app(service).on_payment(event, CONTEXT)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def tell_of_invoices(self) -> list[bool]:
        """S3 tells notification of each invoice that is there; whether each was mailed now."""
        client = self.apps["notification"]
        keys = list(self.objects.keys("invoices/"))
        events = [client.events.generate_s3_event("shop-invoices", key) for key in keys]
        return [client.lambda_.invoke("on_invoice", event).payload for event in events]

    def run_schedule(self, service: str, name: str) -> int:
        """What the schedule's function answers: how much it did."""
        client = self.apps[service]
        event = client.events.generate_cw_event("aws.events", "Scheduled Event", {}, [])
        done: int = client.lambda_.invoke(name, event).payload
        return done
