"""Money: integer minor units with an ISO 4217 code."""

from attrs import field

from common.domain.rules import Between, Matches
from common.errors import Invalid
from common.kinds import value

# The largest amount that a signed 64-bit column holds.
LARGEST_AMOUNT = 2**63 - 1


@value
class Money:
    """An amount of one currency."""

    amount: int = field(validator=Between(0, LARGEST_AMOUNT))
    """In minor units: 1999 with "USD" is 19.99 dollars, 1999 with "JPY" is 1,999 yen."""
    currency: str = field(validator=Matches("[A-Z]{3}", "must be three capital letters, as in ISO 4217"))

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __add__(self, other: "Money") -> "Money":
        """The sum. Raises `Invalid` where the currencies differ."""
        if other.currency != self.currency:
            raise Invalid(f"{self.currency} and {other.currency} cannot be added: order them apart.")
        return Money(self.amount + other.amount, self.currency)
