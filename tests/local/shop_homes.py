"""Homes of shops for tests, on ports that nobody else uses."""

import json
import random
from pathlib import Path

from local.paths import PREFERRED_PORTS, is_free


def new_home(folder: Path) -> Path:
    """A home in this folder whose ports are all chosen, and free."""
    folder.mkdir(parents=True, exist_ok=True)
    # Below the range from which the system gives ports to outgoing connections, and to other tests.
    candidates = random.sample(range(10_000, 32_000), 1000)
    ports = dict(zip(PREFERRED_PORTS, filter(is_free, candidates), strict=False))
    (folder / "ports.json").write_text(json.dumps(ports), encoding="utf-8")
    return folder


def quiet(_: str) -> None:
    """Where a test's servers report their progress to."""
