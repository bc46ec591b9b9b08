"""What every publisher does: one in memory, and SNS by moto, or LocalStack."""

import json
import time
from collections.abc import Callable
from uuid import UUID

import boto3
import pytest
from attrs import frozen

from common.aws.topic import SnsTopic
from common.events import Message
from common.ports.messages import Publisher
from common.repositories.memory.messages import MemoryTopic


@frozen
class Wire:
    """A publisher, what arrives behind it, and how to cut it off."""

    publisher: Publisher
    arrived: Callable[[int], list[str]]
    """What has come, as soon as that is so many messages."""
    cut: Callable[[], object]


@pytest.fixture(params=["memory", "sns"])
def wire(request: pytest.FixtureRequest) -> Wire:
    if request.param == "memory":
        topic = MemoryTopic()

        def cut() -> None:
            topic.is_down = True

        return Wire(topic, lambda _: [message.body for message in topic.messages], cut)
    request.getfixturevalue("aws")
    arn = boto3.client("sns").create_topic(Name="cdc-payment-created")["TopicArn"]
    url = boto3.client("sqs").create_queue(QueueName="listener")["QueueUrl"]
    queue = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    boto3.client("sns").subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=queue["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )

    def arrived(count: int) -> list[str]:
        found: list[str] = []
        end = time.monotonic() + 20
        while True:
            answer = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            more = answer.get("Messages", [])
            found += [message["Body"] for message in more]
            if not more and (len(found) >= count or time.monotonic() > end):
                return found

    return Wire(SnsTopic(arn), arrived, lambda: boto3.client("sns").delete_topic(TopicArn=arn))


def messages(count: int) -> list[Message]:
    return [Message(UUID(int=number), json.dumps({"number": number})) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 10, 23])
def test_every_message_arrives_as_it_is(wire: Wire, count: int) -> None:
    """However many there are, each id comes back, and each body arrives unchanged."""
    sent = messages(count)
    assert list(wire.publisher.publish(sent)) == [message.message_id for message in sent]
    assert sorted(wire.arrived(count)) == sorted(message.body for message in sent)


def test_what_was_not_taken_is_not_told_to_be(wire: Wire) -> None:
    """A topic that does not answer takes nothing, and raises nothing: the outbox keeps the messages."""
    wire.cut()
    assert list(wire.publisher.publish(messages(3))) == []
