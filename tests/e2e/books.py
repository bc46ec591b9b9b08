"""The books of the running shop, read without changing anything: what must be true once all is settled."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from common.domain.order import OrderStatus
from local.services import CONSUMERS
from operations.books import Books, OrderEntry, held_by, pieces_missing
from operations.books import differences as differences_of
from tests.e2e.running import BUCKET, ORDER_HEADER, RunningShop
from tests.entries import held_entries, order_entry, orders_of, payment_entries

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
    books = read_books(shop)
    accepted = {order.order_id: order for order in books.orders if order.payment_id}
    return [
        *(difference.sentence for difference in differences_of(books)),
        *_unfinished(shop),
        *pieces_missing(shop.stock_at_start, stock(shop), held_by(books.orders)),
        *_money(shop, accepted),
        *_mails(shop, accepted, mails_at_most),
    ]


def read_books(shop: RunningShop) -> Books:
    """What all stores of the shop have, looked at directly."""
    story = "SELECT array_agg(status ORDER BY array_position(:states ::text[], status)) FROM order_events"
    live = shop.rows(
        "order",
        f"SELECT orders.*, ({story} AS e WHERE e.order_id = orders.order_id) AS story FROM orders",  # noqa: S608 - of columns
        states="{" + ",".join(OrderStatus) + "}",
    )
    archived = [order | {"lines": json.loads(order["lines"])} for order in shop.archived().values()]
    keys = _keys(shop)
    return Books(
        [
            *(order_entry(row, row["story"]) for row in live),
            *(
                order_entry(row, [event["status"] for event in json.loads(row["story"])], is_archived=True)
                for row in archived
            ),
        ],
        held_entries(shop.rows("inventory", "SELECT * FROM reservations")),
        payment_entries(
            shop.rows("payment", "SELECT * FROM payments"), shop.rows("payment", "SELECT * FROM outbox")
        ),
        orders_of(keys, "invoices"),
        orders_of(keys, "mails/due"),
        orders_of(keys, "mails/sent", "mails/refused"),
    )


def _keys(shop: RunningShop) -> list[str]:
    """Of every file in the bucket."""
    pages = shop.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def stock(shop: RunningShop) -> dict[str, int]:
    """For each product what can be ordered now."""
    rows = shop.rows(
        "inventory", "SELECT product_id, sum(available) AS pieces FROM stock GROUP BY product_id"
    )
    return {row["product_id"]: int(row["pieces"]) for row in rows}


def _unfinished(shop: RunningShop) -> Iterator[str]:
    """Nothing is on its way any more."""
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


def _money(shop: RunningShop, accepted: Mapping[str, OrderEntry]) -> Iterator[str]:
    """What the provider received for each order, less what it gave back, is what the order costs."""
    received: dict[str, int] = defaultdict(int)
    for event in shop.events():
        about = event["event"]["data"]["object"]
        if event["type"] == "payment_intent.succeeded":
            received[about["metadata"]["order_id"]] += about["amount_received"]
        if event["type"] == "charge.refunded":
            received[about["metadata"]["order_id"]] -= about["amount_refunded"]
    for order_id in received.keys() | accepted.keys():
        due = accepted[order_id].amount if order_id in accepted else 0
        if received[order_id] != due:
            yield f"For order {order_id} {received[order_id]} was kept, and {due} is due."


def _mails(shop: RunningShop, accepted: Mapping[str, OrderEntry], mails_at_most: int) -> Iterator[str]:
    """One mail for each order that was paid, and none for another."""
    mailed = Counter(str(mail[ORDER_HEADER]) for mail in shop.mails())
    for order_id in mailed.keys() | accepted.keys():
        if not (1 if order_id in accepted else 0) <= mailed[order_id] <= mails_at_most:
            yield f"The invoice of order {order_id} was mailed {mailed[order_id]} times."
