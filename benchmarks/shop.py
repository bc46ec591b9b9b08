"""The services that an order needs, in one process, on real stores."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from attrs import field, frozen
from chalicelib.inventory.settings import InventorySettings
from chalicelib.inventory.wiring import InventoryWiring
from chalicelib.order.settings import OrderSettings
from chalicelib.order.wiring import OrderWiring
from chalicelib.payment.settings import PaymentSettings
from chalicelib.payment.wiring import PaymentWiring
from chalicelib.product.settings import ProductSettings
from chalicelib.product.wiring import ProductWiring

from common.aws.functions import unwrap
from common.clock import SystemClock
from common.codec import write
from common.domain.money import Money
from common.domain.payment import Payment, PaymentStatus
from common.logging import correlation_id
from common.payments.memory import MemoryProvider, MemoryWebhooks
from common.ports.messages import Publisher
from common.ports.products import ProductRepository
from common.ports.provider import ProviderEvent
from common.repositories.postgres.database import Database, Login
from common.settings import load
from tests.apps import load_app
from tests.fakes import FakeTokens, token_of
from tests.faults.shop import ENVIRONMENT

SETTINGS = {"inventory": InventorySettings, "order": OrderSettings, "payment": PaymentSettings}
CONTEXT = SimpleNamespace(aws_request_id="invocation", get_remaining_time_in_millis=lambda: 30_000)


@frozen
class HandlerFunctions:
    """`Functions` of the apps in this process, with what JSON does to arguments and answers."""

    apps: Mapping[str, Any]
    times: dict[str, list[float]] = field(factory=dict)
    """What each call took, in milliseconds, by service and function."""

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> Any:
        event = json.loads(write({"arguments": arguments, "correlation_id": correlation_id()}))
        began = time.perf_counter()
        answer = self.apps[service].app.handler_map[function](event, CONTEXT)
        spent = 1000 * (time.perf_counter() - began)
        self.times.setdefault(f"{service}.{function}", []).append(spent)
        return unwrap(json.loads(json.dumps(answer)))


@frozen
class RealShop:
    """The apps. Tokens are believed, not verified: their floors have no customers to tell apart."""

    apps: Mapping[str, Any]
    webhooks: MemoryWebhooks
    functions: HandlerFunctions

    def http(
        self,
        service: str,
        method: str,
        route: str,
        *,
        body: str | None = None,
        query: Mapping[str, list[str]] | None = None,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Callable[[], Any]:
        """What API Gateway would hand to the service's function; each call hands it over once."""
        event = {
            "requestContext": {"resourcePath": route, "httpMethod": method, "requestId": "request"},
            "headers": {
                "content-type": "application/json",
                "authorization": token_of("ada"),
                **(headers or {}),
            },
            "multiValueQueryStringParameters": query,
            "pathParameters": path or {},
            "stageVariables": None,
            "body": None if body is None else base64.b64encode(body.encode()).decode(),
            "isBase64Encoded": body is not None,
        }
        app = self.apps[service].app
        return lambda: app(event, CONTEXT)

    def place(self, key: str, lines: Mapping[str, int]) -> Any:
        """The answer to an order of so many pieces of each product."""
        asked = [{"product_id": product_id, "quantity": count} for product_id, count in lines.items()]
        body = json.dumps({"lines": asked})
        return self.http("order", "POST", "/orders", body=body, headers={"idempotency-key": key})()

    def pay(self, order_id: UUID, amount: Money) -> Any:
        """The answer to the provider, which tells that the order is paid."""
        now = SystemClock().now()
        payment = Payment(f"pi_{order_id}", order_id, PaymentStatus.SUCCEEDED, amount, now)
        body, headers = self.webhooks.post(ProviderEvent(f"evt_{order_id}", payment, False), now)
        return self.http("payment", "POST", "/webhooks/stripe", body=body.decode(), headers=headers)()


def real_shop(logins: Mapping[str, Login], products: ProductRepository, publisher: Publisher) -> RealShop:
    """The shop whose services log in so, each on one connection."""
    apps: dict[str, Any] = {
        service: load_app(service) for service in ("product", "inventory", "order", "payment")
    }
    webhooks = MemoryWebhooks()
    functions = HandlerFunctions(apps)
    parts: dict[str, Any] = {
        "tokens": FakeTokens(),
        "functions": functions,
    }
    own: dict[str, Any] = {
        service: {
            **parts,
            "database": _database(login),
            "settings": load(SETTINGS[service], ENVIRONMENT),
        }
        for service, login in logins.items()
    }
    apps["product"].shop = ProductWiring(
        products=products, settings=load(ProductSettings, ENVIRONMENT), **parts
    )
    apps["inventory"].shop = InventoryWiring(**own["inventory"])
    apps["order"].shop = OrderWiring(**own["order"])
    apps["payment"].shop = PaymentWiring(
        webhooks=webhooks, provider=MemoryProvider(SystemClock()), publisher=publisher, **own["payment"]
    )
    return RealShop(apps, webhooks, functions)


def _database(login: Login) -> Database:
    return Database(lambda _: login)
