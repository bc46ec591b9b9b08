"""The books of the running shop, read without changing anything: what must be true once all is settled."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.services import CONSUMERS
from tests.e2e.running import ORDER_HEADER, RunningShop

QUEUES = tuple(f"{service}-payments" for service in CONSUMERS)
# A mail whose sender was killed is taken up by another one two minutes later.
SETTLING_SECONDS = 180


def balanced(shop: RunningShop, mails_at_most: int = 1) -> bool:
    """Whether the books balance as soon as everything has settled; AssertionError says what does not.

    Each invoice was mailed once, or up to `mails_at_most` times.
    """
    end = time.monotonic() + SETTLING_SECONDS
    while problems := differences(shop, mails_at_most):
        assert time.monotonic() < end, "\n".join(problems)
        time.sleep(0.5)
    return True


def differences(shop: RunningShop, mails_at_most: int = 1) -> list[str]:
    """A sentence for each thing that is not as it must be."""
    live = shop.rows("order", "SELECT * FROM orders")
    archived = shop.archived()
    payments = shop.rows("payment", "SELECT * FROM payments")
    accepted = {str(order["order_id"]): order for order in [*archived.values(), *live] if order["payment_id"]}
    return [
        *_unfinished(shop, live, payments),
        *_archive(live, archived),
        *_stock(shop),
        *_money(shop, accepted, payments),
        *_papers(shop, accepted, mails_at_most),
    ]


def held_by_orders(shop: RunningShop) -> Counter[str]:
    """For each product how many pieces the orders hold that are not canceled, delivered ones among them."""
    held: Counter[str] = Counter()
    live = shop.rows("order", "SELECT order_id, lines FROM orders WHERE status <> 'canceled'")
    lines = {str(order["order_id"]): order["lines"] for order in live}
    for order_id, order in shop.archived().items():
        lines[order_id] = json.loads(order["lines"])
    for ordered in lines.values():
        for line in ordered:
            held[line["product_id"]] += line["quantity"]
    return held


def stock(shop: RunningShop) -> dict[str, int]:
    """For each product what can be ordered now."""
    rows = shop.rows(
        "inventory", "SELECT product_id, sum(available) AS pieces FROM stock GROUP BY product_id"
    )
    return {row["product_id"]: int(row["pieces"]) for row in rows}


def _unfinished(
    shop: RunningShop, orders: Sequence[Mapping[str, Any]], payments: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for order in orders:
        if order["status"] == "reserving":
            yield f"Order {order['order_id']} is half placed."
        if order["status"] == "canceled" and order["stock_returned_at"] is None:
            yield f"The stock of order {order['order_id']} is not given back."
    for payment in payments:
        if payment["status"] == "refund_due":
            yield f"Payment {payment['payment_id']} is not given back."
    if shop.rows("payment", "SELECT 1 FROM outbox WHERE published_at IS NULL"):
        yield "A message was not published."
    for event in shop.events():
        if not all(delivery["delivered"] for delivery in event["deliveries"]):
            yield f"The event {event['id']} was not delivered."
    for name in QUEUES:
        for queue in (name, f"{name}-dead-letters"):
            if count := waiting(shop, queue):
                yield f"{count} messages are left in {queue}."


def waiting(shop: RunningShop, queue: str) -> int:
    """How many messages are in the queue, in somebody's hands or not."""
    sqs = shop.aws("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


def _archive(live: Sequence[Mapping[str, Any]], archived: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Each order is in one store: in Cassandra if it was delivered, in Postgres if not."""
    for order in live:
        if order["status"] == "delivered":
            yield f"Order {order['order_id']} is delivered, and still in Postgres."
        if str(order["order_id"]) in archived:
            yield f"Order {order['order_id']} is in both stores."
    for order_id, order in archived.items():
        if order["status"] != "delivered":
            yield f"Order {order_id} is archived, and {order['status']}."


def _stock(shop: RunningShop) -> Iterator[str]:
    held, now = held_by_orders(shop), stock(shop)
    for product_id, count in shop.stock_at_start.items():
        if count != now[product_id] + held[product_id]:
            yield f"Of {product_id} there were {count}; {now[product_id]} left, {held[product_id]} held."


def _money(
    shop: RunningShop, accepted: Mapping[str, Mapping[str, Any]], payments: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """What the provider received for each order, less what it gave back, is what the order costs."""
    received: dict[str, int] = defaultdict(int)
    for event in shop.events():
        about = event["event"]["data"]["object"]
        if event["type"] == "payment_intent.succeeded":
            received[about["metadata"]["order_id"]] += about["amount_received"]
        if event["type"] == "charge.refunded":
            received[about["metadata"]["order_id"]] -= about["amount_refunded"]
    for order_id in received.keys() | accepted.keys():
        due = accepted[order_id]["amount"] if order_id in accepted else 0
        if received[order_id] != due:
            yield f"For order {order_id} {received[order_id]} was kept, and {due} is due."
    kept = {payment["payment_id"] for payment in payments if payment["status"] == "succeeded"}
    if kept != {order["payment_id"] for order in accepted.values()}:
        yield "The payments that were kept are not those that orders accepted."


def _papers(
    shop: RunningShop, accepted: Mapping[str, Mapping[str, Any]], mails_at_most: int
) -> Iterator[str]:
    """One invoice and one mail for each order that was paid, and none for another."""
    invoices = {key.removeprefix("invoices/").removesuffix(".pdf") for key in shop.invoices()}
    for order_id in invoices ^ accepted.keys():
        yield f"Order {order_id} {'has an invoice unpaid' if order_id in invoices else 'has no invoice'}."
    mailed = Counter(str(mail[ORDER_HEADER]) for mail in shop.mails())
    for order_id in mailed.keys() | accepted.keys():
        if not (1 if order_id in accepted else 0) <= mailed[order_id] <= mails_at_most:
            yield f"The invoice of order {order_id} was mailed {mailed[order_id]} times."
