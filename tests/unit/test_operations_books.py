"""The books of a shop: each rule tells of what breaks it, and of nothing else."""

import pytest
from attrs import evolve

from operations.books import Books, OrderEntry, PaymentEntry, differences, held_by, pieces_missing
from operations.reconcile import MENDS

DELIVERING = ("reserving", "awaiting_payment", "delivering")
PAID = OrderEntry("o1", "delivering", {"tea": 2}, 500, "USD", "p1", False, DELIVERING, False)
SENT = evolve(PAID, order_id="o2", payment_id="p2", status="delivered", story=(*DELIVERING, "delivered"))
SENT = evolve(SENT, is_archived=True)
CANCELED = OrderEntry(
    "o3", "canceled", {"tea": 1}, 250, "USD", None, True, ("reserving", "awaiting_payment", "canceled"), False
)
ODD = evolve(CANCELED, order_id="o5")
NEW = OrderEntry("o4", "reserving", {"pot": 1}, 900, "USD", None, False, ("reserving",), False)
PAYMENTS = [
    PaymentEntry("p1", "o1", "succeeded", 500, "USD", True),
    PaymentEntry("p2", "o2", "succeeded", 500, "USD", True),
    PaymentEntry("p3", "o3", "refunded", 250, "USD", True),
    PaymentEntry("p4", "o3", "failed", 250, "USD", True),
]
RIGHT = Books(
    [PAID, SENT, CANCELED],
    {"o1": {"tea": 2}, "o2": {"tea": 2}},
    PAYMENTS,
    invoices={"o1", "o2"},
    mails_due=set(),
    mailed={"o1", "o2"},
)


def replaced(books: Books, order: OrderEntry) -> Books:
    """With this order in the place of the one of its id."""
    others = [one for one in books.orders if one.order_id != order.order_id]
    return evolve(books, orders=[*others, order])


def paying(status: str, number: int = 0, **more: object) -> Books:
    """With another state of one of the payments."""
    payments = list(PAYMENTS)
    payments[number] = evolve(payments[number], status=status, **more)
    return evolve(RIGHT, payments=payments)


def test_books_that_are_right_are_right() -> None:
    """Paid, delivered and canceled orders, payments that failed or went back: no difference."""
    assert differences(RIGHT) == []


@pytest.mark.parametrize(
    ("rule", "books"),
    [
        ("half_placed", evolve(RIGHT, orders=[*RIGHT.orders, NEW])),
        ("stock_owed", replaced(RIGHT, evolve(CANCELED, stock_is_back=False))),
        ("refund_owed", paying("refund_due", 2)),
        ("not_told", paying("failed", 3, is_published=False)),
        ("mail_due", evolve(RIGHT, mails_due={"o1"}, mailed={"o2"})),
        ("not_archived", replaced(RIGHT, evolve(SENT, is_archived=False))),
        ("wrongly_archived", replaced(RIGHT, evolve(PAID, is_archived=True))),
        ("in_both", evolve(RIGHT, orders=[*RIGHT.orders, evolve(PAID, is_archived=True)])),
        ("holds_canceled", evolve(RIGHT, held={**RIGHT.held, "o3": {"tea": 1}})),
        ("holds_other", evolve(RIGHT, held={"o2": {"tea": 2}})),
        ("holds_other", evolve(RIGHT, held={**RIGHT.held, "o1": {"tea": 1}})),
        ("accepted_twice", replaced(paying("failed", 1), evolve(SENT, payment_id="p1"))),
        ("accepted_and_gone", paying("refunded")),
        ("accepted_and_gone", evolve(RIGHT, payments=PAYMENTS[1:])),
        ("other_amount", paying("succeeded", amount=499)),
        ("other_amount", paying("succeeded", currency="EUR")),
        ("not_accepted", paying("succeeded", 2)),
        ("no_failure", replaced(RIGHT, evolve(ODD, reason="payment_failed"))),
        ("no_mismatch", replaced(RIGHT, evolve(CANCELED, reason="payment_mismatch"))),
        ("no_invoice", evolve(RIGHT, invoices={"o2"})),
        ("invoice_unpaid", evolve(RIGHT, invoices={"o1", "o2", "o3"}, mailed={"o1", "o2", "o3"})),
        ("not_mailed", evolve(RIGHT, mailed={"o1"})),
        ("story", replaced(RIGHT, evolve(PAID, story=("reserving", "delivering")))),
        ("story", replaced(RIGHT, evolve(PAID, story=DELIVERING[:2]))),
    ],
)
def test_each_rule_is_held(rule: str, books: Books) -> None:
    """What breaks it is told, and what to do about it is known."""
    assert rule in {one.rule for one in differences(books)}
    assert rule in MENDS


def test_what_is_being_placed_may_hold_its_pieces_or_nothing() -> None:
    """But no others."""
    placing = evolve(RIGHT, orders=[*RIGHT.orders, NEW])
    for held, wrong in (({}, False), ({"pot": 1}, False), ({"pot": 2}, True)):
        books = evolve(placing, held={**RIGHT.held, **({"o4": held} if held else {})})
        assert ("holds_other" in {one.rule for one in differences(books)}) == wrong


def test_every_rule_has_its_mend() -> None:
    """Nothing is told that nobody knows what to do about; each mend is of a rule that is tested here."""
    tested = {values[0] for values in test_each_rule_is_held.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tested == set(MENDS)


def test_pieces_are_counted() -> None:
    """What there was is what there is and what live orders hold, of each product."""
    held = held_by(RIGHT.orders)
    assert held == {"tea": 4}
    assert pieces_missing({"tea": 10, "pot": 3}, {"tea": 6, "pot": 3}, held) == []
    [told] = pieces_missing({"tea": 10}, {"tea": 5}, held)
    assert told == "Of tea there were 10; 5 left, 4 held."
