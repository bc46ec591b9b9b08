"""Corrections of EventBridge's schedules."""

from typing import Any

from local.emulator.settings import Settings, service, wrap


def speed(settings: Settings) -> None:
    """Look at the schedules each second, and let a minute of rate(...) last as long as the settings say.

    MiniStack looks every ten seconds; a test, or somebody who watches, would wait a minute for what a
    schedule mends.
    """
    events = service("eventbridge")
    events._SCHEDULER_TICK_INTERVAL = 1

    def make(original: Any) -> Any:
        def parse(expression: str) -> float | None:
            seconds = original(expression)
            return None if seconds is None else seconds * settings.seconds_per_minute / 60

        return parse

    wrap(events, "_parse_rate_seconds", make)
