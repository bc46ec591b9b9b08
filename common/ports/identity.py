"""Who vouches for customers."""

from typing import Protocol

from common.domain.customer import Customer


class Tokens(Protocol):
    def verify(self, token: str) -> Customer:
        """The person that an id token was issued to.

        Raises `Unauthenticated` for every token that is not a valid one of the shop's own pool and
        client: unsigned, expired, not yet valid, of another use, without a verified address.
        """
        ...
