"""SNS."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from urllib.parse import urlencode
from uuid import UUID

from common.aws.clients import CallFailed, client, xml
from common.events import Message
from common.kinds import service
from common.logging import logger

# The most that SNS takes in one PublishBatch.
BATCH = 10

# How many of them are on their way at once.
AT_ONCE = 5

_HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@service
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
        form = {"Action": "PublishBatch", "Version": "2010-03-31", "TopicArn": self.topic_arn}
        for number, message in enumerate(messages, 1):
            entry = f"PublishBatchRequestEntries.member.{number}"
            form |= {f"{entry}.Id": str(message.message_id), f"{entry}.Message": message.body}
        try:
            answer = client("sns").send(
                "PublishBatch", "POST", "/", headers=_HEADERS, body=urlencode(form).encode()
            )
        except CallFailed:
            # What was not published stays in the outbox, and the schedule sends it.
            logger("topic").exception("Messages could not be published")
            return []
        told = xml(answer.body)
        for refused in told.iterfind(".//{*}Failed/{*}member"):
            logger("topic").error("A message was not taken", extra={"code": refused.findtext("{*}Code")})
        return [UUID(found.text or "") for found in told.iterfind(".//{*}Successful/{*}member/{*}Id")]
