"""What the checks of the plan share: the packages, a copy of the plan with them, and what was planned."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from local.package import package
from local.services import SERVICES
from tests.apps import ROOT
from tests.terraform.offline.tools import Terraform, needs_terraform, terraform

PLAN = ROOT / "terraform"

# What the plan reads from the checkout beside its own folder.
MIGRATIONS = Path("order", "chalicelib", "order", "migrations")


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all that is packaged, as it is now: somebody may edit it while the tests run."""
    folder = tmp_path_factory.mktemp("services")
    for name in ("common", *SERVICES):
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "constraints.txt", folder)
    return folder


@pytest.fixture(scope="session")
def packages(services: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that `make package` writes, of the services as they are."""
    home = tmp_path_factory.mktemp("package")
    package(home / "services", home, SERVICES, services)
    return home / "services"


def copied_plan(packages: Path, to: Path) -> Path:
    """A copy of the plan, with these packages, beside the migrations that it reads."""
    ignored = shutil.ignore_patterns("services", "certificates", ".terraform*", "*.tfstate*")
    shutil.copytree(PLAN, to / "terraform", ignore=ignored)
    shutil.copytree(packages, to / "terraform" / "services")
    shutil.copytree(ROOT / MIGRATIONS, to / MIGRATIONS)
    return to / "terraform"


@pytest.fixture(scope="session")
def program(packages: Path) -> Iterator[Terraform]:
    """Terraform, with a provider that knows every type of the plan."""
    with terraform([PLAN, packages]) as found:
        yield found


@pytest.fixture(scope="session")
def plan(program: Terraform, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole plan, ready; not to be written to."""
    folder = copied_plan(packages, tmp_path_factory.mktemp("plan"))
    program.init(folder)
    return folder


@pytest.fixture
def copy_of_plan(plan: Path, program: Terraform, tmp_path: Path) -> Path:
    """A copy of the plan that a test may break. The packages in it are those of `plan`."""
    shutil.copytree(plan.parent, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy" / "terraform"


@frozen
class Applied:
    """What mocked tests of the plan told: their runs, and what was made or is still to be done."""

    status: int
    text: str
    """What went wrong, where the status is not 0."""
    states: dict[str, Any]
    """What was there behind each run that applied, by the run's name."""
    plans: dict[str, Any]
    """What was planned by each run that only planned."""


def mocked(program: Terraform, folder: Path, *arguments: str) -> Applied:
    """Run `terraform test` in the folder, with these arguments."""
    done = program.run(folder, "test", "-json", "-verbose", *arguments)
    states, plans, told = {}, {}, []
    for line in done.stdout.splitlines():
        said = json.loads(line)
        run = said.get("@testrun", "")
        if said["type"] == "test_state":
            states[run] = said["test_state"]
        elif said["type"] == "test_plan":
            plans[run] = said["test_plan"]
        elif said["type"] == "diagnostic":
            told.append(f"{run}: {said['diagnostic']['summary']}. {said['diagnostic']['detail']}")
        elif said["type"] in ("test_summary", "test_run"):
            told.append(said["@message"])
    return Applied(done.returncode, "\n".join(told), states, plans)


Environment = Callable[[str], Applied]


@pytest.fixture(scope="session")
def environment(program: Terraform, plan: Path) -> Environment:
    """Gives what the mocked tests of an environment told, dev or prod; each runs once."""
    known: dict[str, Applied] = {}

    def get(name: str) -> Applied:
        if name not in known:
            arguments = (f"-filter=tests/{name}.tftest.hcl", f"-var-file=environments/{name}.tfvars")
            known[name] = mocked(program, plan, *arguments)
        return known[name]

    return get


@pytest.fixture(autouse=True)
def _with_terraform(request: pytest.FixtureRequest) -> None:
    if "plan" in request.fixturenames or "program" in request.fixturenames:
        needs_terraform()
