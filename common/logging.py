"""Structured logs, one JSON object a line, each with the correlation id of the request that caused it.

Nothing secret or personal goes into a log: no token, no mail address, no card, no body of a request.
"""

from contextvars import ContextVar
from functools import cache

from aws_lambda_powertools import Logger

_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


@cache
def logger(service: str) -> Logger:
    """The log of a service. Levels and sampling follow Powertools' environment variables."""
    return Logger(service=service)


def correlation_id() -> str:
    """The correlation id of what is being handled; empty where nothing is."""
    return _correlation_id.get()


def correlate(value: str) -> None:
    """From here on, what is logged, called and published carries this correlation id."""
    _correlation_id.set(value)
