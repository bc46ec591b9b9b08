"""What follows a payment on the running shop, however the provider's webhooks arrive."""

import pytest

from tests.e2e.books import waiting
from tests.e2e.running import Person, Row, RunningShop, attached, eventually, found, is_problem


def test_a_paid_order(shop: RunningShop) -> None:
    """It is delivering; there is one PDF in the bucket, and one mail, to its customer, with that PDF."""
    product, person = shop.product(), shop.person()
    before = shop.available(product)
    order_id = person.ordered((product, 2))
    person.pay(order_id)
    order = person.sees(order_id, "delivering")
    assert [step["status"] for step in order["story"]] == ["reserving", "awaiting_payment", "delivering"]
    assert [payment["status"] for payment in person.payments(order_id)] == ["succeeded"]
    pdf = _only_invoice(shop, order_id)
    mails = eventually("the mail", lambda: shop.mails(person.email))
    assert attached(mails) == [pdf]
    assert mails[0]["To"].addresses[0].addr_spec == person.email
    link = found(person.shop.get(f"/invoices/{order_id}"))["url"]
    assert person.shop.download(link).content == pdf
    assert shop.available(product) == before - 2


def test_a_webhook_sent_again_changes_nothing(shop: RunningShop) -> None:
    """Each event of a paid order is sent three times more, long after: all is as it was."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    _only_invoice(shop, order_id)
    eventually("the mail", lambda: shop.mails(person.email))
    before = _all_of(shop, person, order_id)
    events = shop.events(order_id)
    for event in 3 * events:
        shop.control("POST", f"/events/{event['id']}/send", {})
    _are_delivered(shop, order_id, copies=4)
    assert _all_of(shop, person, order_id) == before


@pytest.mark.parametrize(
    "rule",
    [{"copies": 3}, {"delay_seconds": 2}, {"reordered": True}, {"copies": 2, "reordered": True, "events": 2}],
    ids=["twice more", "late", "out of order", "out of order and twice"],
)
def test_webhooks_that_do_not_come_as_they_should(shop: RunningShop, rule: Row) -> None:
    """Several times, late, or in another order: one payment, one invoice, one mail."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    checkout = person.shop.checkout(order_id)
    shop.control("PUT", "/delivery", rule)
    person.shop.press(checkout, "pay")
    person.sees(order_id, "delivering")
    pdf = _only_invoice(shop, order_id)
    eventually("the mail", lambda: shop.mails(person.email))
    _are_delivered(shop, order_id, copies=rule.get("copies", 1))
    assert attached(shop.mails(person.email)) == [pdf]
    assert len(person.payments(order_id)) == 1


