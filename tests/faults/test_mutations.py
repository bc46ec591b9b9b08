"""Every deliberate break is noticed by the books, within the default number of seeds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import asdict

from tests.apps import ROOT
from tests.conftest import PostgresServer
from tests.faults.mutations import MUTATIONS, Mutation

SEEDS = 200
COPIED = ("common", "product", "inventory", "order", "payment", "invoice", "notification", "tests", "local")
SERVICES = COPIED[1:7]


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_the_books_notice_it(mutation: Mutation, tmp_path: Path, postgres_server: PostgresServer) -> None:
    """A shop that breaks the rule has books that do not balance."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    file = tmp_path / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1, "The mutation does not fit the code any more: mend it."
    file.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.check", _logins(postgres_server), str(SEEDS)],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(map(str, [tmp_path, *(tmp_path / name for name in SERVICES)]))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, f"Nobody noticed in {SEEDS} seeds."
    # A shop that cannot even run would be noticed for the wrong reason.
    assert done.stdout.startswith("seed "), done.stderr


def _logins(server: PostgresServer) -> str:
    return json.dumps({service: asdict(login) for service, login in server.logins.items()})
