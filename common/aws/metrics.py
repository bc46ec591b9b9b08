"""CloudWatch's metrics, in the embedded metric format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/
monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

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
        with single_metric(metric.value, MetricUnit(metric.unit), value, namespace=NAMESPACE) as line:
            line.add_dimension("Stage", self.stage)
            line.add_metadata("correlation_id", correlation_id())
