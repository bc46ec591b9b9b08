"""The relay: messages that were saved with a payment are published."""

from collections.abc import Callable, Sequence
from uuid import UUID

from common.events import Message
from common.kinds import service
from common.ports.clock import Clock
from common.ports.messages import Publisher
from common.ports.metrics import Metric, Metrics
from common.ports.payments import PaymentRepository

# What is taken on at a time, while its rows are locked: by the schedule, and while somebody waits.
BATCH = 500
FEW = 100


@service
class PublishOutbox:
    payments: PaymentRepository
    publisher: Publisher
    clock: Clock
    metrics: Metrics

    def __call__(self) -> int:
        """Publishes what waits in the outbox, oldest first, each at least once; returns how many.

        A message is marked only after the topic took it. Two relays at once take different messages.
        """
        began = self.clock.now()
        made = [began]

        def send(messages: Sequence[Message]) -> Sequence[UUID]:
            made.append(messages[0].made_at)
            return self.publisher.publish(messages)

        published = 0
        while (count := self._publish(send, BATCH)) == BATCH:
            published += count
        self.metrics.add(Metric.OUTBOX_LAG, (began - min(made)).total_seconds())
        return published + count

    def once(self) -> int:
        """As above, but the oldest messages only: whoever waits for an answer waits for no backlog."""
        return self._publish(self.publisher.publish, FEW)

    def _publish(self, send: Callable[[Sequence[Message]], Sequence[UUID]], limit: int) -> int:
        return self.payments.publish(send, limit, self.clock.now())
