"""Structured logs, one JSON object a line, each with the correlation id of the request that caused it.

Nothing secret or personal goes into a log: no token, no mail address, no card, no body of a request.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from uuid import UUID

from attrs import evolve
from pythonjsonlogger.json import JsonFormatter

from common.kinds import value
from common.settings import trace


@value
class _Handled:
    """What is being handled now."""

    correlation_id: str = ""
    order_id: str = ""


_NOTHING = _Handled()
_handled: ContextVar[_Handled] = ContextVar("handled", default=_NOTHING)

_OUR_NAMES = {"levelname": "level", "name": "service", "lineno": "line", "exc_info": "exception"}


class _Printed(logging.Handler):
    """Lambda keeps what is printed."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), flush=True)
        except Exception:
            # A line that cannot be written is told elsewhere, and stops no order.
            self.handleError(record)


@cache
def logger(service: str) -> logging.Logger:
    """The log of a service, from INFO on: each line also tells when and where it was written."""
    log = logging.getLogger(service)
    log.setLevel(logging.INFO)
    # Lambda's own handler would write each line once more.
    log.propagate = False
    printed = _Printed()
    printed.setFormatter(
        JsonFormatter(
            ("levelname", "name", "message", "module", "lineno"),
            rename_fields=_OUR_NAMES,
            timestamp=True,
        )
    )
    printed.addFilter(_add_what_is_handled)
    log.addHandler(printed)
    return log


def correlation_id() -> str:
    """The correlation id of what is being handled; empty where nothing is."""
    return _handled.get().correlation_id


@contextmanager
def handling(service: str, handler: str, correlation_id: str) -> Iterator[None]:
    """Around the work of one handler: all that is logged, called and published within carries its
    correlation id, and at the end one line, "Handled" or "Failed", tells how long it took, in milliseconds.
    """
    token = _handled.set(_Handled(correlation_id))
    began = time.perf_counter()
    try:
        yield
        logger(service).info("Handled", extra=_done(handler, began))
    except Exception:
        logger(service).exception("Failed", extra=_done(handler, began))
        raise
    finally:
        _handled.reset(token)


def about(order_id: UUID | str | None) -> None:
    """What is logged from here on, by this handler, is about this order, if it is one."""
    _handled.set(evolve(_handled.get(), order_id=str(order_id or "")))


def correlate(correlation_id: str) -> None:
    """What is logged, called and published from here on, by this handler, carries this correlation id."""
    _handled.set(evolve(_handled.get(), correlation_id=correlation_id))


def _done(handler: str, began: float) -> dict[str, object]:
    return {"handler": handler, "milliseconds": round((time.perf_counter() - began) * 1000, 2)}


def _add_what_is_handled(record: logging.LogRecord) -> bool:
    handled = _handled.get()
    record.correlation_id = handled.correlation_id
    if handled.order_id:
        record.order_id = handled.order_id
    if traced := trace():
        record.xray_trace_id = traced.partition(";")[0].removeprefix("Root=")
    return True
