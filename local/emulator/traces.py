"""Traces through functions, topics and queues, as X-Ray has them on AWS; and a record of all that happens.

The record, `happened.jsonl` among what the emulator keeps, is what the live view shows: a line of JSON for
each call of a function with what it logged, and for each message, object and mail. It has no body of any of
them, and no header of a request: what a learner needs, and nothing that the logs would not have.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Iterator
from contextvars import ContextVar
from email import message_from_bytes
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from local.emulator import mail
from local.emulator.settings import Settings, service, wrap

# Of this size each, the newest file and the one before it are kept.
_MOST_BYTES = 8 * 1024 * 1024
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What is sent from service to service: Root=1-...;Parent=...;Sampled=1. Empty where nobody sent any.
_header: ContextVar[str] = ContextVar("header", default="")


def record_of(state: Path) -> Path:
    """The file of what happened in the emulator whose state is kept there."""
    return state / "happened.jsonl"


def trace_headers(settings: Settings) -> None:
    """Carry a trace from function to function, as Lambda, SNS, SQS and S3 do, and write down each call.

    A function finds the trace's header in its environment, and sends it to whatever it calls; a message that
    a topic puts into a queue has it as `AWSTraceHeader`. MiniStack begins a trace anew at each function.
    """
    lambda_service = service("lambda_svc")

    def hear(original: Any) -> Any:
        async def handle_request(method: str, path: str, headers: Any, *rest: Any, **named: Any) -> Any:
            _header.set(str(headers.get("x-amzn-trace-id", "")))
            return await original(method, path, headers, *rest, **named)

        return handle_request

    def mark(original: Any) -> Any:
        def ensure(message: dict[str, Any]) -> None:
            if _header.get():
                message.setdefault("sys", {}).setdefault("AWSTraceHeader", _header.get())
            original(message)

        return ensure

    def span(original: Any) -> Any:
        def execute(function: Any, event: Any, request_id: str) -> Any:
            given = _parts(_brought(event) or _header.get())
            root = given.get("Root") or f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
            own = secrets.token_hex(8)
            before = _header.set(f"Root={root};Parent={own};Sampled=1")
            began = time.time()
            try:
                outcome = original(function, event, request_id)
            finally:
                _header.reset(before)
            _tell(
                settings,
                "call",
                at=began,
                name=(function.get("config") or function).get("FunctionName", ""),
                cause=_cause(event),
                signed_in_at=_signed_in_at(event),
                trace=root,
                span=own,
                parent=given.get("Parent", ""),
                milliseconds=round((time.time() - began) * 1000, 1),
                failed=bool(outcome.get("error")),
                lines=list(_lines(outcome.get("log") or "")),
            )
            return outcome

        return execute

    for name in ("lambda_svc", "sns", "sqs", "s3"):
        wrap(service(name), "handle_request", hear)
    wrap(service("sqs"), "_ensure_msg_fields", mark)
    wrap(lambda_service, "_xray_trace_id_for_invocation", lambda _: lambda *_: _header.get() or None)
    wrap(lambda_service, "_execute_function_warm", span)


def record(settings: Settings) -> None:
    """Write down what topics publish, queues receive and buckets store, and which mails are sent."""
    notifications = service("sns")

    def published(original: Any) -> Any:
        def fan_out(topic: str, message_id: str, message: str, *rest: Any, **named: Any) -> Any:
            _tell(settings, "published", name=topic.rpartition(":")[2], **_about(message))
            return original(topic, message_id, message, *rest, **named)

        return fan_out

    def queued(original: Any) -> Any:
        def deliver(queue: str, envelope: str, raw: bool, message: str, *rest: Any, **named: Any) -> Any:
            _tell(settings, "queued", name=queue.rpartition(":")[2], **_about(message))
            return original(queue, envelope, raw, message, *rest, **named)

        return deliver

    def stored(original: Any) -> Any:
        def fire(bucket: str, key: str, event: str, *rest: Any, **named: Any) -> Any:
            if event.startswith("s3:ObjectCreated"):
                _tell(settings, "stored", name=key, order_id=_order(key))
            return original(bucket, key, event, *rest, **named)

        return fire

    def mailed(original: Any) -> Any:
        def keep(folder: Path, message_id: str, raw: bytes) -> None:
            original(folder, message_id, raw)
            sent = message_from_bytes(raw)
            _tell(
                settings,
                "mailed",
                name=message_id,
                order_id=str(sent["X-Shop-Order"] or ""),
                correlation_id=str(sent["X-Correlation-Id"] or ""),
            )

        return keep

    wrap(notifications, "_fanout", published)
    wrap(notifications, "_deliver_to_sqs", queued)
    wrap(service("s3"), "_fire_s3_event", stored)
    wrap(mail, "keep", mailed)


@cache
def _writer(state: Path) -> logging.Logger:
    """A log is a file that is written line by line, from several threads, and begun anew when it is full."""
    writer = logging.Logger("happened")
    writer.addHandler(RotatingFileHandler(record_of(state), maxBytes=_MOST_BYTES, backupCount=1))
    return writer


def _tell(settings: Settings, kind: str, **told: Any) -> None:
    _writer(settings.state).info(json.dumps({"kind": kind, "at": time.time(), **told}))


def _parts(header: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in header.split(";") if part)


def _brought(event: Any) -> str:
    """The header that the first message of a batch brings."""
    records = event.get("Records") if isinstance(event, dict) else None
    return str((records or [{}])[0].get("attributes", {}).get("AWSTraceHeader", ""))


def _cause(event: Any) -> str:
    """What called a function: a request, a queue, a bucket, a topic, a schedule, or another function."""
    match event:
        case {"requestContext": {"httpMethod": method, "resourcePath": path}}:
            return f"{method} {path}"
        case {"Records": [{"eventSourceARN": queue}, *_]}:
            return f"queue {queue.rpartition(':')[2]}"
        case {"Records": [{"s3": {"object": {"key": key}}}, *_]}:
            return f"object {key}"
        case {"Records": [{"Sns": {"TopicArn": topic}}, *_]}:
            return f"topic {topic.rpartition(':')[2]}"
        case {"detail-type": "Scheduled Event"}:
            return "schedule"
    return "call"


def _signed_in_at(event: Any) -> float | None:
    """When the customer of a request signed in, as the token says that API Gateway verified."""
    match event:
        case {"requestContext": {"authorizer": {"claims": {"auth_time": at}}}}:
            return float(at)
    return None


def _about(message: str) -> dict[str, str]:
    """The order that a CloudEvent is about, and its correlation id."""
    try:
        event = json.loads(message)
        return {"order_id": _order(event["subject"]), "correlation_id": str(event["correlationid"])}
    except (ValueError, KeyError, TypeError):
        return {}


def _order(text: str) -> str:
    found = _UUID.search(text)
    return found[0] if found else ""


def _lines(log: str) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects."""
    for line in log.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            yield said
