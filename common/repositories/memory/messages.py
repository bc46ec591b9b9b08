"""A topic in memory."""

from collections.abc import Sequence
from uuid import UUID

from attrs import field

from common.events import Message
from common.kinds import service


@service
class MemoryTopic:
    """`Publisher` that keeps what was published in `messages`, oldest first; while `is_down`, nothing is."""

    messages: list[Message] = field(factory=list)
    is_down: bool = False

    def publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        if self.is_down:
            return []
        self.messages += messages
        return [message.message_id for message in messages]
