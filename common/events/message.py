"""A message as it is kept, published and received."""

from uuid import UUID

from attrs import frozen


@frozen
class Message:
    """`body` is the JSON text of a CloudEvent; `message_id` is its `id`."""

    message_id: UUID
    body: str
