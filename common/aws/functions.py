"""Internal calls between services: synchronous invocations of Lambda functions."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from common import errors
from common.aws.clients import Client, client
from common.aws.errors import unavailable
from common.codec import write
from common.kinds import service
from common.logging import correlation_id


@service
class LambdaFunctions:
    """`Functions` as Lambda functions named `<service>-<stage>-<function>`, which is how Chalice names them.

    A function answers `{"value": ...}` or `{"error": ...}`: see `common.web.internal`. `client` makes the
    client of an AWS service.
    """

    stage: str
    client: Callable[[str], Client] = client

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> Any:
        with unavailable(f"The {service} service"):
            answer = self.client("lambda").send(
                "Invoke",
                "POST",
                f"/2015-03-31/functions/{service}-{self.stage}-{function}/invocations",
                body=write({"arguments": arguments, "correlation_id": correlation_id()}).encode(),
            )
        if "x-amz-function-error" in answer.headers:
            raise errors.Unavailable(f"The {service} service failed. Please try again.")
        return unwrap(json.loads(answer.body))


def unwrap(payload: dict[str, Any]) -> Any:
    """The value of an internal function's answer; raises the error that it carries instead."""
    if "error" not in payload:
        return payload["value"]
    kind, message = payload["error"]["kind"], payload["error"]["message"]
    match kind:
        case "OutOfStock":
            raise errors.OutOfStock(tuple(payload["error"]["products"]))
        case "NotFound":
            raise errors.NotFound(message)
        case _:
            raise errors.Invalid(message)
