"""Amounts as Stripe counts them."""

from common.domain.money import Money
from common.errors import Invalid

# Stripe counts minor units too, but not everywhere those of ISO 4217: the krona and the shilling, which have
# none, are sent as if they had two decimals, and the ariary, which has, is sent without.
# https://docs.stripe.com/currencies#special-cases
_STRIPE_UNITS_A_MINOR_UNIT = {"ISK": 100, "UGX": 100}
_MINOR_UNITS_A_STRIPE_UNIT = {"MGA": 100}


def to_stripe(money: Money) -> int:
    """The amount that stands for `money` in Stripe's API.

    Raises `Invalid` for a part of a unit that Stripe cannot charge.
    """
    units, rest = divmod(money.amount, _MINOR_UNITS_A_STRIPE_UNIT.get(money.currency, 1))
    if rest:
        raise Invalid(f"The payment provider takes whole amounts of {money.currency} only.")
    return units * _STRIPE_UNITS_A_MINOR_UNIT.get(money.currency, 1)


def from_stripe(amount: int, currency: str) -> Money:
    """The money that an amount of Stripe's API stands for; `currency` may be in small letters.

    Raises `Invalid` where there is no such amount of money.
    """
    code = currency.upper()
    units, rest = divmod(amount, _STRIPE_UNITS_A_MINOR_UNIT.get(code, 1))
    if rest:
        raise Invalid(f"There are no parts of one {code}.")
    return Money(units * _MINOR_UNITS_A_STRIPE_UNIT.get(code, 1), code)
