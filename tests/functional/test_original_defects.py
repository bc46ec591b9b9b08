"""The ten defects that the original of this design had. Each has a test of its name: none may come back."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from attrs import evolve
from pg8000.exceptions import DatabaseError

from common.domain.payment import PaymentStatus
from common.domain.stock import StockLine
from common.errors import OutOfStock, SignatureRefused
from common.payments.stripe_webhooks import StripeWebhooks
from common.ports.provider import ProviderEvent
from common.repositories.postgres.stock import PostgresStock
from local.provision import MAX_RECEIVE_COUNT, PAYMENT_QUEUES
from tests.databases import PostgresServer
from tests.fakes import FakeSecrets
from tests.functional.shop import Shop


def paid(shop: Shop, order_id: str) -> ProviderEvent:
    """The customer opens the checkout and pays; the event that the provider will send."""
    shop.provider.pay(shop.open_checkout(order_id))
    return shop.provider.events[-1]


def test_order_payable_after_cancel(shop: Shop) -> None:
    """A canceled order gets no checkout, and what is paid on a page that was open goes back."""
    order_id = shop.place().body["order_id"]
    event = paid(shop, order_id)
    assert shop.http("POST", f"/orders/{order_id}/cancel").status == 200
    assert shop.http("POST", "/payments/checkout", {"order_id": order_id}).status == 409
    shop.post_webhook(event)
    shop.deliver()
    shop.run_schedule("payment", "send_refunds")
    assert shop.order(order_id)["status"] == "canceled"
    assert shop.provider.refunds == {event.payment.payment_id: event.payment.amount}


def test_price_from_the_client(shop: Shop) -> None:
    """A price in the request is refused; the order costs what the catalog says."""
    line = {"product_id": "tea", "quantity": 1, "unit_price": {"amount": 1, "currency": "USD"}}
    refused = shop.http("POST", "/orders", {"lines": [line]}, Idempotency_Key="cheap")
    assert refused.status == 422
    assert "unit_price" in json.dumps(refused.body["errors"])
    asked = shop.http("GET", "/products/tea").body["price"]
    assert shop.place().body["total"] == asked


def test_oversell(postgres_server: PostgresServer) -> None:
    """Of 3 pieces, 12 customers at once get 3."""
    product, now = f"rare-{uuid4()}", datetime.now(UTC)
    PostgresStock(postgres_server.database("inventory")).set([StockLine(product, 3)])

    def order(_: int) -> bool:
        database = postgres_server.database("inventory")
        try:
            PostgresStock(database).reserve(uuid4(), [StockLine(product, 1)], now)
        except OutOfStock:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(order, range(12))) == 3


def test_redelivery_inflating_stock(shop: Shop) -> None:
    """However often a failed payment is told, its order's stock goes back once."""
    order_id = shop.place(tea=2).body["order_id"]
    shop.provider.decline(shop.open_checkout(order_id), "card_declined")
    shop.post_webhook(shop.provider.events[0])
    for _ in range(3):
        shop.deliver()
    assert shop.stock.available(["tea"]) == {"tea": 5}


def test_open_webhook(shop: Shop) -> None:
    """Nobody but the provider can say that an order was paid."""
    body = json.dumps({"id": "evt", "object": "event", "type": "payment_intent.succeeded"}).encode()
    at = int(shop.clock.now().timestamp())
    stripe = StripeWebhooks(FakeSecrets({"provider": {"webhook_secrets": ["whsec"]}}), "provider")
    for headers in ({}, {"stripe-signature": f"t={at},v1={'0' * 64}"}):
        assert shop.http("POST", "/webhooks/stripe", who=None, raw=body, **headers).status == 400
        with pytest.raises(SignatureRefused):
            stripe.read(body, headers, shop.clock.now())


def test_dual_write(shop: Shop) -> None:
    """A payment that is saved is told to the others, also where the topic did not take it at first."""
    event = paid(shop, shop.place().body["order_id"])
    shop.topic.is_down = True
    shop.post_webhook(event)
    assert shop.topic.messages == []
    shop.topic.is_down = False
    shop.run_schedule("payment", "publish_outbox")
    assert len(shop.topic.messages) == 1


def test_late_success_reviving_a_canceled_order(shop: Shop) -> None:
    """A failure cancels; the success that follows does not bring the order back, and is refunded."""
    order_id = shop.place(tea=2).body["order_id"]
    checkout = shop.open_checkout(order_id)
    shop.provider.decline(checkout, "card_declined")
    failure = shop.provider.events[0]
    shop.post_webhook(failure)
    shop.deliver()
    success = evolve(
        failure, event_id="evt_late", payment=evolve(failure.payment, status=PaymentStatus.SUCCEEDED)
    )
    shop.post_webhook(success)
    shop.deliver()
    assert shop.order(order_id)["status"] == "canceled"
    assert shop.stock.available(["tea"]) == {"tea": 5}
    assert list(shop.objects.keys("invoices/")) == []
    [due] = shop.payments.refunds_due(10)
    assert due.payment_id == success.payment.payment_id


def test_no_dead_letter_queue(shop: Shop) -> None:
    """Every queue has one, and a message that fails is reported, so that it gets there at last."""
    assert set(PAYMENT_QUEUES) >= {"inventory", "order", "invoice"}
    assert MAX_RECEIVE_COUNT > 1
    assert shop.deliver(["no message"]) == {service: ["0"] for service in PAYMENT_QUEUES}


def test_secrets_in_logs(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """A whole order, and a failure in it, leave no token, address or body in the logs."""
    order_id = shop.place().body["order_id"]
    shop.post_webhook(paid(shop, order_id))
    shop.deliver(["{}", *[message.body for message in shop.topic.messages]])
    shop.tell_of_invoices()
    text = capsys.readouterr().out
    assert "Handled" in text
    for secret in ("ada@example.com", "Bearer", "fake.", "v1=", "Idempotency"):
        assert secret not in text


def test_one_database_user_for_all(postgres_server: PostgresServer) -> None:
    """A service's login opens its own database, and no other's."""
    for service, login in postgres_server.logins.items():
        for other in postgres_server.logins.keys() - {service}:
            database = postgres_server.database(service)
            database.login = lambda _, login=login, other=other: evolve(login, dbname=other)  # type: ignore[misc]
            with pytest.raises(DatabaseError, match="permission denied for database"):
                database.run("SELECT 1 AS one")
