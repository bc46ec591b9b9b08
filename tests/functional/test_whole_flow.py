"""An order from the first request to the mail, through all six apps."""

from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader

from tests.functional.shop import Shop


def test_an_order_is_paid_invoiced_and_mailed(shop: Shop) -> None:
    """The twenty steps: every store ends as the documents say, and the customer has the invoice."""
    # 1-4: the customer signs in, looks at the products, and at one of them.
    listed = shop.http("GET", "/products")
    assert [item["product_id"] for item in listed.body["items"]] == ["pot", "tea"]
    assert shop.http("GET", "/products/tea").body["available"] == 5

    # 5-10: the order is saved, and takes its stock.
    placed = shop.place(tea=2, pot=1)
    assert (placed.status, placed.body["status"]) == (201, "awaiting_payment")
    assert placed.body["total"] == {"amount": 7400, "currency": "USD"}
    order_id = placed.body["order_id"]
    assert placed.headers["Location"] == f"/orders/{order_id}"
    assert shop.stock.available(["tea", "pot"]) == {"tea": 3, "pot": 1}

    # 11-15: the customer pays; the webhook's payment is saved and published.
    shop.provider.pay(shop.open_checkout(order_id))
    [event] = shop.provider.events
    assert shop.post_webhook(event).body == {"news": True}
    assert len(shop.topic.messages) == 1

    # 16-17: three queues receive it.
    assert shop.deliver() == {}
    order = shop.order(order_id)
    assert order["status"] == "delivering"
    assert [step["status"] for step in order["story"]] == ["reserving", "awaiting_payment", "delivering"]
    assert shop.stock.available(["tea", "pot"]) == {"tea": 3, "pot": 1}

    # 18-20: the invoice is mailed.
    assert shop.tell_of_invoices() == [True]
    [mail] = shop.mailer.mails
    assert mail.to == "ada@example.com"
    [attachment] = mail.attachments
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(attachment.body)).pages)
    assert "74.00" in text
    assert order_id in text
    link = shop.http("GET", f"/invoices/{order_id}")
    assert link.status == 200
    assert order_id in link.body["url"]
    paid = shop.http("GET", f"/payments/{order_id}").body
    assert [payment["status"] for payment in paid["payments"]] == ["succeeded"]


def test_everything_twice_is_as_once(shop: Shop) -> None:
    """The request, the webhook, the messages and S3's event come twice: one order, one invoice, one mail."""
    order_id = shop.place(tea=2).body["order_id"]
    assert shop.place(tea=2).body["order_id"] == order_id
    assert shop.open_checkout(order_id) == shop.open_checkout(order_id)
    shop.provider.pay(shop.open_checkout(order_id))
    [event] = shop.provider.events
    assert shop.post_webhook(event).body == {"news": True}
    assert shop.post_webhook(event).body == {"news": False}
    for _ in range(2):
        assert shop.deliver() == {}
        shop.tell_of_invoices()
    assert shop.stock.available(["tea"]) == {"tea": 3}
    assert len(shop.mailer.mails) == 1
    assert len(list(shop.objects.keys("invoices/"))) == 1
    assert shop.provider.refunds == {}


def test_a_failed_payment_cancels_the_order_and_gives_the_stock_back(shop: Shop) -> None:
    """No invoice and no mail; the checkout is closed, so nobody pays a canceled order there."""
    order_id = shop.place(tea=2).body["order_id"]
    checkout = shop.open_checkout(order_id)
    shop.provider.decline(checkout, "card_declined")
    shop.post_webhook(shop.provider.events[0])
    assert shop.deliver() == {}
    order = shop.order(order_id)
    assert (order["status"], order["reason"]) == ("canceled", "payment_failed")
    assert shop.stock.available(["tea"]) == {"tea": 5}
    assert list(shop.objects.keys("")) == []
    before = len(shop.provider.events)
    shop.provider.pay(checkout)
    assert len(shop.provider.events) == before


def test_a_payment_that_comes_too_late_is_given_back(shop: Shop) -> None:
    """The customer pays while the order is canceled: the money goes back, once, and nothing is invoiced."""
    order_id = shop.place(tea=2).body["order_id"]
    checkout = shop.open_checkout(order_id)
    assert shop.http("POST", f"/orders/{order_id}/cancel").body["status"] == "canceled"
    shop.provider.pay(checkout)
    shop.post_webhook(shop.provider.events[0])
    for _ in range(2):
        assert shop.deliver() == {}
    shop.provider.unavailable = True
    assert shop.run_schedule("payment", "send_refunds") == 0
    shop.provider.unavailable = False
    assert shop.run_schedule("payment", "send_refunds") == 1
    assert shop.run_schedule("payment", "send_refunds") == 0
    assert [money.amount for money in shop.provider.refunds.values()] == [2500]
    assert shop.order(order_id)["reason"] == "customer_request"
    assert list(shop.objects.keys("")) == []
    [payment] = shop.http("GET", f"/payments/{order_id}").body["payments"]
    assert payment["status"] == "refunded"


