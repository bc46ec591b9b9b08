"""SNS."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from common.aws.clients import client
from common.events import Message
from common.logging import logger

# The most that SNS takes in one PublishBatch.
BATCH = 10

# How many of them are on their way at once; botocore keeps ten connections.
AT_ONCE = 5


@frozen
class SnsTopic:
    """`Publisher` on an SNS topic."""

    topic_arn: str

    def publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        batches = [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]
        if len(batches) < 2:
            return [message_id for batch in batches for message_id in self._publish(batch)]
        # What is logged in a thread carries the correlation id of this one.
        contexts = [copy_context() for _ in batches]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            taken = pool.map(lambda context, batch: context.run(self._publish, batch), contexts, batches)
            return [message_id for batch in taken for message_id in batch]

    def _publish(self, messages: Sequence[Message]) -> list[UUID]:
        entries = [{"Id": str(message.message_id), "Message": message.body} for message in messages]
        try:
            answer = client("sns").publish_batch(TopicArn=self.topic_arn, PublishBatchRequestEntries=entries)
        except (ClientError, BotoCoreError):
            # What was not published stays in the outbox, and the schedule sends it.
            logger("topic").exception("Messages could not be published")
            return []
        for entry in answer.get("Failed", []):
            logger("topic").error("A message was not taken", extra={"code": entry.get("Code")})
        return [UUID(entry["Id"]) for entry in answer.get("Successful", [])]
