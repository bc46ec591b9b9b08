"""Every deliberate break is noticed by the books, within the default number of seeds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import asdict

from local.services import SERVICES
from tests.apps import ROOT
from tests.databases import PostgresServer
from tests.faults.mutations import MUTATIONS, Mutation

SEEDS = 220
COPIED = ("common", *SERVICES, "tests", "local", "operations")


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_the_books_notice_it(mutation: Mutation, tmp_path: Path, postgres_server: PostgresServer) -> None:
    """A shop that breaks the rule has books that do not balance."""
    _copy(tmp_path)
    file = tmp_path / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1, "The mutation does not fit the code any more: mend it."
    file.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")

    done = _check(tmp_path, postgres_server, SEEDS, mutation.seed)

    assert done.returncode == 1, f"Nobody noticed in {SEEDS} seeds."
    print(done.stdout)
    # A shop that cannot even run would be noticed for the wrong reason.
    assert done.stdout.startswith("seed "), done.stderr


def test_a_copy_that_nobody_broke_is_in_order(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """What the books notice of the broken copies is the break."""
    _copy(tmp_path)
    done = _check(tmp_path, postgres_server, 5)
    assert done.returncode == 0, done.stdout + done.stderr


def _copy(folder: Path) -> None:
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))


def _check(
    folder: Path, server: PostgresServer, seeds: int, first: int = 1
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.check", _logins(server), str(seeds), str(first)],
        cwd=folder,
        env={"PYTHONPATH": ":".join(map(str, [folder, *(folder / name for name in SERVICES)]))},
        capture_output=True,
        text=True,
        check=False,
    )


def _logins(server: PostgresServer) -> str:
    return json.dumps({service: asdict(login) for service, login in server.logins.items()})
