"""Metrics as CloudWatch reads them from the log, and what the outbox's lag is read from."""

import json
from datetime import UTC, datetime

import pytest

from common.aws.metrics import NAMESPACE, LoggedMetrics
from common.clock import uuid7
from common.events import Message
from common.logging import handling
from common.ports.metrics import Metric
from tests.fakes import START


@pytest.mark.parametrize(
    ("metric", "unit"), [(Metric.ORDERS_PLACED, "Count"), (Metric.OUTBOX_LAG, "Seconds")]
)
def test_a_metric_is_a_line_of_the_log(metric: Metric, unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the embedded metric format: one line of JSON that says what it holds, with its stage and cause."""
    with handling("order", "place_order", "corr-1"):
        LoggedMetrics("prod").add(metric, 2.5)
    line = next(line for line in capsys.readouterr().out.splitlines() if "_aws" in line)
    said = json.loads(line)
    [described] = said["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == NAMESPACE
    assert described["Dimensions"] == [["Stage"]]
    assert described["Metrics"] == [{"Name": metric.value, "Unit": unit}]
    assert (said[metric.value], said["Stage"], said["correlation_id"]) == (2.5, "prod", "corr-1")


@pytest.mark.parametrize("at", [START, datetime(2040, 2, 29, 23, 59, 59, 999000, tzinfo=UTC)])
def test_a_message_tells_when_it_was_made(at: datetime) -> None:
    """By its id, to the millisecond, whatever the id's randomness is."""
    assert Message(uuid7(at, b"\xff" * 10), "").made_at == at
