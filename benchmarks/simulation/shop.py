"""The shop as it is simulated: parts.toml and the measured service times, read."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

HERE = Path(__file__).parent
SERVICE_TIMES = HERE.parent / "service_times.json"


class NoSuchSize(ValueError):
    """Its text names those that there are."""


@frozen
class Part:
    """A part of the shop. It has so many `servers`, or lets so many through a second (`rate`)."""

    name: str
    change: str
    """What to do when it is the first that is full."""
    servers: int | None
    rate: float | None

    @property
    def gap(self) -> float:
        """Seconds between two that a rate lets through; 0 of servers."""
        return 1 / self.rate if self.rate else 0.0

    def capacity(self, seconds: float) -> float:
        """How many uses of so many seconds each it bears a second."""
        return self.rate if self.rate else (self.servers or 1) / seconds


@frozen
class Use:
    """How often a step uses a part (None: once, if the order has the hottest product), and for how long."""

    part: str
    times: int | None
    seconds: float


@frozen
class Step:
    """What happens to an order, `times` times; the functions that it `called` wait, and are waited for."""

    name: str
    story: str
    seconds: float
    uses: tuple[Use, ...]
    times: int = 1
    api: int = 0
    called: int = 0
    queue: bool = False
    cached: float = 0.0
    """The share of it that the edge answers, so that nothing of the shop does."""


@frozen
class Shop:
    about: str
    parts: Mapping[str, Part]
    steps: tuple[Step, ...]
    hot_share: float
    """The share of orders that has the hottest product."""
    cells: int = 1
    """How many such shops there are; customers are shared out among them."""

    def demand(self, part: str) -> tuple[float, float]:
        """How often an order uses a part, on average, and for how many seconds together."""
        times = seconds = 0.0
        for step in self.steps:
            runs = step.times * (1 - step.cached)
            held = step.seconds + sum(self._of(use) * use.seconds for use in step.uses)
            mine: tuple[float, float] = (0.0, 0.0)
            if part == "api":
                mine = (step.api, 0.0)
            elif part == "functions":
                mine = (1 + step.called, held * (1 + step.called))
            elif part == "consumers":
                mine = (int(step.queue), held * step.queue)
            for use in step.uses:
                if use.part == part:
                    mine = (mine[0] + self._of(use), mine[1] + self._of(use) * use.seconds)
            times, seconds = times + runs * mine[0], seconds + runs * mine[1]
        return times, seconds

    def _of(self, use: Use) -> float:
        return self.hot_share if use.times is None else use.times

    def limit(self, part: str) -> float:
        """The orders a second at which the part is full, in all cells together."""
        times, seconds = self.demand(part)
        known = self.parts[part]
        full = known.rate / times if known.rate else (known.servers or 1) / seconds
        return full * self.cells


def read_shop(size: str = "plan", hot_share: float = 0.05) -> Shop:
    """The shop of a size. Raises `NoSuchSize`."""
    told = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))
    sizes = told["sizes"]
    if size not in sizes:
        raise NoSuchSize(f"There is no size {size}; there are {', '.join(sizes)}.")
    changed = {**sizes.get(sizes[size].get("inherit", ""), {}), **sizes[size]}
    measured = json.loads(SERVICE_TIMES.read_text(encoding="utf-8"))["milliseconds"]
    seconds = {**{name: spent / 1000 for name, spent in measured.items()}, **told["seconds"], "none": 0.0}
    parts = {name: _part(part, changed.get(name)) for name, part in told["parts"].items()}
    cached = changed.get("cached", 0.0)
    steps = tuple(_step(step, seconds, cached) for step in told["steps"])
    return Shop(changed["about"], parts, steps, hot_share, changed.get("cells", 1))


def _part(told: Mapping[str, Any], changed: int | None) -> Part:
    servers, rate = told.get("servers"), told.get("rate")
    if changed is not None:
        servers, rate = (changed, None) if servers else (None, changed)
    return Part(told["name"], told["change"], servers, rate)


def _step(told: Mapping[str, Any], seconds: Mapping[str, float], cached: float) -> Step:
    uses = tuple(
        Use(part, None if times == "hot" else times, seconds[length]) for part, times, length in told["uses"]
    )
    return Step(
        told["name"],
        told["story"],
        sum(seconds[name] for name in told["measured"]),
        uses,
        told.get("times", 1),
        told.get("api", 0),
        told.get("called", 0),
        told.get("queue", False),
        cached if told["name"] == "browse" else 0.0,
    )
