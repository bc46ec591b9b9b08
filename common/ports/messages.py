"""Telling the other services."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from common.events import Message


class Publisher(Protocol):
    def publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        """Publishes the messages and returns the ids of those that were taken for certain.

        A message whose id is missing may have been published all the same: receivers are idempotent.
        """
        ...
