"""The import of each function's module in a fresh process, of the processor's time, bytecode being compiled.

Its first floor are the libraries that it cannot do without: Chalice, attrs and cattrs, the log, TLS and HTTP,
and the driver of its store. Its second is benchmarks/rival: the same routes on FastAPI, SQLAlchemy, Mangum,
pydantic and boto3. Medians; the long form takes 15 turns, the short one 5.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import SERVICES, sides, stores
from benchmarks.row import Row
from local.paths import ROOT

LIBRARIES = "import chalice, attrs, cattrs, aws_lambda_powertools.logging, ssl, http.client"
DRIVERS = {
    "product": ", pymongo",
    "inventory": ", pg8000.native",
    "order": ", pg8000.native",
    "payment": ", pg8000.native",
    "invoice": "",
    "notification": ", idna, email.message",
}
# Those that customers call.
RIVALS = ("product", "order", "payment", "invoice")

_WHY = "attrs makes the shop's own classes while they are imported"


def rows(full: bool) -> list[Row]:
    turns = 15 if full else 5
    with stores.folder() as compiled:
        found = [_row(service, turns, compiled) for service in SERVICES]
        return [*found, *(_rival_row(service, turns, compiled) for service in RIVALS)]


def _row(service: str, turns: int, compiled: Path) -> Row:
    spent = _spent({"ours": _app(service), "floor": LIBRARIES + DRIVERS[service]}, turns, compiled)
    return Row(
        name=f"import {service}",
        ours=sides.median(spent["ours"]),
        floor=sides.median(spent["floor"]),
        spread=sides.spread(spent["ours"], spent["floor"]),
        at_most=1.15,
        note=_WHY,
    )


def _rival_row(service: str, turns: int, compiled: Path) -> Row:
    spent = _spent({"ours": _app(service), "floor": _rival(service)}, turns, compiled)
    return Row(
        name=f"import {service}, beside FastAPI and others",
        ours=sides.median(spent["ours"]),
        floor=sides.median(spent["floor"]),
        spread=sides.spread(spent["ours"], spent["floor"]),
        at_most=0.35,
    )


def _app(service: str) -> str:
    return f"sys.path[:0] = [{str(ROOT / service)!r}]; import app"


def _rival(service: str) -> str:
    # Not as a part of this package, which imports more.
    return f"sys.path[:0] = [{str(ROOT / 'benchmarks')!r}]; import rival.{service}"


def _spent(statements: Mapping[str, str], turns: int, compiled: Path) -> dict[str, list[float]]:
    """The milliseconds of the processor that each statement takes in fresh processes, which take turns."""
    spent: dict[str, list[float]] = {name: [] for name in statements}
    for turn in range(-1, turns):
        for name, statement in statements.items():
            seconds = _import(statement, compiled)
            if turn >= 0:
                spent[name].append(1000 * seconds)
    return spent


def _import(statement: str, compiled: Path) -> float:
    program = (
        f"import sys, time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled)}
    done = subprocess.run(  # noqa: S603 - the programs are above
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])
