"""Metrics in memory."""

from collections import Counter

from attrs import field

from common.kinds import service
from common.ports.metrics import Metric


@service
class MemoryMetrics:
    """`Metrics` that keeps the sum of each in `sums`, and all that was noted in `noted`, oldest first."""

    sums: Counter[Metric] = field(factory=Counter)
    noted: list[tuple[Metric, float]] = field(factory=list)

    def add(self, metric: Metric, value: float = 1) -> None:
        self.sums[metric] += value  # type: ignore[assignment]
        self.noted.append((metric, value))
