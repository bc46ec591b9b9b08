"""`make new-service`, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from local.new_service import new_service
from tests.apps import ROOT


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a seventh service, which was made by its one command."""
    folder = tmp_path_factory.mktemp("copy") / "shop"
    ignored = shutil.ignore_patterns(".git", ".local", ".tox", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, symlinks=True, ignore=ignored)
    done = _python(folder, "-m", "local", "new-service", "loyalty")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loyalty/app.py\n" in done.stdout
    return folder


@pytest.mark.parametrize(
    "tests", [["tests/functional"], ["tests/architecture", "tests/api/test_documents.py"]], ids=" ".join
)
def test_the_new_service_passes_all_tests(copy: Path, tests: list[str]) -> None:
    """Its rooms, its requirements, its contracts, and its own test; and the others do not mind it."""
    done = _python(copy, "-m", "pytest", "-q", "-k", "not test_nothing_private_is_kept", *tests)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("order", "There already is a order"),
        ("common", "There already is a common"),
        ("Loyalty", "small letters"),
        ("loyal-ty", "small letters"),
        ("../loyalty", "small letters"),
        ("class", "small letters"),
        ("", "small letters"),
    ],
)
def test_a_name_that_is_none_or_taken(name: str, told: str) -> None:
    """Is refused with a sentence, before anything is written."""
    with pytest.raises(LocalError, match=told):
        new_service(name)


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
