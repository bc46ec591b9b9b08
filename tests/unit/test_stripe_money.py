"""Amounts as Stripe counts them."""

import pytest

from common.domain.money import Money
from common.errors import Invalid
from common.payments.stripe_money import from_stripe, to_stripe


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1999, "USD"), 1999),
        (Money(500, "JPY"), 500),
        (Money(1230, "KWD"), 1230),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(500, "MGA"), 5),
    ],
)
def test_each_amount_has_one_of_stripe(money: Money, amount: int) -> None:
    """Minor units of ISO 4217 become Stripe's, and back, where the two differ as well."""
    assert to_stripe(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


def test_what_stripe_cannot_charge_is_invalid() -> None:
    """Stripe takes no part of an ariary."""
    with pytest.raises(Invalid):
        to_stripe(Money(150, "MGA"))


def test_what_is_no_money_is_invalid() -> None:
    """There is no part of a krona."""
    with pytest.raises(Invalid):
        from_stripe(150, "isk")
