"""The import of each app.py in a fresh process, from its deployment package: of the processor's time.

The packages are unpacked where nothing is written, as on Lambda. Their first floor are the libraries that a
service cannot do without, from the same package: Chalice, attrs and cattrs, the log, what signs a call of AWS
and sends it, and the driver of its store. Their second is benchmarks/rival: the same routes on FastAPI,
SQLAlchemy, Mangum, pydantic and boto3, with their bytecode. Their third is the same package without its
bytecode. Medians; the long form takes 15 turns, the short one 5.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from benchmarks import SERVICES, sides, stores
from benchmarks.row import Row
from local.package import package
from local.paths import ROOT

LIBRARIES = "import chalice, attrs, cattrs, pythonjsonlogger.json, ssl, http.client, hmac"
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
    with stores.folder() as here:
        package(here / "services", here / "home", SERVICES)
        packed = {service: _unpacked(here, service, "packed") for service in SERVICES}
        bare = {service: _unpacked(here, service, "bare") for service in SERVICES}
        for folder in bare.values():
            for compiled in list(folder.rglob("__pycache__")):
                shutil.rmtree(compiled)
        as_on_lambda = {"PYTHONDONTWRITEBYTECODE": "1"}
        rivals = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(here / "rivals")}
        app = {service: Imported(packed[service], "import app", as_on_lambda) for service in SERVICES}
        return [
            *(
                _row(
                    f"import {service}",
                    app[service],
                    Imported(packed[service], LIBRARIES + DRIVERS[service], as_on_lambda),
                    turns,
                    1.15,
                )
                for service in SERVICES
            ),
            *(
                _row(
                    f"import {service}, beside FastAPI and others",
                    app[service],
                    # Not as a part of this package, which imports more.
                    Imported(ROOT / "benchmarks", f"import rival.{service}", rivals),
                    turns,
                    0.35,
                )
                for service in RIVALS
            ),
            *(
                _row(
                    f"import {service}, beside its package without bytecode",
                    app[service],
                    Imported(bare[service], "import app", as_on_lambda),
                    turns,
                )
                for service in SERVICES
            ),
        ]


@frozen
class Imported:
    """A statement that imports, in a process of its own, and what that finds beside Python's own library."""

    folder: Path
    statement: str
    environment: Mapping[str, str]

    def milliseconds(self) -> float:
        """Of the processor's time, for the statement."""
        program = (
            f"import sys, time; sys.path[:0] = [{str(self.folder)!r}]; began = time.process_time(); "
            f"{self.statement}; print(time.process_time() - began)"
        )
        done = subprocess.run(  # noqa: S603 - the programs are above
            [sys.executable, "-P", "-c", program],
            env={"PATH": os.environ["PATH"], **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return 1000 * float(done.stdout.split()[-1])


def _unpacked(here: Path, service: str, name: str) -> Path:
    folder = here / name / service
    with zipfile.ZipFile(here / "services" / service / "deployment.zip") as packed:
        packed.extractall(folder)
    return folder


def _row(name: str, ours: Imported, floor: Imported, turns: int, at_most: float | None = None) -> Row:
    both = (ours, floor)
    # The first turn reads the files from the disk.
    _, *spent = [[side.milliseconds() for side in both] for _ in range(turns + 1)]
    mine, least = zip(*spent, strict=True)
    return Row(
        name=name,
        ours=sides.median(mine),
        floor=sides.median(least),
        spread=sides.spread(mine, least),
        at_most=at_most,
    )
