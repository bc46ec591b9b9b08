"""docs/tutorial.md, done line by line in a fresh copy of the checkout, and then the README's own commands.

Its blocks are what a reader does: `sh` is typed, `diff` is changed by hand, and each line of a `text` block
is something that the command before it said.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from local.paths import ROOT

# What asks before it does something, which only a person at a terminal may answer otherwise.
ASKING = ("./shop stock set", "./shop migrate")

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# What a reader of the README types that is not run here, and why.
ELSEWHERE = {
    "make test": "it is what runs this",
    "make local SERVICE=order": "tests/e2e/test_commands.py: it serves until Ctrl-C",
    "make watch": "tests/e2e/test_live.py: it watches until Ctrl-C",
    "./shop refund ID": "tests/e2e/test_operations.py: behind it the order and its money differ",
    "./shop catalog import F": "tests/e2e/test_operations.py, which has a file to import",
    "make audit": "tests/local/test_audit.py: it asks a service on the internet",
    "make faults SEEDS=1000": "tests/faults/test_books.py, which it runs, is among the tests",
    "make hostile": "tests/e2e/hostile, which it runs, is among the tests",
    "make fuzz SEED=2": "so is tests/e2e/hostile/test_fuzz.py",
    "make load": "so is tests/e2e/test_load.py",
    "make bench": "tests/counts/test_benchmarks.py measures its shorter parts",
}


@define
class Newcomer:
    """Somebody with a fresh clone, and with what the commands said last."""

    folder: Path
    said: str = ""

    def types(self, commands: str) -> None:
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "AWS_"))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.said = done.stdout
        assert done.returncode == 0, f"{commands}\n{self.said}"

    def changes(self, text: str) -> None:
        done = subprocess.run(
            ["/usr/bin/env", "git", "apply", "-"],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"The tutorial no longer fits the code: {done.stderr}"


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    """In a folder with a short name, since sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="shop-", dir="/tmp") as name:
        folder = Path(name)
        # Postgres runs as another user where the newcomer is root.
        folder.chmod(0o755)
        ignored = shutil.ignore_patterns(".git", ".local", ".tox", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        one = Newcomer(folder)
        yield one
        one.types("make down")


def test_the_tutorial(newcomer: Newcomer) -> None:
    """Each step does what it says, on a shop that is installed and started as the page tells."""
    for kind, text in _blocks("docs/tutorial.md"):
        match kind:
            case "sh":
                newcomer.types(text)
            case "diff":
                newcomer.changes(text)
            case "text":
                for line in text.splitlines():
                    assert line in newcomer.said, f"{line!r} is not in:\n{newcomer.said}"


def test_the_readmes_commands(newcomer: Newcomer) -> None:
    """Each that it lists can be typed; those that put the shop away come last."""
    newcomer.types("make demo")
    order_id = re.findall(UUID, newcomer.said)[0]
    last = ["make down", "make clean"]
    for kind, text in _blocks("README.md"):
        if kind == "sh" and "<<" in text:
            newcomer.types(text)
        elif kind == "sh":
            for command in [line.partition("#")[0].strip() for line in text.splitlines()]:
                if command not in ELSEWHERE and command not in last:
                    answer = " --yes" if command.startswith(ASKING) else ""
                    newcomer.types(re.sub(r"\bID\b", order_id, command) + answer)
    for command in last:
        newcomer.types(command)


def _blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, each with its kind."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
