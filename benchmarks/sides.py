"""Measuring sides against each other: they take turns, so that what else the machine does hits all alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles

Clock = Callable[[], float]


def milliseconds(
    sides: Mapping[str, Callable[[], object]],
    turns: int,
    warm_up: int = 0,
    clock: Clock = time.perf_counter,
) -> dict[str, list[float]]:
    """What each turn of each side took. Who begins changes with every turn."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(-warm_up, turns):
        for name in list(sides)[:: 1 if turn % 2 else -1]:
            began = clock()
            sides[name]()
            seconds = clock() - began
            if turn >= 0:
                spent[name].append(1000 * seconds)
    return spent


def spread(ours: Sequence[float], floor: Sequence[float]) -> str:
    """The middle half of the turns' own ratios."""
    ratios = [mine / least for mine, least in zip(ours, floor, strict=True)]
    if len(ratios) < 2:
        return ""
    low, _, high = quantiles(ratios, n=4)
    return f"{low:.2f}-{high:.2f}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred are not above."""
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


__all__ = ["median", "milliseconds", "percentile", "spread"]
