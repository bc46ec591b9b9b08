"""The books: what must be true of all stores together once everything has settled."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from attrs import asdict

from common.domain.invoice import invoice_key
from common.domain.order import OrderStatus
from tests.faults.people import Customer
from tests.faults.shop import Shop
from tests.faults.transports import received_by_order

Row = dict[str, Any]


def differences(shop: Shop, customers: Sequence[Customer]) -> list[str]:
    """A sentence for each thing that is not as it must be; none if the books balance."""
    live = _rows(shop, "order", "orders")
    archived = [_row(shop, order_id) for order_id in shop.archive.kept]
    orders = [*live, *archived]
    return [
        *shop.world.surprises,
        *_places(live, archived),
        *_purchases(shop, archived),
        *_unfinished(shop, orders),
        *_stock(shop, orders),
        *_reservations(shop, orders),
        *_payments(shop, orders),
        *_webhooks(shop),
        *_money(shop, orders),
        *_invoices(shop, orders),
        *_mails(shop, orders),
        *_promises(orders, customers),
        *_stories(shop, orders),
    ]


def _rows(shop: Shop, service: str, table: str) -> list[Row]:
    return shop.databases[service].run(f"SELECT * FROM {table}")  # noqa: S608 - a name in this file


def _row(shop: Shop, order_id: UUID) -> Row:
    """An archived order, in the form of the live ones."""
    copy = asdict(shop.archive.kept.copy(order_id))
    return copy | {"lines": json.loads(copy["lines"]), "story": json.loads(copy["story"])}


def _places(live: Sequence[Row], archived: Sequence[Row]) -> Iterator[str]:
    """Every delivered order has moved to the archive, and no other; none is in both."""
    for order in live:
        if order["status"] == "delivered":
            yield f"Order {order['order_id']} is delivered, and still live."
    for order in archived:
        if order["status"] != "delivered":
            yield f"Order {order['order_id']} is {order['status']}, and in the archive."


def _purchases(shop: Shop, archived: Sequence[Row]) -> Iterator[str]:
    """Each archived order of several products counts once for each of them, and nothing else does; what is
    suggested beside a product follows from that."""
    bought: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for order in archived:
        together = tuple(sorted({line["product_id"] for line in order["lines"]}))
        for product_id in together if len(together) > 1 else ():
            bought[product_id][together] += 1
    for product_id in shop.stocked:
        noted = Counter(purchase.product_ids for purchase in shop.purchases.kept.newest(product_id, 1000))
        if noted != bought[product_id]:
            yield f"{product_id} was bought with others {bought[product_id]}, and noted is {noted}."
        beside = Counter(other for products in bought[product_id].elements() for other in products)
        del beside[product_id]
        best = sorted(beside, key=lambda other: (-beside[other], other))
        suggested = list(shop.purchases.kept.suggestions(product_id))
        if suggested != best:
            yield f"Beside {product_id} {suggested} is suggested, not {best}."
    for row in _rows(shop, "order", "suggestions_due"):
        yield f"The suggestions for {row['product_id']} are still due."


def _live(orders: Sequence[Row]) -> dict[UUID, Row]:
    return {order["order_id"]: order for order in orders if order["status"] != "canceled"}


def _accepted(orders: Sequence[Row]) -> dict[UUID, Row]:
    return {order["order_id"]: order for order in orders if order["payment_id"]}


def _unfinished(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """Nothing is left in a queue, an outbox, or a state that a schedule should have finished."""
    for service, queue in shop.queues.items():
        if not queue.is_empty():
            yield f"Messages are left in the queue of {service}."
    if shop.provider.unanswered:
        yield f"Webhooks were never answered: {sorted(shop.provider.unanswered)}."
    for row in _rows(shop, "payment", "outbox"):
        if row["published_at"] is None:
            yield f"Message {row['message_id']} was never published."
    for row in _rows(shop, "payment", "payments"):
        if row["status"] == "refund_due":
            yield f"Payment {row['payment_id']} is still to be refunded."
    for order in orders:
        if order["status"] in ("reserving", "awaiting_payment"):
            yield f"Order {order['order_id']} is left {order['status']}."
        if order["status"] == "canceled" and order["stock_returned_at"] is None:
            yield f"Canceled order {order['order_id']} is not known to have given its stock back."
    for key in shop.s3.keys("mails/due/"):
        yield f"A mail is still due: {key}."


def _stock(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """For each product: what there was = what there is + what live orders hold."""
    held: Counter[str] = Counter()
    for order in _live(orders).values():
        for line in order["lines"]:
            held[line["product_id"]] += line["quantity"]
    now: Counter[str] = Counter()
    for row in _rows(shop, "inventory", "stock"):
        now[row["product_id"]] += row["available"]
    for product_id, stocked in shop.stocked.items():
        if stocked != now[product_id] + held[product_id]:
            yield f"Of {product_id} there were {stocked}; {now[product_id]} left, {held[product_id]} held."


def _reservations(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """Live orders hold their lines; canceled ones hold nothing."""
    live = _live(orders)
    held = {
        row["order_id"]: dict(zip(row["product_ids"], row["quantities"], strict=True))
        for row in _rows(shop, "inventory", "reservations")
        if row["state"] == "held"
    }
    for order_id in held.keys() - live.keys():
        yield f"Order {order_id} is canceled, and holds stock."
    for order_id, order in live.items():
        if held.get(order_id) != {line["product_id"]: line["quantity"] for line in order["lines"]}:
            yield f"Order {order_id} is {order['status']}, and holds {held.get(order_id)}."


def _payments(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """An order accepted at most one payment; each payment that was taken and kept has one order."""
    payments = {row["payment_id"]: row for row in _rows(shop, "payment", "payments")}
    taken = Counter(order["payment_id"] for order in orders if order["payment_id"])
    for payment_id, count in taken.items():
        if count > 1:
            yield f"Payment {payment_id} was accepted by {count} orders."
        if payments[payment_id]["status"] != "succeeded":
            yield f"The accepted payment {payment_id} is {payments[payment_id]['status']}."
    for payment_id, payment in payments.items():
        if payment["status"] == "succeeded" and payment_id not in taken:
            yield f"Payment {payment_id} was kept, and no order accepted it."
        if payment["status"] == "refunded" and payment_id not in shop.provider.refunded:
            yield f"Payment {payment_id} is noted as refunded, and was not."
    for payment_id in shop.provider.received.keys() - payments.keys():
        yield f"Payment {payment_id} was taken by the provider, and the shop does not know it."


def _webhooks(shop: Shop) -> Iterator[str]:
    """The provider sends an event until it is acknowledged: by then it must have been stored."""
    stored = {row["event_id"] for row in _rows(shop, "payment", "provider_events")}
    for event_id in sorted(shop.provider.acknowledged - stored):
        yield f"Event {event_id} was acknowledged, and is not stored."


def _money(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """Money received = money of accepted orders + refunds, for all and for each order."""
    for payment_id, refunded in shop.provider.refunded.items():
        if refunded != shop.provider.received.get(payment_id):
            yield f"Of payment {payment_id} another amount was refunded than was paid."
    due = {order_id: order["amount"] for order_id, order in _accepted(orders).items()}
    kept: dict[UUID, int] = defaultdict(int)
    for order_id, payments in received_by_order(shop.provider).items():
        for payment_id in payments:
            if payment_id not in shop.provider.refunded:
                kept[order_id] += shop.provider.received[payment_id].amount
    for order_id in due.keys() | kept.keys():
        if due.get(order_id, 0) != kept.get(order_id, 0):
            yield f"For order {order_id} {kept.get(order_id, 0)} was kept, and {due.get(order_id, 0)} is due."


def _invoices(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """An invoice exists exactly for each accepted order, and its total is the order's."""
    accepted = {invoice_key(order_id): order for order_id, order in _accepted(orders).items()}
    written = set(shop.s3.keys("invoices/"))
    for key in written ^ accepted.keys():
        yield f"{key}: {'no order accepted a payment' if key in written else 'there is no invoice'}."
    for key in written & accepted.keys():
        order = accepted[key]
        total = {"amount": order["amount"], "currency": order["currency"]}
        if json.loads(shop.s3.kept[key][0])["total"] != total:
            yield f"{key}: its total is not the order's."


