"""The books: what must be true of all stores together once everything has settled."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import asdict

from common.domain.invoice import invoice_key
from common.domain.order import OrderStatus
from operations.books import Books, held_by, pieces_missing
from operations.books import differences as differences_of
from tests.entries import held_entries, order_entry, orders_of, payment_entries
from tests.faults.people import Customer
from tests.faults.shop import Shop
from tests.faults.transports import received_by_order

Row = dict[str, Any]

TIME_TO_PLACE = timedelta(minutes=5)


def differences(shop: Shop, customers: Sequence[Customer]) -> list[str]:
    """A sentence for each thing that is not as it must be; none if the books balance."""
    live = _rows(shop, "order", "orders")
    archived = [_row(shop, order_id) for order_id in shop.archive.kept]
    orders = [*live, *archived]
    books = _books(shop, live, archived)
    return [
        *shop.world.surprises,
        *(difference.sentence for difference in differences_of(books)),
        *_purchases(shop, archived),
        *_unfinished(shop, orders),
        *_stock(shop, books),
        *_payments(shop),
        *_news(shop),
        *_webhooks(shop),
        *_money(shop, orders),
        *_paid_at(shop, orders),
        *_invoices(shop, orders),
        *_mails(shop, orders),
        *_promises(orders, customers),
        *_reasons(shop, live, customers),
    ]


def _rows(shop: Shop, service: str, table: str) -> list[Row]:
    return shop.databases[service].run(f"SELECT * FROM {table}")  # noqa: S608 - a name in this file


def _row(shop: Shop, order_id: UUID) -> Row:
    """An archived order, in the form of the live ones."""
    copy = asdict(shop.archive.kept.copy(order_id))
    return copy | {"lines": json.loads(copy["lines"]), "story": json.loads(copy["story"])}


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


def _accepted(orders: Sequence[Row]) -> dict[UUID, Row]:
    return {order["order_id"]: order for order in orders if order["payment_id"]}


def _books(shop: Shop, live: Sequence[Row], archived: Sequence[Row]) -> Books:
    """What the stores have, in the form that the rules for every shop are about."""
    stories: defaultdict[UUID, list[str]] = defaultdict(list)
    states = list(OrderStatus)
    for event in sorted(_rows(shop, "order", "order_events"), key=lambda row: states.index(row["status"])):
        stories[event["order_id"]].append(event["status"])
    for order in archived:
        stories[order["order_id"]] = [event["status"] for event in order["story"]]
    keys = shop.s3.keys("")
    return Books(
        [
            *(order_entry(row, stories[row["order_id"]]) for row in live),
            *(order_entry(row, stories[row["order_id"]], is_archived=True) for row in archived),
        ],
        held_entries(_rows(shop, "inventory", "reservations")),
        payment_entries(_rows(shop, "payment", "payments"), _rows(shop, "payment", "outbox")),
        orders_of(keys, "invoices"),
        orders_of(keys, "mails/due"),
        orders_of(keys, "mails/sent", "mails/refused"),
    )


def _unfinished(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """Nothing is on its way any more, and every order came to its end."""
    for service, queue in shop.queues.items():
        if not queue.is_empty():
            yield f"Messages are left in the queue of {service}."
    if shop.provider.unanswered:
        yield f"Webhooks were never answered: {sorted(shop.provider.unanswered)}."
    for order in orders:
        if order["status"] == "awaiting_payment":
            yield f"Order {order['order_id']} is left {order['status']}."


def _stock(shop: Shop, books: Books) -> list[str]:
    """For each product: what there was = what there is + what live orders hold."""
    now: Counter[str] = Counter()
    for row in _rows(shop, "inventory", "stock"):
        now[row["product_id"]] += row["available"]
    return pieces_missing(shop.stocked, now, held_by(books.orders))


def _payments(shop: Shop) -> Iterator[str]:
    """What the shop knows of payments is what the provider did."""
    payments = {row["payment_id"]: row for row in _rows(shop, "payment", "payments")}
    for payment_id, payment in payments.items():
        if payment["status"] == "refunded" and payment_id not in shop.provider.refunded:
            yield f"Payment {payment_id} is noted as refunded, and was not."
    for payment_id in shop.provider.received.keys() - payments.keys():
        yield f"Payment {payment_id} was taken by the provider, and the shop does not know it."


def _news(shop: Shop) -> Iterator[str]:
    """Each state that a webhook brought a payment to was told once, the one that it has among them."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(shop, "payment", "outbox"):
        data = json.loads(row["body"])["data"]
        told[data["payment_id"]].append(data["status"])
    for row in _rows(shop, "payment", "payments"):
        news = told[row["payment_id"]]
        is_paid = row["status"] in ("succeeded", "refund_due", "refunded")
        if len(set(news)) < len(news) or ("succeeded" if is_paid else row["status"]) not in news:
            yield f"Payment {row['payment_id']} is {row['status']}, and was told of as {news}."


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


def _paid_at(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """An order was paid when its payment says, and no other order was."""
    occurred = {row["payment_id"]: row["occurred_at"] for row in _rows(shop, "payment", "payments")}
    for order in orders:
        paid_at = order["paid_at"]
        if isinstance(paid_at, str):
            paid_at = datetime.fromisoformat(paid_at)
        if paid_at != (due := occurred.get(order["payment_id"])):
            yield f"Order {order['order_id']} was paid at {paid_at}, and its payment was at {due}."


def _invoices(shop: Shop, orders: Sequence[Row]) -> Iterator[str]:
    """The total of each invoice is its order's."""
    written = set(shop.s3.keys("invoices/"))
    for order_id, order in _accepted(orders).items():
        key = invoice_key(order_id)
        total = {"amount": order["amount"], "currency": order["currency"]}
        if key in written and json.loads(shop.s3.kept[key][0])["total"] != total:
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
    states = {order["order_id"]: order["status"] for order in orders}
    known = states.keys()
    for customer in customers:
        made = [order for order in orders if order["customer_id"] == customer.name]
        if len(made) > 1 or len(customer.orders) > 1:
            yield f"{customer.name} asked for one order, and got {len(made)}."
        if customer.orders - known:
            yield f"{customer.name} was told of an order that is not there."
        for told, status in ((customer.canceled, "canceled"), (customer.delivered, "delivered")):
            for order_id in sorted(told & known):
                if (became := states[order_id]) != status:
                    yield f"{customer.name} was told that order {order_id} is {status}, and it is {became}."


def _reasons(shop: Shop, live: Sequence[Row], customers: Sequence[Customer]) -> Iterator[str]:
    """No order is canceled but for a reason that there was, and by a schedule only when its time was over."""
    ended = {
        row["order_id"]: row for row in _rows(shop, "order", "order_events") if row["status"] == "canceled"
    }
    given_up = {order_id for customer in customers for order_id in customer.given_up}
    closed = {session.order_id for session in shop.provider.sessions.values() if not session.is_open}
    for order in live:
        order_id = order["order_id"]
        if order_id not in ended:
            continue
        at = ended[order_id]["at"]
        there_was = {
            "payment_expired": at >= order["expires_at"] or order_id in closed,
            "placing_abandoned": at >= order["placed_at"] + TIME_TO_PLACE,
            "customer_request": order_id in given_up,
        }
        # Of the other reasons `operations.books` knows, and whoever watches the reservations.
        if not there_was.get(order["reason"], True):
            yield f"Order {order_id} was canceled for no reason: {order['reason']}."
