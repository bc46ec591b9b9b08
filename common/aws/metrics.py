"""CloudWatch's metrics, in the embedded metric format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/
monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time

from common.kinds import service
from common.logging import correlation_id
from common.ports.metrics import Metric

NAMESPACE = "Shop"


@service
class LoggedMetrics:
    """`Metrics` as lines of the log, which CloudWatch reads: no call, no permission, and nothing to fail.

    The one dimension is the stage. A line also has the correlation id of what was being handled.
    """

    stage: str

    def add(self, metric: Metric, value: float = 1) -> None:
        described = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Stage"]],
            "Metrics": [{"Name": metric.value, "Unit": metric.unit}],
        }
        line = {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [described]},
            metric.value: value,
            "Stage": self.stage,
            "correlation_id": correlation_id(),
        }
        print(json.dumps(line), flush=True)
