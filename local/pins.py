"""Working out what is locked: one version for every package, direct or not, on every Python and system, with
the hashes of all its files; and the hashes of the jars.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from local import tools
from local.errors import LocalError
from local.install import CONSTRAINTS, VENV
from local.paths import ROOT, write_atomically

GROUPS = ("services", "local", "operations", "test", "lint", "audit", "bench")
HEADER = (
    "# Every version, with the hashes of its files, made by 'make pins' from the groups of pyproject.toml.\n"
)

# They want another boto3 than the shop: docs/decisions/0074 and 0110.
APART = {
    "policies": ROOT / "terraform" / "checkov.txt",
    "localstack": ROOT / "local" / "localstack" / "server.txt",
    "localstack-functions": ROOT / "local" / "localstack" / "functions.txt",
}
# For other Pythons and systems than that which runs it there is no set of versions.
OF_ONE_PYTHON = {"localstack"}


def pins() -> None:
    """Write constraints.txt, the locks that stand apart, and local/jars.sha256 anew.

    A version in them stays, unless somebody asks for another. Whoever runs this trusts what the registries
    have today; everybody else gets the same files, or an error.
    """
    _compile(CONSTRAINTS, GROUPS)
    for group, file in APART.items():
        _compile(file, [group])
    tools.lock_jars()


def _compile(file: Path, groups: Sequence[str]) -> None:
    command = [str(VENV / "bin" / "uv"), "pip", "compile", "--quiet", "--generate-hashes"]
    command += ["--python-version", "3.11", "--no-header", "--no-annotate", "--no-emit-index-url"]
    if not OF_ONE_PYTHON & set(groups):
        command.append("--universal")
    done = subprocess.run(
        [*command, "--output-file", str(file), *(f"--group={group}" for group in groups)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LocalError(f"The versions do not fit together. {done.stderr.strip()}")
    write_atomically(file, HEADER + file.read_text(encoding="utf-8").removeprefix(HEADER))
