"""Numbers that tell how the shop does, for its dashboard and alarms."""

from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    """What is measured, by the name that the dashboard has for it.

    How many messages wait as dead letters is not among them: only their queues know, and SQS tells it.
    """

    ORDERS_PLACED = "OrdersPlaced"
    """Orders that got their stock, and await payment."""
    ORDERS_REFUSED = "OrdersRefused"
    """Orders that were canceled because there was too little stock."""
    ORDERS_PAID = "OrdersPaid"
    """Orders that accepted a payment."""
    PAYMENTS_REFUNDED = "PaymentsRefunded"
    """Payments that were given back."""
    STOCK_MISSES = "StockMisses"
    """Products of which somebody asked for more than there was."""
    OUTBOX_LAG = "OutboxLag"
    """Seconds that the oldest message had waited to be published, each time that the relay looked."""

    @property
    def unit(self) -> str:
        """CloudWatch's word for what it is counted in."""
        return "Seconds" if self is Metric.OUTBOX_LAG else "Count"


class Metrics(Protocol):
    def add(self, metric: Metric, value: float = 1) -> None:
        """Notes the value, now, of something that has taken place."""
        ...
