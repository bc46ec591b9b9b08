"""What the handlers of queues, buckets, topics and schedules do with what AWS hands them."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from common.domain.invoice import mail_due_key
from common.domain.payment import Payment, PaymentStatus
from common.errors import Unavailable
from common.events import payment_created
from tests.fakes import START, FakeIds
from tests.functional.shop import Shop


def paid(shop: Shop, key: str = "key-1") -> tuple[str, str]:
    """An order whose customer has paid, and the message that tells of it."""
    order_id = shop.place(key, tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    shop.post_webhook(shop.provider.events[-1])
    return order_id, shop.topic.messages[-1].body


@pytest.mark.parametrize("service", ["inventory", "order", "invoice"])
@pytest.mark.parametrize("broken", ["", "no json", "[]", "null", '{"type": "other.v1"}', "{}"])
def test_a_message_that_cannot_be_read_fails_alone(shop: Shop, service: str, broken: str) -> None:
    """The others of its batch are done; only its number comes back."""
    order_id, body = paid(shop)
    assert shop.receive(service, [broken, body, broken]) == ["0", "2"]
    assert shop.order(order_id)["status"] == "delivering"


def test_a_message_that_fails_comes_again_alone(shop: Shop) -> None:
    """While the order service is down every message of invoice's batch fails; later they are done."""
    bodies = [paid(shop, f"key-{number}")[1] for number in range(3)]
    shop.functions.down.add("order")
    assert shop.receive("invoice", bodies) == ["0", "1", "2"]
    shop.functions.down.clear()
    assert shop.receive("invoice", bodies) == []
    assert len(list(shop.objects.keys("invoices/"))) == 3


def test_a_later_version_of_a_message_is_read(shop: Shop) -> None:
    """What a reader does not know it ignores, in the message and in the payment."""
    order_id, body = paid(shop)
    message = json.loads(body)
    message["traceparent"] = "00-1-2-3"
    message["data"]["card"] = {"brand": "visa"}
    assert shop.receive("order", [json.dumps(message)]) == []
    assert shop.order(order_id)["status"] == "delivering"


def test_a_payment_of_no_order_is_given_back(shop: Shop) -> None:
    """Nobody waits for the money: every consumer is done with it, and the refund is asked for."""
    order_id, body = paid(shop)
    message = json.loads(body)
    message["data"]["order_id"] = message["subject"] = "01910d8e-0000-7000-8000-000000000000"
    assert shop.deliver([json.dumps(message)]) == {}
    assert [due.payment_id for due in shop.payments.refunds_due(10)] == [message["data"]["payment_id"]]
    assert list(shop.objects.keys("")) == []
    assert shop.order(order_id)["status"] == "awaiting_payment"


def test_another_amount_than_the_orders_is_given_back(shop: Shop) -> None:
    """The order is canceled as a mismatch, its stock is free, and no invoice is written."""
    order_id = shop.place(tea=2).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    event = shop.provider.events[0]
    cheap = Payment("pi_cheap", UUID(order_id), PaymentStatus.SUCCEEDED, event.payment.amount * 2, START)
    message = payment_created(FakeIds().new(START), cheap, START, "")
    shop.payments.record("evt_cheap", cheap, message, START)
    assert shop.deliver([message.body]) == {}
    order = shop.order(order_id)
    assert (order["status"], order["reason"]) == ("canceled", "payment_mismatch")
    assert [due.payment_id for due in shop.payments.refunds_due(10)] == ["pi_cheap"]
    assert shop.stock.available(["tea"]) == {"tea": 5}
    assert list(shop.objects.keys("")) == []


def test_a_second_payment_of_a_paid_order_is_given_back(shop: Shop) -> None:
    """The order keeps its first one, and its one invoice."""
    order_id, body = paid(shop)
    shop.deliver([body])
    message = json.loads(body)
    again = Payment(
        "pi_2", UUID(order_id), PaymentStatus.SUCCEEDED, shop.provider.events[0].payment.amount, START
    )
    second = payment_created(FakeIds(100).new(START), again, START, "")
    shop.payments.record("evt_2", again, second, START)
    assert shop.deliver([second.body]) == {}
    assert [due.payment_id for due in shop.payments.refunds_due(10)] == ["pi_2"]
    order = shop.orders.get(UUID(order_id))
    assert order is not None
    assert order.payment_id == message["data"]["payment_id"]
    assert len(list(shop.objects.keys("invoices/"))) == 1


