"""What stands around every handler of an app.py, so that the handler itself only tells its story."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Request, Response, SQSEvent

from common.codec import plain
from common.errors import Conflict, Invalid, NotFound, OutOfStock, ShopError
from common.events import PaymentCreated, read_payment_created
from common.logging import correlate, correlation_id, logger
from common.web.problems import UNEXPECTED, problem

CORRELATION_HEADER = "x-correlation-id"

Handler = Callable[..., Any]


def endpoint(app: Any) -> Callable[[Handler], Handler]:
    """Around a route's view: errors become problem details, values become JSON.

    A view returns a value (200, presented as JSON), or a Response. Every answer carries the request's
    correlation id. Chalice's own middleware does not see the errors that a view raises, hence this.
    """

    def around(view: Handler) -> Handler:
        @wraps(view)
        def handle(*args: Any, **kwargs: Any) -> Response:
            _correlate(app.current_request)
            try:
                answer = view(*args, **kwargs)
            except ShopError as error:
                answer = problem(error)
            except Exception:
                logger(app.app_name).exception("A request failed unexpectedly")
                answer = problem(UNEXPECTED)
            if not isinstance(answer, Response):
                answer = Response(plain(answer))
            if isinstance(answer.body, str | bytes | dict | list):
                answer.headers.setdefault("Content-Type", "application/json")
            answer.headers["X-Correlation-Id"] = correlation_id()
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return handle

    return around


def internal(app: Any) -> Callable[[Handler], Handler]:
    """Around an internal function: the answer is `{"value": ...}`, or `{"error": ...}` for an error that
    the caller is to raise as its own; `common.aws.functions` reads it. Anything else fails the call.
    """

    def around(function: Handler) -> Handler:
        @wraps(function)
        def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
            correlate(str(event.get("correlation_id", "")))
            try:
                return {"value": plain(function(event.get("arguments", {})))}
            except (Invalid, NotFound, Conflict) as error:
                return {"error": describe(error)}

        return handle

    return around


def consumer(app: Any) -> Callable[[Callable[[PaymentCreated], None]], Handler]:
    """Around a handler of the queue of `cdc-payment-created`: it is handed one message after the other.

    A message that fails is reported alone, as Lambda's partial batch responses are, and comes again; the
    others of its batch are done. A message that cannot be read fails too, and ends in the dead-letter queue.
    """

    def around(handle: Callable[[PaymentCreated], None]) -> Handler:
        @wraps(handle)
        def handle_batch(event: SQSEvent) -> dict[str, Any]:
            failures = []
            for record in event:
                try:
                    message = read_payment_created(record.body)
                    correlate(message.correlationid)
                    handle(message)
                except Exception:
                    message_id = record.to_dict()["messageId"]
                    logger(app.app_name).exception("A message failed", extra={"message_id": message_id})
                    failures.append({"itemIdentifier": message_id})
            return {"batchItemFailures": failures}

        return handle_batch

    return around


def describe(error: ShopError) -> dict[str, Any]:
    """An error as an internal call carries it."""
    products = list(error.products) if isinstance(error, OutOfStock) else []
    code = error.code if isinstance(error, Conflict) else ""
    kind = next(known for known in (OutOfStock, Conflict, NotFound, Invalid) if isinstance(error, known))
    return {"kind": kind.__name__, "message": str(error), "code": code, "products": products}


def _correlate(request: Request) -> None:
    given = request.headers.get(CORRELATION_HEADER, "")
    known = given if given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64 else ""
    correlate(known or str(request.context.get("requestId", "")))
