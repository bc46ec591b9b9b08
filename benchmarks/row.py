"""What one measurement came to."""

from attrs import field, frozen


@frozen(kw_only=True)
class Row:
    """One measurement, beside the least that it could be."""

    name: str
    ours: float
    floor: float | None = None
    """What a bare script needs that does no more than it must; None where `ours` is judged by itself."""
    unit: str = "ms"
    spread: str = ""
    """How far the ratio, or what was measured, was from the median in the middle half of the turns."""
    at_most: float | None = field(default=None)
    """The mark: what the ratio, or without a floor `ours`, must not be above; None: nothing."""
    at_least: float | None = field(default=None)
    """The mark: what it must not be below."""
    note: str = ""

    @property
    def judged(self) -> float:
        """The ratio to the floor; `ours` where there is no floor."""
        return self.ours if self.floor is None else self.ours / self.floor

    @property
    def misses(self) -> bool:
        """Whether it is on the wrong side of its mark."""
        too_much = self.at_most is not None and self.judged > self.at_most
        too_little = self.at_least is not None and self.judged < self.at_least
        return too_much or too_little

    @property
    def mark(self) -> str:
        """The mark as people write it; empty where there is none."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}" + self._scale
        if self.at_least is not None:
            return f"≥ {self.at_least:g}" + self._scale
        return ""

    @property
    def _scale(self) -> str:
        return f" {self.unit}" if self.floor is None else "×"
