"""The pure rules: money, what a payment means to an order, what an invoice is called, and ids."""

from datetime import timedelta
from uuid import UUID

import pytest
from attrs import evolve

from common.clock import RandomIds, SystemClock, uuid7
from common.domain.invoice import invoice_key, invoice_number, mail_due_key, order_of_key
from common.domain.money import LARGEST_AMOUNT, Money
from common.domain.order import CancelReason, Order, OrderStatus, accepted, effect, owed_back, total_of
from common.domain.payment import Payment, PaymentStatus
from common.errors import Invalid
from tests.fakes import START, FakeIds
from tests.samples import LINES, new_order, payment_of

ORDER = evolve(new_order(FakeIds()), status=OrderStatus.AWAITING_PAYMENT)
PAYMENT = payment_of(ORDER)


def test_money_is_counted_in_minor_units() -> None:
    """Sums and multiples are exact, however large."""
    assert Money(1999, "USD") * 3 + Money(3, "USD") == Money(6000, "USD")
    assert Money(LARGEST_AMOUNT, "JPY") + Money(0, "JPY") == Money(LARGEST_AMOUNT, "JPY")


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "", "U$D", "ÜSD", "USD\n", "١٢٣"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    """As ISO 4217 writes them, and nothing around."""
    with pytest.raises(Invalid):
        Money(1, currency)


def test_an_amount_is_one_that_a_store_takes() -> None:
    """Neither negative nor beyond 64 bits, also as the outcome of a sum."""
    for amount in (-1, LARGEST_AMOUNT + 1):
        with pytest.raises(Invalid):
            Money(amount, "USD")
    with pytest.raises(Invalid):
        Money(LARGEST_AMOUNT, "USD") + Money(1, "USD")


def test_currencies_are_not_mixed() -> None:
    """Nobody adds dollars to yen."""
    with pytest.raises(Invalid):
        Money(1, "USD") + Money(1, "JPY")
    with pytest.raises(Invalid):
        total_of([LINES[0], evolve(LINES[1], unit_price=Money(1, "JPY"))])


def test_an_order_costs_what_its_lines_cost() -> None:
    """Each line its quantity times its price."""
    assert total_of(LINES) == Money(4900 + 2 * 1250, "USD")


CANCELED = OrderStatus.CANCELED
EFFECTS = {
    PaymentStatus.SUCCEEDED: (OrderStatus.DELIVERING, None),
    PaymentStatus.FAILED: (CANCELED, CancelReason.PAYMENT_FAILED),
    PaymentStatus.EXPIRED: (CANCELED, CancelReason.PAYMENT_EXPIRED),
}


@pytest.mark.parametrize(("status", "ends"), EFFECTS.items())
def test_a_payment_moves_an_order_that_awaits_it(
    status: PaymentStatus, ends: tuple[OrderStatus, CancelReason | None]
) -> None:
    """To delivery, or to its end with the reason."""
    assert effect(ORDER, evolve(PAYMENT, status=status)) == ends


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (state, status)
        for state in OrderStatus
        for status in EFFECTS
        if state is not OrderStatus.AWAITING_PAYMENT
    ],
)
def test_a_payment_moves_no_other_order(state: OrderStatus, status: PaymentStatus) -> None:
    """Late, early and repeated messages change nothing: a canceled order never comes back."""
    assert effect(evolve(ORDER, status=state), evolve(PAYMENT, status=status)) is None


@pytest.mark.parametrize(
    "amount", [Money(7399, "USD"), Money(7401, "USD"), Money(7400, "EUR"), Money(0, "USD")]
)
def test_another_amount_pays_nothing(amount: Money) -> None:
    """More, less or another currency: the order ends, and the money goes back."""
    payment = evolve(PAYMENT, amount=amount)
    assert effect(ORDER, payment) == (CANCELED, CancelReason.PAYMENT_MISMATCH)
    assert owed_back(evolve(ORDER, status=CANCELED), payment)


def test_money_is_owed_back_where_no_order_took_it() -> None:
    """Only a success, and only one that its order did not take; also where there is no order."""
    taken = evolve(ORDER, status=OrderStatus.DELIVERING, payment_id=PAYMENT.payment_id)
    other = evolve(PAYMENT, payment_id="pi_2")
    cases: list[tuple[Order | None, Payment, bool]] = [
        (taken, PAYMENT, False),
        (taken, other, True),
        (None, PAYMENT, True),
        (evolve(ORDER, status=CANCELED), PAYMENT, True),
        (None, evolve(PAYMENT, status=PaymentStatus.FAILED), False),
        (taken, evolve(other, status=PaymentStatus.REFUNDED), False),
    ]
    for order, payment, owed in cases:
        assert owed_back(order, payment) is owed
    assert accepted(taken, PAYMENT)
    assert not accepted(taken, other)
    assert not accepted(None, PAYMENT)


def test_an_invoice_is_called_by_its_order() -> None:
    """One number and one place an order, and the place tells the order."""
    order = new_order(FakeIds())
    assert invoice_number(order) == f"INV-2026-{order.order_id.hex[-12:].upper()}"
    assert order_of_key(invoice_key(order.order_id)) == order.order_id
    assert not mail_due_key(order.order_id).startswith("invoices/")
    for key in ("invoices/other.pdf", "other", "", "invoices/.pdf"):
        with pytest.raises(ValueError, match="badly formed"):
            order_of_key(key)


def test_ids_are_uuids_of_version_7() -> None:
    """Version and variant as RFC 9562 has them, and the moment in front."""
    made = uuid7(START, b"\xff" * 10)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(START.timestamp() * 1000)
    assert uuid7(START, b"\0" * 10) < made


def test_the_example_of_the_rfc_is_met() -> None:
    """RFC 9562, appendix A.6: its moment and randomness give its id."""
    moment = START.fromtimestamp(0x017F22E279B0 / 1000, START.tzinfo)
    randomness = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert uuid7(moment, randomness) == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


def test_ids_sort_as_their_moments() -> None:
    """Whatever their randomness is."""
    ids = [uuid7(START + timedelta(milliseconds=n), bytes([255 - n]) * 10) for n in range(100)]
    assert ids == sorted(ids)
    assert [str(made) for made in ids] == sorted(str(made) for made in ids)


def test_real_ids_differ() -> None:
    """Of one moment, ten thousand are ten thousand."""
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert len({RandomIds().new(now) for _ in range(10_000)}) == 10_000
