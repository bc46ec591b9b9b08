"""How fast the schedules of LocalStack go."""

import threading

from localstack.services.events.scheduler import JobScheduler


class _Minute(threading.Event):
    """LocalStack waits a minute for it between two looks at its schedules."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(self._seconds)


def speed(seconds_per_minute: float) -> None:
    """Let the minute of rate(1 minute), the shop's only rate, last as long as that."""
    JobScheduler.instance()._stop_event = _Minute(seconds_per_minute)
