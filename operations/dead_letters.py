"""Dead letters: messages that their service received five times, and never handled."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from local.services import CONSUMERS
from operations.place import Place

# Long enough to read all of them; then everybody can have them again, whatever happens to this process.
HIDDEN_SECONDS = 20


@frozen
class Letter:
    """One dead letter, and what it is about, where it can be read."""

    message_id: str
    service: str
    queue: str
    order_id: str
    status: str
    """What the message says of the payment."""
    sent_at: datetime
    body: str
    receipt: str


def queue_of(service: str) -> str:
    return f"{service}-payments-dead-letters"


def waiting(sqs: Any, queue: str) -> int:
    """How many messages are in the queue, in somebody's hands or not."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def letters(place: Place, services: Iterable[str] = CONSUMERS) -> list[Letter]:
    """All dead letters that nobody else reads just now; each is left where it is."""
    sqs = place.aws("sqs")
    return [letter for service in services for letter in _peek(sqs, service)]


def _peek(sqs: Any, service: str) -> Iterator[Letter]:
    queue = queue_of(service)
    if not waiting(sqs, queue):
        return
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    taken: dict[str, Letter] = {}
    try:
        while more := _receive(sqs, url):
            fresh = {message["MessageId"]: read_letter(service, message) for message in more}
            if fresh.keys() <= taken.keys():
                break
            taken |= fresh
    finally:
        for letter in taken.values():
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
    yield from sorted(taken.values(), key=lambda letter: letter.sent_at)


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=1,
        AttributeNames=["SentTimestamp"],
    )
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found


def read_letter(service: str, message: dict[str, Any]) -> Letter:
    """A message as SQS gives it; also one that no service could read."""
    try:
        told = json.loads(message["Body"])
        about = told["data"]
        order, status = str(about["order_id"]), str(about["status"])
    except (ValueError, KeyError, TypeError):
        order, status = "", "unreadable"
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return Letter(
        message["MessageId"],
        service,
        queue_of(service),
        order,
        status,
        sent,
        message["Body"],
        message["ReceiptHandle"],
    )
