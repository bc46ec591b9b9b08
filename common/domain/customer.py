"""Who asks: a customer or an operator of the shop, as the identity provider vouches for them."""

from common.kinds import value

OPERATORS = "operators"


@value
class Customer:
    """A signed-in person.

    `customer_id` is the `sub` of the verified id token, `email` its verified address, `name` what the
    person is called (empty if they did not say), `groups` the
    groups of the user pool that the person belongs to.
    """

    customer_id: str
    email: str
    name: str
    groups: frozenset[str] = frozenset()

    @property
    def is_operator(self) -> bool:
        return OPERATORS in self.groups
