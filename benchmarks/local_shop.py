"""How long one waits for the shop on one's own machine: until a shop that was stopped is up again, and until
an edited line of a service runs. It is a shop of its own, beside the one of this checkout.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import sides, stores
from benchmarks.row import Row
from local.paths import ROOT

EDITED = ROOT / "product" / "app.py"


def rows(full: bool) -> list[Row]:
    turns = 5 if full else 2
    with stores.folder() as here:
        # Addresses of sockets are short.
        environment = {**os.environ, "SHOP_HOME": str(here / "shop")}

        def seconds(command: str) -> float:
            began = time.perf_counter()
            subprocess.run(  # noqa: S603 - the shop's own commands
                [sys.executable, "-m", "local", command],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            return time.perf_counter() - began

        try:
            first = seconds("up")
            edits, ups = [], []
            for turn in range(turns):
                with _edited(f"# Turn {turn} of a benchmark.\n"):
                    edits.append(seconds("up"))
                seconds("down")
                ups.append(seconds("up"))
        finally:
            seconds("down")
    return [
        Row(
            name="make up, where everything is stopped",
            ours=sides.median(ups),
            unit="s",
            at_most=15,
            note=f"the very first: {first:.0f} s",
        ),
        Row(name="from an edited line until it runs", ours=sides.median(edits), unit="s", at_most=5),
    ]


@contextmanager
def _edited(line: str) -> Iterator[None]:
    """The service's file has another line at its end, for as long as the block lasts."""
    before = EDITED.read_text(encoding="utf-8")
    EDITED.write_text(before + line, encoding="utf-8")
    try:
        yield
    finally:
        EDITED.write_text(before, encoding="utf-8")
