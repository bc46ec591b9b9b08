"""The deployment packages, as `make package` makes them: what Lambda keeps and unpacks of each.

What an earlier run made of the libraries is used again; where there was none, pip fetches each by its hash.
"""

from benchmarks import SERVICES, stores
from benchmarks.row import Row
from local.package import package

MOST_MEGABYTES = 10


def rows(full: bool) -> list[Row]:
    with stores.folder() as here:
        target = here / "services"
        package(target, here / "home")
        return [
            Row(
                name=f"package of {name}",
                ours=(target / name / "deployment.zip").stat().st_size / 1_000_000,
                unit="MB",
                at_most=MOST_MEGABYTES,
            )
            for name in (*SERVICES, "logins")
        ]
