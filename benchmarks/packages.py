"""The deployment packages, as `make package` makes them: what Lambda keeps and unpacks of each.

What an earlier run made of the libraries is used again; where there was none, pip fetches each by its hash.

Then the import of each app.py from its package, unpacked where nothing is written, as on Lambda: the
processor's time of a fresh process, beside the same package without its bytecode. Medians.
"""

import shutil
import zipfile
from pathlib import Path

from benchmarks import SERVICES, sides, stores
from benchmarks.cold import spent
from benchmarks.row import Row
from local.package import package

MOST_MEGABYTES = 10


def rows(full: bool) -> list[Row]:
    with stores.folder() as here:
        target = here / "services"
        package(target, here / "home")
        sizes = [
            Row(
                name=f"package of {name}",
                ours=(target / name / "deployment.zip").stat().st_size / 1_000_000,
                unit="MB",
                at_most=MOST_MEGABYTES,
            )
            for name in (*SERVICES, "logins")
        ]
        return [*sizes, *(_first_import(target / service, here, full) for service in SERVICES)]


def _first_import(packaged: Path, here: Path, full: bool) -> Row:
    statements = {}
    for side in ("ours", "floor"):
        unpacked = here / side / packaged.name
        with zipfile.ZipFile(packaged / "deployment.zip") as package_file:
            package_file.extractall(unpacked)
        statements[side] = f"sys.path[:0] = [{str(unpacked)!r}]; import app"
    for compiled in list((here / "floor" / packaged.name).rglob("__pycache__")):
        shutil.rmtree(compiled)
    milliseconds = spent(statements, 15 if full else 3, {"PYTHONDONTWRITEBYTECODE": "1"})
    return Row(
        name=f"first import of {packaged.name}, beside its package without bytecode",
        ours=sides.median(milliseconds["ours"]),
        floor=sides.median(milliseconds["floor"]),
        spread=sides.spread(milliseconds["ours"], milliseconds["floor"]),
    )
