"""Time and new ids: ports, so that whoever composes the shop, or tests it, decides them."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, in UTC, with its zone."""
        ...


class Ids(Protocol):
    def new(self, at: datetime) -> UUID:
        """A new UUIDv7 (RFC 9562) for the moment `at`: ids sort as their moments do."""
        ...
