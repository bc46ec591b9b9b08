"""The deployment packages of the running shop: what is in each zip, and what is not."""

import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.deploy import build_folder
from local.paths import ROOT
from local.services import SERVICES
from tests.e2e.running import RunningShop, kept_secrets

MOST_BYTES = 10_000_000
OWN = {"app.py", "chalicelib", "common"}
# Chalice puts this part of itself into every package.
RUNTIME = {"chalice"}
UNWANTED = {"test", "tests", "testing", "__pycache__", ".git", ".chalice", ".env", "migrations.pyc"}


@pytest.fixture(params=SERVICES)
def package(shop: RunningShop, request: pytest.FixtureRequest) -> Iterator[zipfile.ZipFile]:
    """The zip that was deployed of a service; `comment` is the service's name."""
    folder = build_folder(request.param, shop.home) / ".chalice" / "deployments"
    (file,) = folder.glob("*.zip")
    with zipfile.ZipFile(file) as opened:
        opened.comment = request.param.encode()
        yield opened


def test_it_is_small(package: zipfile.ZipFile) -> None:
    """A package has less than 10 MB."""
    size = sum(item.compress_size for item in package.infolist())
    assert size < MOST_BYTES, f"{package.comment.decode()}: {size:,} bytes"


def test_it_holds_what_the_service_asks_for_and_no_more(package: zipfile.ZipFile) -> None:
    """Its packages are those of requirements.txt and what these need: no driver of another service."""
    allowed = OWN | RUNTIME
    for name in _needed(package.comment.decode()):
        allowed |= {file.parts[0] for file in distribution(name).files or ()}
    there = {PurePosixPath(name).parts[0] for name in package.namelist()}
    assert {name for name in there if not name.endswith((".dist-info", ".data"))} <= allowed
    assert there >= OWN | RUNTIME


def test_it_holds_no_tests_and_nothing_compiled_by_the_way(package: zipfile.ZipFile) -> None:
    """No folder of tests, no __pycache__, no hidden file."""
    for name in package.namelist():
        assert not UNWANTED & set(PurePosixPath(name).parts), name
        assert not name.endswith((".pyc", ".orig", ".rej", "~")), name
        assert not PurePosixPath(name).name.startswith("."), name


def test_it_holds_no_secret(shop: RunningShop, package: zipfile.ZipFile) -> None:
    """No password, key or secret of this shop is in any file."""
    secrets = [secret.encode() for secret in kept_secrets(shop)]
    assert len(secrets) >= 9
    for item in package.infolist():
        content = package.read(item)
        assert not any(secret in content for secret in secrets), item.filename


def _needed(service: str) -> set[str]:
    """The packages that a service asks for, and those that they ask for."""
    lines = (ROOT / service / "requirements.txt").read_text(encoding="utf-8").splitlines()
    waiting = [Requirement(line) for line in lines if line and not line.startswith(("-", "#"))]
    needed: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in needed and not requirement.extras:
            continue
        needed.add(name)
        for text in distribution(name).requires or ():
            further = Requirement(text)
            extras = requirement.extras or {""}
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(further)
    return needed