def test_webhooks_that_are_held_back(shop: RunningShop) -> None:
    """Until the provider tells, the order waits; then all goes on, even if the last event comes first."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    checkout = person.shop.checkout(order_id)
    shop.control("PUT", "/delivery", {"hold": True})
    person.shop.press(checkout, "pay")
    assert shop.control("GET", "")["held"] == 2
    assert person.order(order_id)["status"] == "awaiting_payment"
    assert person.payments(order_id) == []
    shop.control("POST", "/release", {"reverse": True})
    person.sees(order_id, "delivering")
    pdf = _only_invoice(shop, order_id)
    assert attached(eventually("the mail", lambda: shop.mails(person.email))) == [pdf]


def test_a_failed_payment(shop: RunningShop) -> None:
    """The order is canceled as payment_failed and its stock is back; no invoice, no mail."""
    product, person = shop.product(), shop.person()
    before = shop.available(product)
    order_id = person.ordered((product, 4))
    assert shop.available(product) == before - 4
    person.decline(order_id)
    order = person.sees(order_id, "canceled")
    assert order["reason"] == "payment_failed"
    eventually("the stock to be back", lambda: shop.available(product) == before)
    assert [payment["status"] for payment in person.payments(order_id)] == ["failed"]
    assert is_problem(person.shop.post("/payments/checkout", {"order_id": order_id}), 409, "not_payable")
    _nothing_was_sent(shop, person, order_id)


def test_paying_on_a_page_that_stayed_open(shop: RunningShop) -> None:
    """The order was canceled meanwhile: all the money goes back; no invoice, no mail, no stock taken."""
    product, person = shop.product(), shop.person()
    before = shop.available(product)
    order_id = person.ordered((product, 1))
    page = person.shop.checkout(order_id)
    canceled = found(person.shop.post(f"/orders/{order_id}/cancel"))
    assert (canceled["status"], canceled["reason"]) == ("canceled", "customer_request")
    assert shop.available(product) == before
    person.shop.press(page, "pay")
    eventually(
        "the refund", lambda: [payment["status"] for payment in person.payments(order_id)] == ["refunded"]
    )
    refunds = [event for event in shop.events(order_id) if event["type"] == "charge.refunded"]
    assert [refund["event"]["data"]["object"]["amount_refunded"] for refund in refunds] == [
        canceled["total"]["amount"]
    ]
    assert person.order(order_id)["status"] == "canceled"
    assert shop.available(product) == before
    _nothing_was_sent(shop, person, order_id)


def test_an_order_that_nobody_pays(shop: RunningShop) -> None:
    """When its time is over it is canceled as payment_expired, and its stock is back."""
    product, person = shop.product(), shop.person()
    before = shop.available(product)
    order_id = person.ordered((product, 1))
    # Half an hour is long for a test: the order's time is over now.
    shop.rows("order", "UPDATE orders SET expires_at = now() WHERE order_id = :id", id=order_id)
    assert person.sees(order_id, "canceled")["reason"] == "payment_expired"
    eventually("the stock to be back", lambda: shop.available(product) == before)
    assert is_problem(person.shop.post("/payments/checkout", {"order_id": order_id}), 409, "not_payable")


def test_an_order_that_is_paid_cannot_be_canceled(shop: RunningShop) -> None:
    """409, and it is still delivering; canceling one that is canceled is no error."""
    person = shop.person()
    paid = person.ordered((shop.product(), 1))
    person.pay(paid)
    person.sees(paid, "delivering")
    assert is_problem(person.shop.post(f"/orders/{paid}/cancel"), 409, "not_cancelable")
    assert person.order(paid)["status"] == "delivering"
    unpaid = person.ordered((shop.product(), 1))
    assert found(person.shop.post(f"/orders/{unpaid}/cancel")) == found(
        person.shop.post(f"/orders/{unpaid}/cancel")
    )


def _only_invoice(shop: RunningShop, order_id: str) -> bytes:
    """The order's PDF, as soon as there is one."""
    invoices = eventually("the invoice", lambda: shop.invoices(order_id))
    assert len(invoices) == 1
    pdf = next(iter(invoices.values()))
    assert pdf.startswith(b"%PDF-")
    return pdf


def _are_delivered(shop: RunningShop, order_id: str, copies: int) -> None:
    """All events of the order were taken, each so many times."""

    def look() -> bool:
        events = shop.events(order_id)
        deliveries = [delivery["delivered"] for event in events for delivery in event["deliveries"]]
        return len(deliveries) == copies * len(events) and all(deliveries)

    eventually("the webhooks to be delivered", look)


def _nothing_was_sent(shop: RunningShop, person: Person, order_id: str) -> None:
    eventually("the queue to be read", lambda: not waiting(shop, "invoice-payments"))
    assert shop.invoices(order_id) == {}
    assert shop.mails(person.email) == []
    assert is_problem(person.shop.get(f"/invoices/{order_id}"), 404)


def _all_of(shop: RunningShop, person: Person, order_id: str) -> dict[str, object]:
    """All that the shop knows of an order."""
    by_order = "WHERE order_id = :id"
    return {
        "order": person.order(order_id),
        "payments": shop.rows("payment", f"SELECT * FROM payments {by_order}", id=order_id),  # noqa: S608 - ours
        "events": shop.rows(
            "payment",
            "SELECT * FROM provider_events WHERE payment_id IN"
            " (SELECT payment_id FROM payments WHERE order_id = :id)",
            id=order_id,
        ),
        "messages": shop.rows("payment", "SELECT * FROM outbox WHERE strpos(body, :id) > 0", id=order_id),
        "reservation": shop.rows("inventory", f"SELECT * FROM reservations {by_order}", id=order_id),  # noqa: S608 - ours
        "invoices": shop.invoices(order_id),
        "mails": [mail.as_bytes() for mail in shop.mails(person.email)],
    }
