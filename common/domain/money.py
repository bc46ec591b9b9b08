"""Money: integer minor units with an ISO 4217 code."""

import re

from attrs import field, frozen

from common.errors import Invalid

_CODE = re.compile(r"[A-Z]{3}")

# The largest amount that a signed 64-bit column holds.
LARGEST_AMOUNT = 2**63 - 1


@frozen
class Money:
    """An amount of one currency.

    `amount` counts minor units: 1999 with "USD" is 19.99 dollars, 1999 with "JPY" is 1,999 yen.
    `currency` is the three capital letters of ISO 4217.
    """

    amount: int = field()
    currency: str = field()

    @amount.validator
    def _is_a_whole_amount(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= LARGEST_AMOUNT:
            raise Invalid(f"An amount lies between 0 and {LARGEST_AMOUNT} minor units.")

    @currency.validator
    def _is_a_code(self, _attribute: object, value: str) -> None:
        if not _CODE.fullmatch(value):
            raise Invalid("A currency is three capital letters, as in ISO 4217.")

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __add__(self, other: "Money") -> "Money":
        """The sum. Raises `Invalid` where the currencies differ."""
        if other.currency != self.currency:
            raise Invalid(f"{self.currency} and {other.currency} cannot be added: order them apart.")
        return Money(self.amount + other.amount, self.currency)
