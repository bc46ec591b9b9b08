"""Packages of npm that a test reads a file of: fetched once for this checkout."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from local.paths import TOOLS

KEPT = TOOLS / "npm"


def packed(package: str) -> Path:
    """The package, such as @cdktf/provider-aws@21.22.1, as a .tgz. Skips the test where it cannot be had."""
    # As npm names it.
    name = package.removeprefix("@").replace("/", "-").replace("@", "-") + ".tgz"
    if not (KEPT / name).exists():
        if shutil.which("npm") is None:
            pytest.skip(f"There is no npm to fetch {package} with.")
        KEPT.mkdir(parents=True, exist_ok=True)
        # Whole, or not at all: somebody else may look for it just now.
        with tempfile.TemporaryDirectory(dir=KEPT) as new:
            command = ["npm", "pack", package, "--silent", "--pack-destination", new]
            done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"npm could not fetch {package}: {done.stderr.strip()[-300:]}")
            Path(new, name).replace(KEPT / name)
    return KEPT / name
