"""The shop's messages as AsyncAPI 3.0: the topic, the queues behind it, and what is published on it."""

import inspect
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import UUID

from chalice.app import SQSEventConfig

from common.events.payment_created import SOURCE, TYPE, PaymentCreated, payment_created
from local.contracts import examples
from local.contracts.apps import load_app
from local.contracts.shapes import Schema, Schemas, text_of
from local.provision import MAX_RECEIVE_COUNT, PAYMENT_QUEUES, PAYMENT_TOPIC
from local.services import SERVICES

# Part of the message's type, and raised there.
MAJOR = int(TYPE.rpartition(".v")[2])

_MESSAGE = PaymentCreated.__name__
_ABOUT = """What the services of the shop tell each other of payments.

A message may come twice, late, and in any order: handle it by its payment's id and state. Fields may be added
at any time: ignore those that you do not know. A change that would break a reader is a new type, of a higher
version; the shop's own readers know the newest version and the one before it."""


def document() -> dict[str, Any]:
    """The whole document, from the code as it is."""
    schemas = Schemas()
    payload = schemas.of(PaymentCreated)
    channels: Schema = {
        PAYMENT_TOPIC: _channel(
            PAYMENT_TOPIC,
            "The SNS topic that every message is published on.",
            {"sns": {"name": PAYMENT_TOPIC}},
        )
    }
    publisher = SOURCE.rpartition("/")[2]
    operations: Schema = {
        f"{publisher}_publishes": _operation("send", PAYMENT_TOPIC, text_of(load_app(publisher)))
    }
    for service, module, handler in _consumers():
        queue = PAYMENT_QUEUES[service]
        channels[queue] = _channel(
            queue,
            f"The SQS queue of the {service} service. It has each message as it was published, without an "
            f"envelope. One that fails {MAX_RECEIVE_COUNT} times goes to the queue of dead letters.",
            {"sqs": {"queue": {"name": queue, "fifoQueue": False}}},
        )
        view = inspect.unwrap(getattr(module, handler).func)
        operations[f"{service}_{handler}"] = _operation("receive", queue, text_of(view))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Messages of the serverless shop",
            "version": f"{MAJOR}",
            "description": "\n\n".join(" ".join(part.split()) for part in _ABOUT.split("\n\n")),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                _MESSAGE: {
                    "name": TYPE,
                    "title": "A payment came to a new state",
                    "summary": text_of(PaymentCreated),
                    "contentType": "application/cloudevents+json",
                    "payload": payload,
                    "examples": [{"payload": example()}],
                }
            },
            "schemas": dict(sorted(schemas.named.items())),
        },
    }


def example() -> dict[str, Any]:
    """A message as the payment service publishes it today."""
    message = payment_created(UUID(examples.NAME), examples.PAYMENT, examples.PAID, examples.NAME)
    event: dict[str, Any] = json.loads(message.body)
    return event


def _consumers() -> Iterator[tuple[str, ModuleType, str]]:
    """The services with a queue, each with its app and the name of the queue's handler there."""
    for service in SERVICES:
        module = load_app(service)
        for source in module.app.event_sources:
            if isinstance(source, SQSEventConfig):
                yield service, module, source.handler_string.rpartition(".")[2]


def _channel(address: str, description: str, bindings: Schema) -> Schema:
    message = {"$ref": f"#/components/messages/{_MESSAGE}"}
    return {
        "address": address,
        "description": description,
        "messages": {_MESSAGE: message},
        "bindings": bindings,
    }


def _operation(action: str, channel: str, description: str) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "description": description,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_MESSAGE}"}],
    }
