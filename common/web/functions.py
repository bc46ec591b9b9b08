"""What stands around the functions that AWS or another service starts, so that they only tell their story."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Chalice

from common.codec import plain
from common.errors import Invalid, NotFound, OutOfStock
from common.logging import about, handling

Handler = Callable[..., Any]


def internal(app: Chalice) -> Callable[[Handler], Handler]:
    """Around an internal function: the answer is `{"value": ...}`, or `{"error": ...}` for an error that
    the caller is to raise as its own; `common.aws.functions` reads it. Anything else fails the call.
    """

    def around(function: Handler) -> Handler:
        @wraps(function)
        def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
            arguments = event.get("arguments", {})
            with handling(app.app_name, function.__name__, str(event.get("correlation_id", ""))):
                about(_order_of(arguments))
                try:
                    return {"value": plain(function(arguments))}
                except (Invalid, NotFound, OutOfStock) as error:
                    return {"error": describe(error)}

        return handle

    return around


def triggered(app: Chalice) -> Callable[[Handler], Handler]:
    """Around a handler of a schedule, a bucket or a topic: what it does is told apart by its invocation."""

    def around(handler: Handler) -> Handler:
        @wraps(handler)
        def handle(event: Any) -> Any:
            request_id = getattr(event.context, "aws_request_id", "")
            with handling(app.app_name, handler.__name__, request_id):
                return handler(event)

        return handle

    return around


def describe(error: Invalid | NotFound | OutOfStock) -> dict[str, Any]:
    """An error as an internal call carries it."""
    kind = next(known for known in (OutOfStock, NotFound, Invalid) if isinstance(error, known))
    return {"kind": kind.__name__, "message": str(error), "products": list(getattr(error, "products", ()))}


def _order_of(arguments: dict[str, Any]) -> str:
    """The order that a call names, if it names one; whether the call is right is the function's to say."""
    payment = arguments.get("payment")
    return str(arguments.get("order_id") or (isinstance(payment, dict) and payment.get("order_id")) or "")
