"""The books of a shop: what must be true of all its stores together, as soon as nothing is on its way.

To these rules `shop reconcile` holds a shop, and so do tests/faults and tests/e2e; each has its own way to
read the stores.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

from attrs import frozen

_PATHS = (
    ("reserving", "canceled"),
    ("reserving", "awaiting_payment", "canceled"),
    ("reserving", "awaiting_payment", "delivering"),
    ("reserving", "awaiting_payment", "delivering", "delivered"),
)


@frozen
class OrderEntry:
    """An order; `story` has the states that it came to, in order, `lines` pieces by product, `reason` why it
    was canceled, if it was."""

    order_id: str
    status: str
    lines: Mapping[str, int]
    amount: int
    currency: str
    payment_id: str | None
    stock_is_back: bool
    story: Sequence[str]
    is_archived: bool
    reason: str | None = None


@frozen
class PaymentEntry:
    """A payment as the shop knows it; `is_published`: the other services were told."""

    payment_id: str
    order_id: str
    status: str
    amount: int
    currency: str
    is_published: bool


@frozen
class Books:
    """What all stores have, by ids of orders: `held` are the pieces that each holds, by product.

    `mails_due` and `mailed` are the orders whose mail is to go out, and whose mail went out, or never will.
    """

    orders: Sequence[OrderEntry]
    held: Mapping[str, Mapping[str, int]]
    payments: Sequence[PaymentEntry]
    invoices: Set[str]
    mails_due: Set[str]
    mailed: Set[str]


@frozen
class Difference:
    """One thing that is not as it must be; `rule` names the rule that it breaks."""

    rule: str
    order_id: str
    sentence: str


def differences(books: Books) -> list[Difference]:
    """Everything that is not as it must be; nothing if the books balance."""
    return [
        *_unfinished(books),
        *_places(books),
        *_reservations(books),
        *_payments(books),
        *_reasons(books),
        *_papers(books),
        *_stories(books),
    ]


def held_by(orders: Sequence[OrderEntry]) -> Counter[str]:
    """For each product how many pieces the orders hold that are not canceled, delivered ones among them."""
    held: Counter[str] = Counter()
    for order in orders:
        if order.status != "canceled":
            held.update(order.lines)
    return held


def pieces_missing(before: Mapping[str, int], now: Mapping[str, int], held: Mapping[str, int]) -> list[str]:
    """A sentence for each product of which there was not what there is and what live orders hold."""
    return [
        f"Of {product_id} there were {count}; {now.get(product_id, 0)} left, {held.get(product_id, 0)} held."
        for product_id, count in before.items()
        if count != now.get(product_id, 0) + held.get(product_id, 0)
    ]


def _unfinished(books: Books) -> Iterator[Difference]:
    """Nothing is left in a state, or an outbox, that a schedule should have finished."""
    for order in books.orders:
        if order.status == "reserving":
            yield Difference("half_placed", order.order_id, f"Order {order.order_id} is half placed.")
        if order.status == "canceled" and not order.stock_is_back:
            told = f"Canceled order {order.order_id} is not known to have given its stock back."
            yield Difference("stock_owed", order.order_id, told)
    for payment in books.payments:
        if payment.status == "refund_due":
            told = f"Payment {payment.payment_id} is still to be given back."
            yield Difference("refund_owed", payment.order_id, told)
        if not payment.is_published:
            told = f"The news of payment {payment.payment_id} was never published."
            yield Difference("not_told", payment.order_id, told)
    for order_id in sorted(books.mails_due):
        yield Difference("mail_due", order_id, f"The mail of order {order_id} is still due.")


def _places(books: Books) -> Iterator[Difference]:
    """Every delivered order has moved to the archive, and no other; none is in both."""
    live = {order.order_id for order in books.orders if not order.is_archived}
    for order in books.orders:
        if order.status == "delivered" and not order.is_archived:
            told = f"Order {order.order_id} is delivered, and not archived."
            yield Difference("not_archived", order.order_id, told)
        if order.is_archived and order.status != "delivered":
            told = f"Order {order.order_id} is {order.status}, and in the archive."
            yield Difference("wrongly_archived", order.order_id, told)
        if order.is_archived and order.order_id in live:
            told = f"Order {order.order_id} is live, and in the archive, too."
            yield Difference("in_both", order.order_id, told)


def _reservations(books: Books) -> Iterator[Difference]:
    """Live orders hold their lines; canceled ones hold nothing."""
    live = {order.order_id: order for order in books.orders if order.status != "canceled"}
    for order_id in sorted(books.held.keys() - live.keys()):
        yield Difference("holds_canceled", order_id, f"Order {order_id} is canceled, and holds stock.")
    for order_id, order in live.items():
        held = books.held.get(order_id)
        # While it is being placed, it may hold its lines or nothing.
        if held != order.lines and (held or order.status != "reserving"):
            told = f"Order {order_id} is {order.status}, and holds {dict(held) if held else 'nothing'}."
            yield Difference("holds_other", order_id, told)


def _payments(books: Books) -> Iterator[Difference]:
    """An order accepted one payment at most, of its own amount; whatever was taken and kept has one order."""
    payments = {payment.payment_id: payment for payment in books.payments}
    accepting: defaultdict[str, list[OrderEntry]] = defaultdict(list)
    for order in {order.order_id: order for order in books.orders}.values():
        if order.payment_id:
            accepting[order.payment_id].append(order)
    for payment_id, orders in accepting.items():
        order, known = orders[0], payments.get(payment_id)
        if len(orders) > 1:
            told = f"Payment {payment_id} was accepted by {len(orders)} orders."
            yield Difference("accepted_twice", order.order_id, told)
        if known is None or known.status != "succeeded":
            became = known.status if known else "not known"
            told = f"Payment {payment_id}, which order {order.order_id} accepted, is {became}."
            yield Difference("accepted_and_gone", order.order_id, told)
        elif (known.amount, known.currency) != (order.amount, order.currency):
            told = f"Order {order.order_id} accepted {payment_id}, which is of another amount."
            yield Difference("other_amount", order.order_id, told)
    for payment in books.payments:
        if payment.status == "succeeded" and payment.payment_id not in accepting:
            told = f"Payment {payment.payment_id} was kept, and no order accepted it."
            yield Difference("not_accepted", payment.order_id, told)


def _reasons(books: Books) -> Iterator[Difference]:
    """An order that was canceled because of a payment has a payment for which it was."""
    payments: defaultdict[str, list[PaymentEntry]] = defaultdict(list)
    for payment in books.payments:
        payments[payment.order_id].append(payment)
    for order in books.orders:
        amounts = {(payment.amount, payment.currency) for payment in payments[order.order_id]}
        if order.reason == "payment_failed" and not amounts:
            told = f"Order {order.order_id} is canceled for a failed payment, and there is no payment of it."
            yield Difference("no_failure", order.order_id, told)
        if order.reason == "payment_mismatch" and not amounts - {(order.amount, order.currency)}:
            told = f"Order {order.order_id} is canceled for another amount, which nobody paid."
            yield Difference("no_mismatch", order.order_id, told)


def _papers(books: Books) -> Iterator[Difference]:
    """An invoice and a mail exist exactly for each order that accepted a payment."""
    accepted = {order.order_id for order in books.orders if order.payment_id}
    for order_id in sorted(accepted - books.invoices):
        yield Difference("no_invoice", order_id, f"Order {order_id} is paid, and has no invoice.")
    for order_id in sorted(books.invoices - accepted):
        told = f"Order {order_id} has an invoice, and accepted no payment."
        yield Difference("invoice_unpaid", order_id, told)
    for order_id in sorted(books.invoices - books.mailed - books.mails_due):
        yield Difference("not_mailed", order_id, f"The invoice of order {order_id} was not mailed.")


def _stories(books: Books) -> Iterator[Difference]:
    """Each order's story is a way through the states, and ends with the state that the order is in."""
    for order in books.orders:
        story = tuple(order.story)
        if not any(story == path[: len(story)] for path in _PATHS) or story[-1:] != (order.status,):
            told = (
                f"Order {order.order_id} is {order.status}, and its story is {', '.join(story) or 'empty'}."
            )
            yield Difference("story", order.order_id, told)