def test_a_success_after_a_failure_is_the_customers_either_way(shop: Shop) -> None:
    """Messages in either order: the order takes the success if it comes first, else the money goes back."""
    for number, (first, second) in enumerate(((0, 1), (1, 0))):
        order_id = shop.place(f"key-{number}", tea=1).body["order_id"]
        checkout = shop.open_checkout(order_id)
        seen = len(shop.provider.events)
        shop.provider.decline(checkout)
        shop.provider.pay(checkout)
        told = len(shop.topic.messages)
        for event in shop.provider.events[seen:]:
            shop.post_webhook(event)
        bodies = [message.body for message in shop.topic.messages[told:]]
        assert len(bodies) == 2
        for body in (bodies[first], bodies[second]):
            assert shop.deliver([body]) == {}
        order = shop.order(order_id)
        refunds = shop.run_schedule("payment", "send_refunds")
        assert (order["status"], refunds) == (("canceled", 1) if first == 0 else ("delivering", 0))
    assert len(list(shop.objects.keys("invoices/"))) == 1
    assert shop.stock.available(["tea"]) == {"tea": 4}


def test_an_unpaid_order_expires(shop: Shop) -> None:
    """After its time, not before; what it held can be bought again, and its checkout opens no more."""
    order_id = shop.place(tea=5).body["order_id"]
    shop.clock.advance(timedelta(minutes=29))
    assert shop.run_schedule("order", "expire_unpaid") == 0
    shop.clock.advance(timedelta(minutes=2))
    assert shop.http("POST", "/payments/checkout", {"order_id": order_id}).status == 409
    assert shop.run_schedule("order", "expire_unpaid") == 1
    assert shop.order(order_id)["reason"] == "payment_expired"
    assert shop.run_schedule("order", "return_stock") == 1
    assert shop.stock.available(["tea"]) == {"tea": 5}
    assert shop.run_schedule("order", "expire_unpaid") == 0


def test_what_was_saved_while_the_topic_was_down_is_published_later(shop: Shop) -> None:
    """The provider is answered, since the payment is saved; the schedule publishes it."""
    order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    shop.topic.is_down = True
    assert shop.post_webhook(shop.provider.events[0]).body == {"news": True}
    assert shop.run_schedule("payment", "publish_outbox") == 0
    shop.topic.is_down = False
    assert shop.run_schedule("payment", "publish_outbox") == 1
    assert shop.run_schedule("payment", "publish_outbox") == 0
    shop.deliver()
    assert shop.order(order_id)["status"] == "delivering"


def test_stock_that_could_not_be_given_back_is_given_back_later(shop: Shop) -> None:
    """The cancellation stands while the inventory is down; the schedule makes it good, once."""
    order_id = shop.place(tea=5).body["order_id"]
    shop.functions.down.add("inventory")
    assert shop.http("POST", f"/orders/{order_id}/cancel").status == 200
    assert shop.run_schedule("order", "return_stock") == 0
    shop.functions.down.clear()
    assert shop.stock.available(["tea"]) == {"tea": 0}
    assert shop.run_schedule("order", "return_stock") == 1
    assert shop.run_schedule("order", "return_stock") == 0
    assert shop.stock.available(["tea"]) == {"tea": 5}


def test_placing_goes_on_where_it_stopped(shop: Shop) -> None:
    """The inventory was down: the same request again places the same order, at the price it was asked for."""
    shop.functions.down.add("inventory")
    refused = shop.place(tea=2)
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "1"
    [waiting] = shop.http("GET", "/orders").body["items"]
    assert waiting["status"] == "reserving"
    shop.functions.down.clear()
    placed = shop.place(tea=2)
    assert (placed.status, placed.body["order_id"]) == (201, waiting["order_id"])
    assert placed.body["status"] == "awaiting_payment"


def test_placing_that_nobody_finishes_is_undone(shop: Shop) -> None:
    """After five minutes it is canceled, and a late try with the same key finds it so, and takes no stock."""
    shop.functions.down.add("inventory")
    shop.place(tea=2)
    shop.functions.down.clear()
    shop.clock.advance(timedelta(minutes=4))
    assert shop.run_schedule("order", "undo_placing") == 0
    shop.clock.advance(timedelta(minutes=2))
    assert shop.run_schedule("order", "undo_placing") == 1
    late = shop.place(tea=2)
    assert (late.body["status"], late.body["reason"]) == ("canceled", "placing_abandoned")
    assert shop.stock.available(["tea"]) == {"tea": 5}
