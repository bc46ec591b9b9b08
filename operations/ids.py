"""Ids of orders as people type them, and the time that is in each."""

from datetime import UTC, datetime
from uuid import UUID

from operations.errors import OperationError

NONE, LARGEST = UUID(int=0), UUID(int=2**128 - 1)


def order_id(text: str) -> UUID:
    """Raises `OperationError` for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise OperationError(
            f"{text!r} is no order's id: one is like 0199d3f2-7c1a-7e55-8f3b-5a0c4d1e2f30."
        ) from None


def made_at(known: UUID) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((known.int >> 80) / 1000, UTC)


def first_of(moment: datetime) -> UUID:
    """The least id that a UUIDv7 made at that moment can have."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def after(known: UUID) -> UUID:
    """The next id; of the largest there is none, which no order has."""
    return UUID(int=known.int + 1)
