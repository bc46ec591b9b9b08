"""A message as it is kept, published and received."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from common.errors import Invalid
from common.kinds import value

T = TypeVar("T")


@value
class Message:
    """`body` is the JSON text of a CloudEvent; `message_id` is its `id`."""

    message_id: UUID
    body: str

    @property
    def made_at(self) -> datetime:
        """When it was made, to the millisecond: its id is a UUIDv7, which begins with that."""
        return datetime.fromtimestamp((self.message_id.int >> 80) / 1000, UTC)


def read_event(body: str, readers: Mapping[str, Callable[[dict[str, Any]], T]]) -> T:
    """The value of a CloudEvent, read by the reader of its type, which names its version.

    Raises `Invalid` where it is no CloudEvent of one of these types.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The message is not JSON.") from error
    read = readers.get(str(event.get("type"))) if isinstance(event, dict) else None
    if read is None:
        raise Invalid(f"The message is not of type {' or '.join(readers)}.")
    return read(event)
