"""How many calls of SNS the outbox's relay makes."""

from typing import Any
from uuid import UUID

import pytest

from common.aws.clients import client
from common.aws.topic import SnsTopic
from common.events import Message


@pytest.fixture
def sizes(aws: None) -> list[int]:
    """How many messages each PublishBatch had."""
    found: list[int] = []

    def note(params: dict[str, Any], **_: object) -> None:
        found.append(len(params["PublishBatchRequestEntries"]))

    client("sns").meta.events.register("provide-client-params.sns.PublishBatch", note)
    return found


@pytest.mark.parametrize(("count", "batches"), [(1, [1]), (10, [10]), (23, [3, 10, 10]), (100, [10] * 10)])
def test_messages_go_ten_by_ten(sizes: list[int], count: int, batches: list[int]) -> None:
    """As few calls as SNS allows."""
    topic = SnsTopic(client("sns").create_topic(Name="cdc-payment-created")["TopicArn"])
    topic.publish([Message(UUID(int=number), "{}") for number in range(count)])
    assert sorted(sizes) == batches