@pytest.mark.parametrize(
    "sequence", ["inventory order invoice", "invoice order inventory", "order invoice inventory"]
)
@pytest.mark.parametrize("succeeds", [True, False])
def test_consumers_may_come_in_any_order(shop: Shop, sequence: str, succeeds: bool) -> None:
    """Whoever is first asks the order, so the end is the same."""
    order_id = shop.place(tea=2).body["order_id"]
    checkout = shop.open_checkout(order_id)
    (shop.provider.pay if succeeds else shop.provider.decline)(checkout)
    shop.post_webhook(shop.provider.events[0])
    for service in sequence.split():
        assert shop.receive(service, [shop.topic.messages[0].body]) == []
    assert shop.order(order_id)["status"] == ("delivering" if succeeds else "canceled")
    assert shop.stock.available(["tea"]) == {"tea": 3 if succeeds else 5}
    assert len(list(shop.objects.keys("invoices/"))) == succeeds


def test_a_mail_that_could_not_be_sent_is_sent_later(shop: Shop) -> None:
    """S3's event fails while the mail service is down; the schedule mails it, once."""
    _, body = paid(shop)
    shop.deliver([body])
    shop.mailer.is_down = True
    with pytest.raises(Unavailable):
        shop.tell_of_invoices()
    shop.mailer.is_down = False
    shop.clock.advance(timedelta(minutes=3))
    assert shop.run_schedule("notification", "resend_mails") == 1
    assert shop.run_schedule("notification", "resend_mails") == 0
    assert shop.tell_of_invoices() == [False]
    assert len(shop.mailer.mails) == 1


def test_an_address_that_is_refused_is_not_tried_again(shop: Shop) -> None:
    """The mail service gave its final no: that is noted, and neither event nor schedule tries again."""
    shop.mailer.refused.add("ada@example.com")
    _, body = paid(shop)
    shop.deliver([body])
    assert shop.tell_of_invoices() == [False]
    assert shop.tell_of_invoices() == [False]
    shop.clock.advance(timedelta(minutes=3))
    assert shop.run_schedule("notification", "resend_mails") == 0
    assert [key.split("/")[1] for key in shop.objects.keys("mails/")] == ["refused"]


def test_an_invoice_that_is_not_there_is_not_mailed(shop: Shop) -> None:
    """An event that names one does nothing, whether its mail is due or not: it is not written yet."""
    order_id = shop.place(tea=1).body["order_id"]
    client = shop.apps["notification"]
    event = client.events.generate_s3_event("shop-invoices", f"invoices/{order_id}.pdf")
    assert client.lambda_.invoke("on_invoice", event).payload is False
    shop.objects.add(mail_due_key(UUID(order_id)), b"", "text/plain")
    assert client.lambda_.invoke("on_invoice", event).payload is False
    assert shop.mailer.mails == []


@pytest.mark.parametrize(
    ("kind", "is_noted"), [("Bounce", True), ("Complaint", True), ("Delivery", False), ("Send", False)]
)
@pytest.mark.parametrize("field", ["notificationType", "eventType"])
def test_a_mail_that_comes_back_is_noted(shop: Shop, kind: str, is_noted: bool, field: str) -> None:
    """A bounce or a complaint, in either of the forms that SES tells it."""
    order_id, body = paid(shop)
    shop.deliver([body])
    shop.tell_of_invoices()
    told = {field: kind, "mail": {"headers": [{"name": "X-Shop-Order", "value": order_id}]}, "bounce": {}}
    client = shop.apps["notification"]
    event = client.events.generate_sns_event(json.dumps(told))
    assert client.lambda_.invoke("on_mail_event", event).payload is is_noted
    assert (shop.objects.get(f"mails/bounced/{order_id}") is not None) is is_noted


def test_stock_is_counted_by_other_services_only(shop: Shop) -> None:
    """The inventory's functions answer by name, 0 for what was never stocked; new products are added once."""
    call = shop.functions.call
    call("inventory", "set_stock", {"lines": [{"product_id": "tea", "quantity": 9}]})
    new = [{"product_id": "tea", "quantity": 1}, {"product_id": "cup", "quantity": 4}]
    call("inventory", "stock_new_products", {"lines": new})
    asked = {"product_ids": ["tea", "cup", "fog"]}
    assert call("inventory", "get_inventory", asked) == {"tea": 9, "cup": 4, "fog": 0}
    assert not any(shop.apps["inventory"].http.get(path).status_code == 200 for path in ("/", "/inventory"))
