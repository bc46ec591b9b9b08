"""One order keeps one correlation id, from the customer's request to the customer's mail."""

import json
from collections import defaultdict
from email import message_from_bytes
from uuid import UUID

import pytest

from common.domain.invoice import invoice_key
from local.services import CONSUMERS
from tests.functional.shop import Shop
from tests.logs import logged

VISIT = "visit-7d1f"


def test_one_id_goes_through_all_six_services(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the order's request names it; calls, the provider's webhook, the message, the invoice and the mail
    bring it on, and each service logs what it did for the order under it.
    """
    order_id = shop.http(
        "POST",
        "/orders",
        {"lines": [{"product_id": "tea", "quantity": 1}]},
        Idempotency_Key="key-1",
        X_Correlation_Id=VISIT,
    ).body["order_id"]
    checkout = shop.open_checkout(order_id)
    capsys.readouterr()
    shop.place("key-1", tea=1)
    shop.provider.pay(checkout)
    shop.post_webhook(shop.provider.events[0])
    shop.deliver()
    shop.tell_of_invoices()

    [message] = shop.topic.messages
    assert json.loads(message.body)["correlationid"] == VISIT
    invoice = shop.objects.get(invoice_key(UUID(order_id)))
    assert invoice is not None
    assert invoice.correlation_id == VISIT
    assert message_from_bytes(shop.mailer.messages[0])["X-Correlation-Id"] == VISIT

    handlers: defaultdict[str, set[str]] = defaultdict(set)
    for line in logged(capsys):
        if line["correlation_id"] == VISIT:
            assert line.get("order_id", order_id) == order_id
            handlers[line["service"]] |= {line["handler"]} if "handler" in line else set()
    assert handlers == {
        **{service: {"on_payment"} for service in CONSUMERS},
        "notification": {"on_invoice"},
        "order": {"apply_payment", "find_order", "on_payment"},
        "payment": {"receive_webhook"},
    }


def test_what_placing_an_order_asks_of_others_is_logged_under_its_id(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """The catalog and the inventory are asked by the order service, under the customer's id."""
    asked = {"lines": [{"product_id": "tea", "quantity": 1}]}
    shop.http("POST", "/orders", asked, Idempotency_Key="key-1", X_Correlation_Id=VISIT)
    lines = [(line["service"], line["handler"], line["correlation_id"]) for line in logged(capsys)]
    assert lines == [
        ("product", "get_products", VISIT),
        ("inventory", "reserve_stock", VISIT),
        ("order", "place_order", VISIT),
    ]


def test_the_same_order_again_keeps_the_id_of_the_first_request(shop: Shop) -> None:
    """However often its customer asks: the checkout is the same one, and Stripe refuses another wording."""
    asked = {"lines": [{"product_id": "tea", "quantity": 1}]}
    for given in (VISIT, "another"):
        order_id = shop.http("POST", "/orders", asked, Idempotency_Key="k", X_Correlation_Id=given).body[
            "order_id"
        ]
        shop.provider.pay(shop.open_checkout(order_id))
    assert [event.correlation_id for event in shop.provider.events] == [VISIT]


def test_an_order_of_before_is_told_apart_by_the_webhook(shop: Shop) -> None:
    """A checkout that was opened when orders had no id brings none: the webhook names the rest."""
    order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    told = json.loads(shop.webhooks.post(shop.provider.events[0], shop.clock.now())[0])
    del told["correlation_id"]
    raw = json.dumps(told).encode()
    signature = shop.webhooks.sign(raw, shop.clock.now())
    shop.http("POST", "/webhooks/stripe", who=None, raw=raw, signature=signature, X_Correlation_Id="corr-9")
    assert json.loads(shop.topic.messages[0].body)["correlationid"] == "corr-9"
