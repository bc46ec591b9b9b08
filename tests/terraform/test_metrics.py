"""What the code measures is what the dashboard and the alarms show, by the same names."""

import json
from typing import Any

from common.aws.metrics import NAMESPACE
from common.ports.metrics import Metric
from tests.terraform.conftest import Environment
from tests.terraform.made import Made, made


def _charted(plan: Made) -> list[list[str]]:
    (dashboard,) = plan.of("aws_cloudwatch_dashboard").values()
    widgets: list[dict[str, Any]] = json.loads(dashboard["dashboard_body"])["widgets"]
    return [metric for widget in widgets for metric in widget["properties"]["metrics"]]


def test_the_dashboard_shows_each_metric_of_the_shop(environment: Environment) -> None:
    """Each once, with the stage that the functions write, and none that nobody writes."""
    plan = made(environment("prod").states["applied"])
    shown = sorted(metric for metric in _charted(plan) if metric[0] == NAMESPACE)
    assert shown == sorted([NAMESPACE, metric.value, "Stage", "prod"] for metric in Metric)
    functions = plan.of("aws_lambda_function", "module.order").values()
    stages = {function["environment"][0]["variables"]["SHOP_STAGE"] for function in functions}
    assert stages == {"prod"}


def test_alarms_watch_metrics_that_are_written(environment: Environment) -> None:
    """The outbox's lag has one, and no alarm waits for a metric of the shop that there is not."""
    alarms = made(environment("prod").states["applied"]).of("aws_cloudwatch_metric_alarm").values()
    watched = [alarm for alarm in alarms if alarm["namespace"] == NAMESPACE]
    assert [alarm["metric_name"] for alarm in watched] == [Metric.OUTBOX_LAG]
    assert [alarm["dimensions"] for alarm in watched] == [{"Stage": "prod"}]


def test_dead_letters_are_counted_by_their_queues(environment: Environment) -> None:
    """SQS tells how many each has; the shop measures none itself."""
    plan = made(environment("prod").states["applied"])
    queues = {queue["name"] for queue in plan.of("aws_sqs_queue").values() if "dead" in queue["name"]}
    counted = {metric[3] for metric in _charted(plan) if metric[1] == "ApproximateNumberOfMessagesVisible"}
    assert counted == queues != set()
