"""Reconciling: whether the books of a running shop balance, and what to do where they do not."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from cyclopts import Parameter

from common.codec import read
from common.domain.order import Order
from common.domain.stock import ReservationState
from common.ports.orders import OrderRecord
from common.ports.payments import PaymentRecord
from common.ports.stock import ReservationRecord
from operations import ids
from operations.books import Books, Difference, OrderEntry, PaymentEntry, differences
from operations.errors import Status
from operations.place import HERE, Place
from operations.say import Json, as_json, console, details, plural, say

T = TypeVar("T")
_PAGE = 500

# By then each schedule has run, which all do once a minute.
SETTLED_SECONDS = 90
_LOOK_AGAIN_SECONDS = 5

# What to do about a difference that stays, by its rule.
MENDS = {
    "half_placed": "undo_placing cancels it within minutes; if not, shop logs --order tells why.",
    "stock_owed": "return_stock gives it back within a minute; if not, shop logs --order tells why.",
    "refund_owed": "send_refunds gives it back; if not, its log tells what the provider says.",
    "not_told": "publish_outbox does it within a minute; if not, its log tells why.",
    "mail_due": "resend_mails sends it within minutes; if not, its log tells why.",
    "not_archived": "archive_delivered moves it; if not, its log tells why.",
    "in_both": "archive_delivered removes the live one at its next run; both are the same.",
    "wrongly_archived": "archive_delivered takes delivered ones only: find out who wrote it.",
    "holds_canceled": "shop dlq show: does its message wait? Else invoke release_stock of the inventory.",
    "holds_other": "shop order show tells both, as after a restored backup. Count the shelf.",
    "accepted_twice": "Give the later order's money back by hand, at the provider, and cancel that order.",
    "accepted_and_gone": "Somebody gave the money back. If that was meant, stop the parcel; that is all.",
    "other_amount": "The order was changed since: shop order show tells how. Settle it with the customer.",
    "not_accepted": "shop dlq show: does its message wait? Else shop refund gives it back.",
    "no_failure": "Nobody's payment failed: shop order show tells what did. Say sorry to the customer.",
    "no_mismatch": "Nobody paid another amount: shop order show tells what did. Say sorry to the customer.",
    "no_invoice": "shop dlq show: does its message wait? shop dlq redrive sends it again.",
    "invoice_unpaid": "The invoice service writes none for such an order: find out who did.",
    "not_mailed": "Put an empty file mails/due/ORDER into the bucket: resend_mails takes it up.",
    "story": "Somebody changed the order by hand: shop order show tells its story.",
}


def reconcile(
    *,
    days: Annotated[float, Parameter(help="Only orders that were placed in so many last days.")] = 30,
    settle: Annotated[
        float, Parameter(help="How many seconds a difference must last, to be none of a moment.")
    ] = SETTLED_SECONDS,
    json: Json = False,
    place: Place = HERE,
) -> Status:
    """Compare what all services know of the orders, and say what to do where they differ. Changes nothing.

    Ends with 3 where something differs. What is only on its way is no difference: while there is one, it is
    looked at again.
    """
    begin = datetime.now(UTC) - timedelta(days=days)
    with console.status("Reading the books ..."):
        books = read_books(place, begin)
        lasting = differences(books)
        end = time.monotonic() + settle
        while lasting and (left := end - time.monotonic()) > 0:
            time.sleep(min(_LOOK_AGAIN_SECONDS, left))
            books = read_books(place, begin)
            before = {one.sentence for one in lasting}
            lasting = [one for one in differences(books) if one.sentence in before]
    if json:
        as_json(
            [
                {
                    "rule": one.rule,
                    "order_id": one.order_id,
                    "sentence": one.sentence,
                    "mend": MENDS[one.rule],
                }
                for one in lasting
            ]
        )
    else:
        _tell(books, lasting)
    return Status.FOUND if lasting else Status.WELL


def _tell(books: Books, found: list[Difference]) -> None:
    for rule in MENDS:
        same = [one for one in found if one.rule == rule]
        for one in same:
            say(f"[red]✗[/] {details(one.sentence)}")
        if same:
            say(f"    → {details(MENDS[rule])}\n")
    counts = {"order": books.orders, "payment": books.payments, "invoice": books.invoices}
    looked = ", ".join(plural(len(some), one) for one, some in counts.items())
    say(f"{looked}: {plural(len(found), 'difference') if found else 'the books balance'}.")


def read_books(place: Place, begin: datetime) -> Books:
    """What the stores have of the orders that were placed since `begin`."""
    first = ids.first_of(begin)
    with ThreadPoolExecutor(8) as pool:
        some_live = pool.submit(
            lambda: list(_pages(place, "order", "audit_orders", OrderRecord, first, _of_record))
        )
        some_payments = pool.submit(
            lambda: list(_pages(place, "payment", "audit_payments", PaymentRecord, first, _of_payment))
        )
        some_held = pool.submit(
            lambda: list(_pages(place, "inventory", "audit_reservations", ReservationRecord, first, _of_held))
        )
        files = {
            folder: pool.submit(_order_ids, place, folder, first)
            for folder in ("invoices", *(f"mails/{state}" for state in ("due", "sent", "refused", "bounced")))
        }
        live, payments = some_live.result(), some_payments.result()
        keys = {folder: some.result() for folder, some in files.items()}
        held = {
            str(one.order_id): {line.product_id: line.quantity for line in one.lines}
            for one in some_held.result()
            if one.state is ReservationState.HELD
        }
        known = {str(one.order.order_id) for one in live}
        # Every order that was ever paid, or is held, has moved to the archive if it is not live any more.
        elsewhere = {str(one.payment.order_id) for one in payments} | held.keys() | keys["invoices"]
        archived = list(pool.map(lambda order_id: _order(place, order_id), sorted(elsewhere - known)))
    return Books(
        [
            *(entry(one.order, stock_is_back=one.stock_returned_at is not None) for one in live),
            *(entry(order, is_archived=True) for order in archived if order),
        ],
        held,
        [
            PaymentEntry(
                one.payment.payment_id,
                str(one.payment.order_id),
                one.payment.status,
                one.payment.amount.amount,
                one.payment.amount.currency,
                one.is_published,
            )
            for one in payments
        ],
        keys["invoices"],
        keys["mails/due"],
        keys["mails/sent"] | keys["mails/refused"] | keys["mails/bounced"],
    )


def entry(order: Order, *, stock_is_back: bool = False, is_archived: bool = False) -> OrderEntry:
    """An order, as it stands in the books."""
    return OrderEntry(
        str(order.order_id),
        order.status,
        {line.product_id: line.quantity for line in order.lines},
        order.total.amount,
        order.total.currency,
        order.payment_id,
        stock_is_back,
        [event.status for event in order.story],
        is_archived,
        order.reason,
    )


def _of_record(record: OrderRecord) -> UUID:
    return record.order.order_id


def _of_payment(record: PaymentRecord) -> UUID:
    return record.payment.order_id


def _of_held(record: ReservationRecord) -> UUID:
    return record.order_id


def _pages(
    place: Place, service: str, function: str, shape: type[T], first: UUID, order_of: Callable[[T], UUID]
) -> Iterator[T]:
    while True:
        answer = place.call(service, function, first=first, last=ids.LARGEST, limit=_PAGE)
        records: list[T] = read(answer, list[shape])  # type: ignore[valid-type]
        yield from records
        if len(records) < _PAGE:
            return
        first = ids.after(order_of(records[-1]))


def _order(place: Place, order_id: str) -> Order | None:
    answer: Any = place.call("order", "get_order", order_id=order_id)
    return read(answer, Order) if answer else None


def _order_ids(place: Place, folder: str, first: UUID) -> set[str]:
    """The orders that have a file in the folder. Ids sort as keys do."""
    pages: Iterable[Any] = (
        place.aws("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=place.bucket, Prefix=f"{folder}/", StartAfter=f"{folder}/{first}")
    )
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    return {key.rpartition("/")[2].removesuffix(".pdf") for key in keys}