def _mails(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """One mail for each invoice; one more only for each time that its sender could not note it."""
    accepted = {str(order_id) for order_id in _accepted(orders)}
    for order_id in accepted | shop.mail.sent.keys():
        wanted = (1 if order_id in accepted else 0) + shop.mail.unheard[order_id]
        if shop.mail.sent[order_id] != wanted:
            yield f"Order {order_id} was mailed {shop.mail.sent[order_id]} times, not {wanted}."


def _promises(orders: Sequence[Row], customers: Sequence[Customer]) -> Iterator[str]:
    """Every wish under one Idempotency-Key made one order at most, and what the shop named is there."""
    known = {order["order_id"] for order in orders}
    for customer in customers:
        made = [order for order in orders if order["customer_id"] == customer.name]
        if len(made) > 1 or len(customer.orders) > 1:
            yield f"{customer.name} asked for one order, and got {len(made)}."
        if customer.orders - known:
            yield f"{customer.name} was told of an order that is not there."


def _stories(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """Each order's story begins with `reserving` and ends with the state that the order is in."""
    stories = defaultdict(list)
    states = list(OrderStatus)
    for event in sorted(_rows(shop, "order", "order_events"), key=lambda row: states.index(row["status"])):
        stories[event["order_id"]].append(event["status"])
    for order in orders:
        if "story" in order:
            stories[order["order_id"]] = [event["status"] for event in order["story"]]
    paths = (
        ["reserving", "canceled"],
        ["reserving", "awaiting_payment", "canceled"],
        ["reserving", "awaiting_payment", "delivering"],
        ["reserving", "awaiting_payment", "delivering", "delivered"],
    )
    for order in orders:
        story = stories[order["order_id"]]
        if story not in paths or order["status"] != story[-1]:
            yield f"Order {order['order_id']} is {order['status']}, and its story is {story}."
