"""Working out `constraints.txt`: one version for every package, direct or not, on every Python and system."""

import subprocess

from local.errors import LocalError
from local.install import CONSTRAINTS, VENV
from local.paths import ROOT, write_atomically

HEADER = "# Every version that the shop installs, made by 'make pins' from the groups of pyproject.toml.\n"
GROUPS = ("services", "local", "test", "lint")


def pins() -> None:
    """Write constraints.txt anew; a version in it stays, unless pyproject.toml asks for another."""
    command = [
        str(VENV / "bin" / "uv"),
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
    ]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--output-file", str(CONSTRAINTS)]
    for group in GROUPS:
        command += ["--group", group]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError(f"The versions do not fit together. {done.stderr.strip()}")
    write_atomically(CONSTRAINTS, HEADER + CONSTRAINTS.read_text(encoding="utf-8").removeprefix(HEADER))
