"""SNS."""

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from common.aws.clients import client
from common.events import Message
from common.logging import logger

# The most that SNS takes in one PublishBatch.
BATCH = 10


@frozen
class SnsTopic:
    """`Publisher` on an SNS topic."""

    topic_arn: str

    def publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        taken: list[UUID] = []
        for start in range(0, len(messages), BATCH):
            taken += self._publish(messages[start : start + BATCH])
        return taken

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
