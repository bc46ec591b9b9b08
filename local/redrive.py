"""Dead letters: how many there are, and sending them back to the queues that they came from."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from local.errors import LocalError
from local.provision import PAYMENT_QUEUES

SECONDS = 60


@frozen
class Moved:
    """What was done about one dead-letter queue."""

    queue: str
    found: int
    sent_back: int


def redrive(
    sqs: Any, report: Callable[[str], None] = print, queues: Iterable[str] = PAYMENT_QUEUES.values()
) -> list[Moved]:
    """Send the dead letters of these queues back to them, and report each queue as it is done.

    A message that another reader holds for a moment stays. Whatever made a message fail should be mended
    before: else it comes back after five more tries. `sqs` is a boto3 client.
    """
    return [_redrive(sqs, queue, report) for queue in sorted(queues)]


def _redrive(sqs: Any, queue: str, report: Callable[[str], None]) -> Moved:
    name = f"{queue}-dead-letters"
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    waiting, held = (
        int(attributes.get(key, 0))
        for key in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    )
    if not waiting + held:
        report(f"{name:32}empty")
        return Moved(queue, 0, 0)
    report(f"{name:32}{waiting + held} waiting")
    arn = attributes["QueueArn"]
    # Named, so that a message goes there, too, which somebody put among the dead letters by hand.
    sqs.start_message_move_task(SourceArn=arn, DestinationArn=arn.removesuffix("-dead-letters"))
    sent_back = _until_moved(sqs, name, attributes["QueueArn"])
    left = "" if sent_back >= waiting + held else "; the others are held by a reader: try again in a while"
    report(f"{'':32}{sent_back} sent back to {queue}{left}")
    return Moved(queue, waiting + held, sent_back)


def _until_moved(sqs: Any, name: str, arn: str) -> int:
    """How many messages the task moved that was started last."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        task = sqs.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"][0]
        if task["Status"] == "COMPLETED":
            return int(task.get("ApproximateNumberOfMessagesMoved", 0))
        if task["Status"] != "RUNNING":
            raise LocalError(
                f"The messages of {name} were not moved: {task.get('FailureReason', 'unknown')}."
            )
        time.sleep(0.2)
    raise LocalError(f"The messages of {name} are still being moved after {SECONDS} s. Look again later.")
