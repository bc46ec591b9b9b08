"""What API Gateway answers by itself, before or instead of a service: problems, as the services answer them.

Chalice writes an API's specification and has no setting for this; what is added here goes with it, to AWS and
to the emulator alike. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Iterable
from typing import Any

Specification = dict[str, Any]


def add_problems(api: Specification) -> None:
    """Adds problem details to an API's specification: for API Gateway's own errors, and unknown methods."""
    # The app that is packaged brings these, and may be another one than this checkout has.
    from common.errors import Forbidden, NotFound, ShopError, Unauthenticated, Unavailable
    from common.web.problems import (
        Malformed,
        MethodNotAllowed,
        TimedOut,
        TooLarge,
        TooManyRequests,
        Unexpected,
        UnsupportedMediaType,
    )

    answered: dict[str, ShopError] = {
        "ACCESS_DENIED": Forbidden("This is not allowed."),
        "API_CONFIGURATION_ERROR": Unexpected(),
        "AUTHORIZER_CONFIGURATION_ERROR": Unexpected(),
        "AUTHORIZER_FAILURE": Unexpected(),
        "BAD_REQUEST_BODY": Malformed("The request cannot be read."),
        "BAD_REQUEST_PARAMETERS": Malformed("The request cannot be read."),
        # What has no type of its own: a function that failed, and a request that is none.
        "DEFAULT_4XX": Malformed("The request cannot be read."),
        "DEFAULT_5XX": Unexpected(),
        "EXPIRED_TOKEN": Unauthenticated("Your sign-in is not valid, or no longer. Sign in again."),
        "INTEGRATION_FAILURE": Unavailable("The service does not answer. Please try again."),
        "INTEGRATION_TIMEOUT": TimedOut("The shop took too long. What was asked may be done, or not."),
        # No path, or no method, which the paths below answer themselves.
        "MISSING_AUTHENTICATION_TOKEN": NotFound("There is nothing at this address."),
        "QUOTA_EXCEEDED": TooManyRequests("Too many requests came at once. Please try again."),
        "REQUEST_TOO_LARGE": TooLarge("A request may have at most 10 MB."),
        "THROTTLED": TooManyRequests("Too many requests came at once. Please try again."),
        "UNAUTHORIZED": Unauthenticated("Sign in, and send your id token in the Authorization header."),
        "UNSUPPORTED_MEDIA_TYPE": UnsupportedMediaType("Send the body as application/json."),
        "WAF_FILTERED": Forbidden("This is not allowed."),
    }
    api["x-amazon-apigateway-gateway-responses"] = {
        kind: _gateway_response(error) for kind, error in answered.items()
    }
    not_allowed = MethodNotAllowed("This address does not know this method.")
    for methods in api["paths"].values():
        methods["x-amazon-apigateway-any-method"] = _any_method(not_allowed, sorted(methods))


def _gateway_response(error: Any) -> Specification:
    status, headers, text = _told(error)
    headers["X-Correlation-Id"] = "context.requestId"
    return {
        "statusCode": status,
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        # Whatever the client accepts, this one is taken.
        "responseTemplates": {"application/json": text},
    }


def _any_method(error: Any, allowed: Iterable[str]) -> Specification:
    """A method that nobody serves: API Gateway answers, without a function, and asks for no token."""
    status, headers, text = _told(error)
    headers["Allow"] = f"'{', '.join(method.upper() for method in allowed)}'"
    return {
        "produces": ["application/problem+json"],
        "responses": {
            status: {"description": "", "headers": {name: {"type": "string"} for name in headers}},
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": "never",
            "requestTemplates": {"application/json": json.dumps({"statusCode": int(status)})},
            "responses": {
                "default": {
                    "statusCode": status,
                    "responseParameters": {
                        f"method.response.header.{name}": value for name, value in headers.items()
                    },
                    "responseTemplates": {"application/json": text},
                }
            },
        },
    }


def _told(error: Any) -> tuple[str, dict[str, str], str]:
    """Status, headers and body of an error, as API Gateway takes them: what is quoted is a constant to it."""
    from common.web.problems import problem

    answer = problem(error)
    headers = {name: f"'{value}'" for name, value in answer.headers.items()}
    return str(answer.status_code), headers, json.dumps(answer.body)
