"""What the functions of the running shop did, read from the log line that every handler writes."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from local.emulator.clients import client
from local.provision import STAGE


@frozen
class Handled:
    """One thing that one handler did."""

    service: str
    handler: str
    milliseconds: float
    correlation_id: str
    order_id: str


@define
class Traces:
    """Reads CloudWatch Logs of the shop's functions."""

    _logs: Any = field(factory=lambda: client("logs"), repr=False)

    def first(self, service: str, handler: str, order_id: str, since: datetime) -> Handled | None:
        """What the handler did first for the order, since then; None if it did not yet."""
        return next(
            (
                handled
                for handled in self.handled(service, since)
                if handled.handler == handler and handled.order_id == order_id
            ),
            None,
        )

    def handled(self, service: str, since: datetime) -> Iterator[Handled]:
        """What all handlers of a service did since then."""
        for group in self._groups(service):
            answer = self._logs.filter_log_events(
                logGroupName=group, startTime=int(since.timestamp() * 1000), filterPattern="Handled"
            )
            for event in answer["events"]:
                yield from _read(service, event["message"])

    def _groups(self, service: str) -> list[str]:
        found = self._logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{service}-{STAGE}")
        return [group["logGroupName"] for group in found["logGroups"]]


def _read(service: str, line: str) -> Iterator[Handled]:
    try:
        said: Mapping[str, Any] = json.loads(line)
    except ValueError:
        return
    if said.get("message") == "Handled":
        yield Handled(
            service, said["handler"], said["milliseconds"], said["correlation_id"], said.get("order_id", "")
        )
