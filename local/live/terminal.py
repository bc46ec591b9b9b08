"""The live view in a terminal: a line for each thing that happens, until it is interrupted."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from local.live.record import Happening, Record
from local.live.story import tell

PAUSE = 0.2


def watch(record: Record) -> None:
    """Says what happens from now on, at once, wherever it goes, and goes on until Ctrl-C."""
    record.more()
    while True:
        for line in lines(record.more()):
            print(line, flush=True)
        time.sleep(PAUSE)


def lines(happened: Sequence[Happening]) -> Iterator[str]:
    """What happened, a line each, in time's order: when, of which order, what.

    A schedule that found nothing to do for an order is left out: each minute has nine of them.
    """
    told = [
        (one, _order(happening))
        for happening in happened
        if happening.get("cause") != "schedule" or _order(happening) or happening["failed"]
        for one in tell(happening)
    ]
    for one, order_id in sorted(told, key=lambda pair: pair[0].at):
        at = datetime.fromtimestamp(one.at).astimezone()
        yield f"{at:%H:%M:%S.%f}"[:-3] + f"  {order_id[-12:]:12}  {one.kind:8} {one.text}"


def _order(happening: Happening) -> str:
    told = happening.get("lines", [happening])
    return next((str(line["order_id"]) for line in told if line.get("order_id")), "")
