"""What was sent to the running shop in bad faith, and what came of it: docs/security.md tells the counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from attrs import define, field

HEADINGS = ("what was sent", "how many", "refused", "admitted", "answers of 5xx")


@define
class Tally:
    """Counts the answers of each kind of attack."""

    _kinds: dict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))

    def note(self, kind: str, status: int, *, admitted: bool, times: int = 1) -> None:
        """One answer, or several alike. `admitted` is what got in though it must not."""
        counts = self._kinds[kind]
        counts["sent"] += times
        counts["refused"] += times * (400 <= status < 500)
        counts["admitted"] += times * admitted
        counts["failed"] += times * (status >= 500)

    def lines(self) -> Iterator[str]:
        """A table with a line for each kind."""
        if not self._kinds:
            return
        rows = [
            HEADINGS,
            *(
                (kind, *(str(counts[name]) for name in ("sent", "refused", "admitted", "failed")))
                for kind, counts in self._kinds.items()
            ),
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join([first.strip().ljust(widths[0]), *others])
