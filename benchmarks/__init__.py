"""What the shop costs, each time against the least that the same work could cost: `make bench`.

A benchmark is a module here with a function `rows(full)`, which measures and returns `Row`s; `full` asks
for the long form. `BENCHMARKS` names them, in the order in which they are run and told. The module's
docstring is what docs/benchmarks.md says about it.
"""

import sys

from local.paths import ROOT

# Their packages are imported as a container imports them: from the folder of the service.
SERVICES = ("product", "inventory", "order", "payment", "invoice", "notification")
sys.path += [str(ROOT / service) for service in SERVICES]

BENCHMARKS = (
    "cold",
    "memory",
    "packages",
    "counts",
    "warm",
    "cache",
    "stock",
    "relay",
    "invoice",
    "local_shop",
    "search",
    "archive",
)
