"""Dead letters: messages that their service received five times, and never handled."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Parameter

from local.redrive import redrive as move_all
from local.services import CONSUMERS
from operations.errors import OperationError, Status
from operations.logs import DAYS, find_lines
from operations.place import HERE, Place
from operations.say import Json, Yes, as_json, confirm, details, moment, plural, say, table

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


def _peek(sqs: Any, service: str) -> list[Letter]:
    """Every letter, given back at once."""
    found = _held(sqs, service)
    url = sqs.get_queue_url(QueueName=queue_of(service))["QueueUrl"]
    for letter in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
    return sorted(found, key=lambda letter: letter.sent_at)


def _held(sqs: Any, service: str) -> list[Letter]:
    """Every letter, in our hands for a while."""
    if not waiting(sqs, queue_of(service)):
        return []
    url = sqs.get_queue_url(QueueName=queue_of(service))["QueueUrl"]
    taken: dict[str, Letter] = {}
    while more := _receive(sqs, url):
        fresh = {message["MessageId"]: read_letter(service, message) for message in more}
        is_again = fresh.keys() <= taken.keys()
        # Of a message that came again, only the newest receipt is good.
        taken |= fresh
        if is_again:
            break
    return list(taken.values())


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


def list_queues(*, json: Json = False, place: Place = HERE) -> Status:
    """Count the dead letters of each queue.

    Ends with 3 where there are any.
    """
    counts = {queue_of(service): waiting(place.aws("sqs"), queue_of(service)) for service in CONSUMERS}
    if json:
        as_json([{"queue": queue, "waiting": count} for queue, count in counts.items()])
    else:
        table(["queue", "waiting>"], [[queue, str(count)] for queue, count in counts.items()])
    return Status.FOUND if any(counts.values()) else Status.WELL


Service = Annotated[
    str | None, Parameter(help=f"Only those of one service: {', '.join(CONSUMERS)}.", show_default=False)
]


def show(*, service: Service = None, json: Json = False, place: Place = HERE) -> Status:
    """Show each dead letter, and the error of its last try beside it.

    Reading leaves the messages where they are. Ends with 3 where there are any.
    """
    found = [(letter, _error_of(place, letter)) for letter in letters(place, _chosen(service))]
    if json:
        as_json([{**_told(letter), "error": error} for letter, error in found])
        return Status.FOUND if found else Status.WELL
    for letter, error in found:
        say(f"[bold]{letter.message_id}[/] in {letter.queue}, sent {moment(letter.sent_at)}")
        say(
            f"  order {letter.order_id}: payment {letter.status}"
            if letter.order_id
            else "  it cannot be read"
        )
        say(f"  [red]{details(error)}[/]\n")
    say(
        f"{plural(len(found), 'dead letter')}. Mend what failed, then: shop dlq redrive" if found else "None."
    )
    return Status.FOUND if found else Status.WELL


def redrive(
    *messages: str,
    service: Service = None,
    yes: Yes = False,
    place: Place = HERE,
) -> Status:
    """Send dead letters back to the queues that they came from.

    Whatever made them fail should be mended before: else they are back after five more tries.

    Parameters
    ----------
    messages
        Ids of messages, as shop dlq show tells them; all, where none is named.
    """
    chosen = _chosen(service)
    if messages:
        return _redrive_some(place, chosen, set(messages), yes)
    counts = {one: waiting(place.aws("sqs"), queue_of(one)) for one in chosen}
    if not any(counts.values()):
        say("There is no dead letter.")
        return Status.WELL
    told = ", ".join(f"{count} to {one}-payments" for one, count in counts.items() if count)
    confirm(f"In {place.name}, messages are sent back: {told}.", yes)
    move_all(place.aws("sqs"), say, [f"{one}-payments" for one, count in counts.items() if count])
    return Status.WELL


def _redrive_some(place: Place, services: Iterable[str], wanted: set[str], yes: bool) -> Status:
    sqs = place.aws("sqs")
    found = {letter.message_id: letter for letter in letters(place, services)}
    if missing := sorted(wanted - found.keys()):
        raise OperationError(
            f"There is no dead letter {', '.join(missing)}: shop dlq show tells which there are."
        )
    for message_id in sorted(wanted):
        letter = found[message_id]
        confirm(f"In {place.name}, {message_id} is sent back to {letter.service}-payments.", yes)
    for service in services:
        _send_back(sqs, service, {one for one in wanted if found[one].service == service})
    say(f"{plural(len(wanted), 'message')} sent back.")
    return Status.WELL


def _send_back(sqs: Any, service: str, wanted: set[str]) -> None:
    """First sent, then removed: where that is interrupted, a message comes twice, which changes nothing."""
    dead = sqs.get_queue_url(QueueName=queue_of(service))["QueueUrl"]
    work = sqs.get_queue_url(QueueName=f"{service}-payments")["QueueUrl"]
    for letter in _held(sqs, service) if wanted else ():
        if letter.message_id in wanted:
            sqs.send_message(QueueUrl=work, MessageBody=letter.body)
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter.receipt)
        else:
            sqs.change_message_visibility(QueueUrl=dead, ReceiptHandle=letter.receipt, VisibilityTimeout=0)


def _chosen(service: str | None) -> list[str]:
    if service is not None and service not in CONSUMERS:
        raise OperationError(f"{service} has no queue. Those that have one: {', '.join(CONSUMERS)}.")
    return [service] if service else list(CONSUMERS)


def _error_of(place: Place, letter: Letter) -> str:
    """What the last try of it said. A message that nobody can read is told by its own id."""
    end = letter.sent_at + timedelta(days=DAYS)
    about = letter.order_id or letter.message_id
    lines = find_lines(place, [(letter.service, "on_payment")], about, letter.sent_at, end)
    failed = [line.text for line in lines if line.level == "ERROR"]
    return failed[-1] if failed else "The logs tell no error of it (any more)."


def _told(letter: Letter) -> dict[str, object]:
    return {
        name: getattr(letter, name)
        for name in ("message_id", "queue", "order_id", "status", "sent_at", "body")
    }
