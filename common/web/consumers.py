"""What stands around the handlers of queues."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Chalice, SQSEvent

from common.errors import Unavailable
from common.events import PaymentCreated, read_payment_created
from common.logging import about, correlate, handling

# Two internal calls that are answered at the last moment. A function of a queue has more time than this.
LONGEST_MESSAGE_MILLISECONDS = 25_000


def consumer(app: Chalice) -> Callable[[Callable[[PaymentCreated], None]], Callable[..., Any]]:
    """Around a handler of the queue of `cdc-payment-created`: it is handed one message after the other.

    A message that fails is reported alone, as Lambda's partial batch responses are, and comes again; the
    others of its batch are done. So are those that there is no time left for. A message that cannot be read
    fails too, and ends in the dead-letter queue.

    The mapping of the queue must have the response type ReportBatchItemFailures, which Chalice cannot set:
    without it, what is reported here would be lost. local/chalice_runner.py and terraform/ set it.
    """

    def around(handle: Callable[[PaymentCreated], None]) -> Callable[..., Any]:
        def receive(message_id: str, body: str) -> None:
            with handling(app.app_name, handle.__name__, message_id):
                message = read_payment_created(body)
                correlate(message.correlationid)
                about(message.data.order_id)
                handle(message)

        @wraps(handle)
        def handle_batch(event: SQSEvent) -> dict[str, Any]:
            failures = []
            context: Any = event.context
            for record in event:
                message_id = record.to_dict()["messageId"]
                try:
                    if context.get_remaining_time_in_millis() < LONGEST_MESSAGE_MILLISECONDS:
                        raise Unavailable("There is no time left for this message.")
                    receive(message_id, record.body)
                except Exception:
                    failures.append({"itemIdentifier": message_id})
            return {"batchItemFailures": failures}

        return handle_batch

    return around
