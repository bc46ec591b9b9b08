"""The plan is right, as far as Terraform can tell without an account."""

from pathlib import Path

import pytest

from tests.terraform.conftest import PLAN, Environment, mocked
from tests.terraform.offline.schema import PROVIDER_VERSION
from tests.terraform.offline.tools import Terraform, needs_terraform, run


def test_every_file_is_written_as_terraform_fmt_writes_it():
    """`terraform fmt` has nothing to change."""
    needs_terraform()
    done = run(PLAN, "fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, done.stdout


def test_the_schema_is_that_of_the_oldest_provider_that_the_plan_takes():
    """What is checked here holds for any version that Terraform may choose: within a major they only add."""
    least = ".".join(PROVIDER_VERSION.split(".")[:2])
    files = [path for path in PLAN.rglob("versions.tf") if "services" not in path.parts]
    assert len(files) > 10
    assert [path for path in files if f'version = "~> {least}"' not in path.read_text(encoding="utf-8")] == []


def test_the_whole_plan_is_valid(program: Terraform, plan: Path):
    """Every argument of the plan and of the packaged services is one that the AWS provider knows."""
    assert program.validate(plan) == []


@pytest.mark.parametrize("file", sorted(path.name for path in (PLAN / "tests").glob("*.tftest.hcl")))
def test_what_the_modules_promise_holds(file: str, program: Terraform, plan: Path, environment: Environment):
    """What terraform/tests asserts of the modules, and of dev and prod as a whole."""
    name = file.removesuffix(".tftest.hcl")
    whole = name in ("dev", "prod")
    done = environment(name) if whole else mocked(program, plan, f"-filter=tests/{file}")
    assert done.status == 0, done.text


def test_applying_twice_changes_nothing_the_second_time(environment: Environment):
    """What was applied is planned again, and every resource of prod stays as it is."""
    again = environment("prod").plans["applied_again"]
    changes = {change["address"]: change["change"]["actions"] for change in again["resource_changes"]}
    assert len(changes) > 200
    assert {address for address, actions in changes.items() if actions != ["no-op"]} == set()
