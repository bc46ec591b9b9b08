"""The relay: messages that were saved with a payment are published."""

from attrs import frozen

from common.ports.clock import Clock
from common.ports.messages import Publisher
from common.ports.payments import PaymentRepository

# What one run takes on at a time, while its rows are locked.
BATCH = 100


@frozen
class PublishOutbox:
    payments: PaymentRepository
    publisher: Publisher
    clock: Clock

    def __call__(self) -> int:
        """Publishes what waits in the outbox, oldest first, each at least once; returns how many.

        A message is marked only after the topic took it. Two relays at once take different messages.
        """
        published = 0
        while (count := self.once()) == BATCH:
            published += count
        return published + count

    def once(self) -> int:
        """As above, but the oldest messages only: whoever waits for an answer waits for no backlog."""
        return self.payments.publish(self.publisher.publish, BATCH, self.clock.now())
