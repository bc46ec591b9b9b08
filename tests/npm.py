"""Packages of npm that a test reads a file of: fetched once for this checkout."""

import base64
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from local.paths import TOOLS

KEPT = TOOLS / "npm"

# What npm calls a package's integrity: `npm view PACKAGE dist.integrity`.
LOCKED = {
    "@cdktf/provider-aws@21.22.1": (
        "sha512-BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ=="
    ),
    "@asyncapi/specs@6.11.1": (
        "sha512-A3WBLqAKGoJ2+6FWFtpjBlCQ1oFCcs4GxF7zsIGvNqp/klGUHjlA3aAcZ9XMMpLGE8zPeYDz2x9FmO6DSuKraQ=="
    ),
    "axe-core@4.14.1": (
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
    ),
}


def packed(package: str) -> Path:
    """One of LOCKED, such as axe-core@4.14.1, as a .tgz. Skips the test where it cannot be had."""
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
            check(Path(new, name), LOCKED[package])
            Path(new, name).replace(KEPT / name)
    return KEPT / name


def check(file: Path, integrity: str) -> None:
    """AssertionError where it is another file than the one that was locked."""
    digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    assert f"sha512-{digest}" == integrity, f"{file.name} is not the file that was locked"
