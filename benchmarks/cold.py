"""The import of each function's module in a fresh process, of the processor's time, bytecode being compiled.

Its first floor are the libraries that it cannot do without: Chalice, attrs and cattrs, the log, TLS and HTTP,
and the driver of its store. Its second is benchmarks/rival: the same routes on FastAPI, SQLAlchemy, Mangum,
pydantic and boto3. Medians; the long form takes 15 turns, the short one 5.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

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


def rows(full: bool) -> list[Row]:
    turns = 15 if full else 5
    with stores.folder() as compiled:
        environment = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled)}
        found = [
            _row(f"import {service}", service, LIBRARIES + DRIVERS[service], 1.15, turns, environment)
            for service in SERVICES
        ]
        rivals = [
            _row(
                f"import {service}, beside FastAPI and others",
                service,
                _rival(service),
                0.35,
                turns,
                environment,
            )
            for service in RIVALS
        ]
        return [*found, *rivals]


def _row(
    name: str, service: str, floor: str, at_most: float, turns: int, environment: Mapping[str, str]
) -> Row:
    milliseconds = spent({"ours": _app(service), "floor": floor}, turns, environment)
    return Row(
        name=name,
        ours=sides.median(milliseconds["ours"]),
        floor=sides.median(milliseconds["floor"]),
        spread=sides.spread(milliseconds["ours"], milliseconds["floor"]),
        at_most=at_most,
    )


def _app(service: str) -> str:
    return f"sys.path[:0] = [{str(ROOT / service)!r}]; import app"


def _rival(service: str) -> str:
    # Not as a part of this package, which imports more.
    return f"sys.path[:0] = [{str(ROOT / 'benchmarks')!r}]; import rival.{service}"


def spent(
    statements: Mapping[str, str], turns: int, environment: Mapping[str, str]
) -> dict[str, list[float]]:
    """The milliseconds of the processor that each statement takes in fresh processes, which take turns."""
    milliseconds: dict[str, list[float]] = {name: [] for name in statements}
    for turn in range(-1, turns):
        for name, statement in statements.items():
            seconds = _import(statement, environment)
            if turn >= 0:
                milliseconds[name].append(1000 * seconds)
    return milliseconds


def _import(statement: str, environment: Mapping[str, str]) -> float:
    program = (
        f"import sys, time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    )
    done = subprocess.run(  # noqa: S603 - the programs are above
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])
