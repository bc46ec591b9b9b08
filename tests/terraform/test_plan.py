"""The plan is right, as far as Terraform can tell without an account."""

import re
from pathlib import Path

import pytest

from tests.terraform.conftest import PLAN, Environment, mocked
from tests.terraform.made import made_by
from tests.terraform.offline.schema import PROVIDER_VERSION
from tests.terraform.offline.tools import Terraform, needs_terraform, run

DEV = "-var-file=environments/dev.tfvars"


def test_every_file_is_written_as_terraform_fmt_writes_it():
    """`terraform fmt` has nothing to change."""
    needs_terraform()
    done = run(PLAN, "fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, done.stdout


# What other modules make, as they give it: there is nothing to check in it before they have made it.
GIVEN = re.compile(
    r"_id$|_arn$|_identifier$|^(names|postgres|catalog|apis|\w*queue_names|database_secrets|database_owner_secrets|payment_queues)$"
)


def test_each_variable_has_a_type_a_description_and_a_rule():
    """Whoever sets one is told what it is, and at once when it cannot be right."""
    for file in PLAN.rglob("variables.tf"):
        text = file.read_text(encoding="utf-8")
        for name, body in re.findall(r'(?ms)^variable "(\w+)" \{\n(.*?)^\}', text):
            what = f"{name} in {file.relative_to(PLAN)}"
            kind = re.search(r"^  type +=(.+)", body, re.MULTILINE)
            assert kind, what
            assert re.search(r'^  description += "[A-Z].+\."$', body, re.MULTILINE), what
            assert "validation {" in body or "bool" in kind[1] or GIVEN.search(name), what


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
    done = environment(name) if whole else mocked(program, plan, f"-filter=tests/{file}", DEV)
    assert done.status == 0, done.text


def test_applying_twice_changes_nothing_the_second_time(environment: Environment):
    """What was applied is planned again, and every resource of prod stays as it is."""
    again = environment("prod").plans["applied_again"]
    changes = {change["address"]: change["change"]["actions"] for change in again["resource_changes"]}
    assert len(changes) > 200
    assert {address for address, actions in changes.items() if actions != ["no-op"]} == set()


def test_what_holds_data_in_prod_refuses_to_be_destroyed(environment: Environment):
    """Servers have their own protection, and leave a snapshot; tables have Terraform's; secrets wait."""
    planned = made_by(environment("prod").plans["planned"])
    (server,) = planned.of("aws_db_instance").values()
    (catalog,) = planned.of("aws_docdb_cluster").values()
    assert server["deletion_protection"]
    assert catalog["deletion_protection"]
    assert not server["skip_final_snapshot"]
    assert not catalog["skip_final_snapshot"]
    (pool,) = planned.of("aws_cognito_user_pool").values()
    assert pool["deletion_protection"] == "ACTIVE"
    (bucket,) = planned.of("aws_s3_bucket", "module.storage").values()
    assert not bucket["force_destroy"]
    assert len(planned.of("terraform_data", "module.keyspaces")) == len(planned.of("aws_keyspaces_table"))
    assert {
        secret["recovery_window_in_days"] for secret in planned.of("aws_secretsmanager_secret").values()
    } == {30}


def test_a_plan_that_would_delete_a_protected_table_is_refused(program: Terraform, copy_of_plan: Path):
    """Keyspaces has no protection of its own, so the plan has one: it fails before it takes a table away."""
    file = copy_of_plan / "tests" / "stores.tftest.hcl"
    text = file.read_text(encoding="utf-8")
    tables = text[text.index('run "keyspaces"') :]
    assert "protected  = false" in tables
    protected = tables.replace("protected  = false", "protected  = true", 1)
    file.write_text(text[: text.index("run ")] + protected, encoding="utf-8")
    done = mocked(program, copy_of_plan, "-filter=tests/stores.tftest.hcl")
    assert done.status == 1
    assert "Instance cannot be destroyed. Resource terraform_data.protected" in done.text


def test_dev_is_small_and_may_be_thrown_away(environment: Environment):
    """One server of each kind, one way out, no firewall, and nothing that stays when all is destroyed."""
    planned = made_by(environment("dev").plans["planned"])
    (server,) = planned.of("aws_db_instance").values()
    assert not server["multi_az"]
    assert not server["deletion_protection"]
    assert len(planned.of("aws_docdb_cluster_instance")) == 1
    assert len(planned.of("aws_nat_gateway")) == 1
    assert planned.of("aws_vpc_endpoint", "module.network").keys() == {"s3"}
    assert planned.of("aws_wafv2_web_acl") == {}
    assert planned.of("terraform_data") == {}
    assert {
        secret["recovery_window_in_days"] for secret in planned.of("aws_secretsmanager_secret").values()
    } == {0}
