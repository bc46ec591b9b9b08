"""`make package`: what Chalice writes, mended for one plan and today's Terraform, and the same every time."""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local import bytecode
from local.errors import LocalError
from local.package import make_reproducible, mend, package, package_storefront, variables
from local.services import SERVICES
from local.storefront import SITE
from tests.apps import ROOT
from tests.terraform.conftest import Environment, copied_plan, mocked
from tests.terraform.offline.tools import Terraform

# Small ones: one that is edited below, and one that is not.
EDITED, UNTOUCHED = "notification", "inventory"


@pytest.fixture(scope="module")
def after_an_edit(services: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages of two services from another folder, after an edit of one of them."""
    folder = tmp_path_factory.mktemp("edited") / "checkout"
    shutil.copytree(services, folder, symlinks=True)
    with (folder / EDITED / "app.py").open("a", encoding="utf-8") as app:
        app.write("\n# An edit.\n")
    package(folder / "services", folder / "home", (EDITED, UNTOUCHED), folder)
    return folder / "services"


def test_the_same_commit_gives_the_same_bytes(packages: Path, after_an_edit: Path):
    """Built again, later, in another folder: a service that was not edited is the same to the byte."""
    assert _digests(after_an_edit / UNTOUCHED) == _digests(packages / UNTOUCHED)
    assert _digests(after_an_edit / "logins") == _digests(packages / "logins")


def test_the_storefronts_page_leads_to_files_of_one_version(packages: Path, after_an_edit: Path):
    """In a folder that is named by what is in it: the page, and what it names, are never of two versions."""
    site = packages / "storefront" / "site"
    (version,) = (path.name for path in site.iterdir() if path.is_dir())
    page = (site / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="(.+?)"', page)
    assert len(named) > 3
    assert all(name.startswith(f"{version}/") and (site / name).is_file() for name in named)
    assert {path.name for path in site.iterdir()} == {"index.html", version}
    assert (site / version / "vendor/lit-html/lit-html.js").is_file()
    assert _digests(after_an_edit / "storefront") == _digests(packages / "storefront")


def test_an_edit_of_the_storefront_makes_another_version(tmp_path: Path):
    """A file that is another, or has another name, is in another folder."""
    versions = set()
    shutil.copytree(SITE, tmp_path / "site")
    for edit in (lambda site: None, _append_to_app, _rename_art):
        edit(tmp_path / "site")
        package_storefront(tmp_path / "out", tmp_path / "site")
        versions |= {path.name for path in (tmp_path / "out/storefront/site").iterdir()} - {"index.html"}
    assert len(versions) == 3


def _append_to_app(site: Path) -> None:
    with (site / "app.js").open("a", encoding="utf-8") as app:
        app.write("// An edit.\n")


def _rename_art(site: Path) -> None:
    (site / "art.js").rename(site / "arts.js")


def test_an_edit_changes_its_own_package(packages: Path, after_an_edit: Path):
    """The code of the service that was edited is another, and nothing else of it."""
    before, after = _digests(packages / EDITED), _digests(after_an_edit / EDITED)
    assert {name for name in before if before[name] != after[name]} == {"deployment.zip"}


def test_an_edit_changes_only_its_own_module_of_the_plan(
    packages: Path, after_an_edit: Path, program: Terraform, environment: Environment, tmp_path: Path
):
    """What Terraform plans for all other modules is what it planned before."""
    shutil.copytree(packages, tmp_path / "services")
    for name in (EDITED, UNTOUCHED, "logins"):
        shutil.rmtree(tmp_path / "services" / name)
        shutil.copytree(after_an_edit / name, tmp_path / "services" / name)
    folder = copied_plan(tmp_path / "services", tmp_path / "copy")
    program.init(folder)
    arguments = ("-filter=tests/dev.tftest.hcl", "-var-file=environments/dev.tfvars")
    before = _planned(environment("dev").plans["planned"])
    after = _planned(mocked(program, folder, *arguments).plans["planned"])
    different = {
        address for address in before.keys() | after.keys() if before.get(address) != after.get(address)
    }
    assert different
    assert {address.split(".")[1] for address in different} == {EDITED}


def test_a_zip_does_not_tell_when_or_where_it_was_made(tmp_path: Path):
    """The same files give the same bytes, whatever their order, days and rights are."""
    digests = set()
    for order, day, rights in (("ab", 2001, 0o600), ("ba", 2026, 0o755)):
        file = tmp_path / "package.zip"
        with zipfile.ZipFile(file, "w") as written:
            for name in order:
                item = zipfile.ZipInfo(name, datetime(day, 1, 2).timetuple()[:6])
                item.external_attr = rights << 16
                written.writestr(item, name * 100)
        make_reproducible(file, {"c": b"more"})
        digests.add(hashlib.sha256(file.read_bytes()).hexdigest())
    assert len(digests) == 1
    with zipfile.ZipFile(file) as made:
        assert made.namelist() == ["a", "b", "c"]
        # Everybody may read it: Lambda's user is not the owner.
        assert {item.external_attr >> 16 for item in made.infolist()} == {0o644}


def test_a_package_has_nothing_that_depends_on_this_machine(packages: Path):
    """No tests, no path of this machine, and none of what is only used here."""
    for file in packages.glob("*/deployment.zip"):
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            assert names == sorted(names)
            assert [name for name in names if name.startswith(("local/", "tests/"))] == []
            here = (str(ROOT).encode(), str(packages.parent).encode())
            found = [name for name in names if any(path in archive.read(name) for path in here)]
        assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_package_is_small(packages: Path, service: str):
    """It has less than 10 MB."""
    assert (packages / service / "deployment.zip").stat().st_size < 10_000_000


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="The packages are for Linux on x86-64."
)
@pytest.mark.parametrize("service", SERVICES)
def test_a_cold_start_compiles_nothing(packages: Path, service: str, tmp_path: Path):
    """All that app.py imports from its package, and what customers wait for, is there as bytecode, too."""
    with zipfile.ZipFile(packages / service / "deployment.zip") as package_file:
        package_file.extractall(tmp_path)
    late = "\n".join(done for name, done in bytecode.LATE.items() if (tmp_path / name).exists())
    told = subprocess.run(
        [sys.executable, "-B", "-v", "-c", f"import app\n{late}"],
        cwd=tmp_path,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    loaded = re.findall(rf"# code object from '?{re.escape(str(tmp_path))}/(.+?)'?$", told, re.MULTILINE)
    assert len(loaded) > 50
    assert [name for name in loaded if not name.endswith(".pyc")] == []


def test_an_api_says_what_the_gateway_answers_itself(packages: Path):
    """Each API is deployed with problems for API Gateway's own errors, and an answer to unknown methods."""
    for service in ("invoice", "order", "payment", "product"):
        template = json.loads((packages / service / "chalice.tf.json").read_text(encoding="utf-8"))
        api = json.loads(template["locals"]["chalice_api_swagger"])
        for response in api["x-amazon-apigateway-gateway-responses"].values():
            told = json.loads(response["responseTemplates"]["application/json"])
            assert told["type"].startswith("/problems/")
            assert str(told["status"]) == response["statusCode"]
        assert all("x-amazon-apigateway-any-method" in methods for methods in api["paths"].values())


def test_a_service_that_cannot_be_packaged_is_told_in_a_sentence(services: Path, tmp_path: Path):
    """A fault in app.py is told with its service, and the package of before stays."""
    checkout, target = tmp_path / "checkout", tmp_path / "services"
    shutil.copytree(services, checkout, symlinks=True)
    (checkout / EDITED / "app.py").write_text("raise RuntimeError('no app')\n", encoding="utf-8")
    (target / EDITED).mkdir(parents=True)
    (target / EDITED / "of before").touch()
    with pytest.raises(LocalError, match=f"{EDITED} could not be packaged: .*no app"):
        package(target, tmp_path / "home", (EDITED,), checkout)
    assert (target / EDITED / "of before").exists()


# What Chalice 1.34 writes for a small app, as far as it matters here.
WRITTEN: dict[str, Any] = {
    "terraform": {"required_version": ">= 0.12.26, < 1.4.0", "required_providers": {"null": {}}},
    "data": {"aws_region": {"chalice": {}}, "null_data_source": {"chalice": {}}},
    "resource": {
        "aws_lambda_function": {
            "migrate": {
                "function_name": "shop-aws-migrate",
                "tags": {"aws-chalice": "version=1.34.0:stage=aws"},
            },
            "on_file": {"function_name": "shop-aws-on_file", "reserved_concurrent_executions": 5, "tags": {}},
        },
        "aws_lambda_event_source_mapping": {"on_payment-sqs-event-source": {"batch_size": 10}},
        "aws_lambda_permission": {
            "on_file-s3event": {"principal": "s3.amazonaws.com"},
            "rest_api_invoke": {"principal": "apigateway.amazonaws.com"},
        },
        "aws_s3_bucket_notification": {"${var.bucket}_notify": {"bucket": "${var.bucket}"}},
        "aws_cloudwatch_event_rule": {
            "sweep-event": {"name": "sweep-event", "schedule_expression": "rate(1 minute)"}
        },
        "aws_api_gateway_rest_api": {"rest_api": {"name": "shop", "body": "${local.chalice_api_swagger}"}},
        "aws_api_gateway_deployment": {
            "rest_api": {
                "stage_name": "api",
                "stage_description": "${md5(local.chalice_api_swagger)}",
                "rest_api_id": "${aws_api_gateway_rest_api.rest_api.id}",
            }
        },
    },
    "output": {"EndpointURL": {"value": "${aws_api_gateway_deployment.rest_api.invoke_url}"}},
}


def test_terraform_and_the_provider_may_be_of_today():
    """Chalice asks for Terraform below 1.4; the module asks for what the root does, and for one provider."""
    asked = mend(WRITTEN, "shop")["terraform"]
    assert asked["required_version"] == ">= 1.11"
    assert list(asked["required_providers"]) == ["aws"]
    assert "null_data_source" not in mend(WRITTEN, "shop")["data"]


def test_names_have_the_stage_and_the_service():
    """The stage is Terraform's to say; names that two services could share have the service in them."""
    resources = mend(WRITTEN, "shop")["resource"]
    assert resources["aws_lambda_function"]["migrate"]["function_name"] == "shop-${var.stage}-migrate"
    assert resources["aws_cloudwatch_event_rule"]["sweep-event"]["name"] == "shop-${var.stage}-sweep-event"
    assert resources["aws_api_gateway_rest_api"]["rest_api"]["name"] == "shop-${var.stage}"


def test_a_notification_has_a_name_that_terraform_takes_and_comes_after_its_permission():
    """`${var.bucket}_notify` is no name; and S3 refuses to tell a function that it may not call."""
    notifications = mend(WRITTEN, "shop")["resource"]["aws_s3_bucket_notification"]
    assert notifications == {
        "bucket": {"bucket": "${var.bucket}", "depends_on": ["aws_lambda_permission.on_file-s3event"]}
    }


def test_a_queue_hears_which_messages_failed():
    """Chalice has no setting for it."""
    (mapping,) = mend(WRITTEN, "shop")["resource"]["aws_lambda_event_source_mapping"].values()
    assert mapping == {"batch_size": 10, "function_response_types": ["ReportBatchItemFailures"]}


def test_a_stage_is_a_resource_of_its_own():
    """A deployment of the provider's version 6 makes no stage; it is made anew when the API is another."""
    resources = mend(WRITTEN, "shop")["resource"]
    assert resources["aws_api_gateway_deployment"]["rest_api"] == {
        "rest_api_id": "${aws_api_gateway_rest_api.rest_api.id}",
        "triggers": {"api": "${sha256(local.chalice_api_swagger)}"},
    }
    assert resources["aws_api_gateway_stage"]["rest_api"]["stage_name"] == "api"


def test_settings_of_a_function_stay():
    """What Chalice read from .chalice/config.json stays, but for tags that name the packaged stage."""
    function = mend(WRITTEN, "shop")["resource"]["aws_lambda_function"]["on_file"]
    assert function["reserved_concurrent_executions"] == 5
    assert "tags" not in function


def test_tables_come_before_the_code_that_needs_them():
    """The other functions wait until `migrate`, with the new code, has succeeded."""
    resources = mend(WRITTEN, "shop")["resource"]
    assert resources["aws_lambda_function"]["on_file"]["depends_on"] == ["aws_lambda_invocation.migrate"]
    assert "depends_on" not in resources["aws_lambda_function"]["migrate"]
    assert resources["aws_lambda_invocation"]["migrate"]["triggers"]["code"] == (
        "${aws_lambda_function.migrate.source_code_hash}"
    )


def test_what_chalice_wrote_is_not_changed_in_place():
    """`mend` gives another template, and the same again for the same."""
    before = json.dumps(WRITTEN)
    assert mend(WRITTEN, "shop") == mend(WRITTEN, "shop")
    assert json.dumps(WRITTEN) == before


def test_each_variable_is_declared_once_with_a_type_and_a_description():
    """All that a template asks for, and no more."""
    declared = variables(
        {"a": "${var.roles.migrate} ${var.roles.on_file}", "b": ["${var.subnet_ids}", "${var.stage}"]}
    )
    assert {name: said["type"] for name, said in declared["variable"].items()} == {
        "roles": "map(string)",
        "stage": "string",
        "subnet_ids": "list(string)",
    }
    assert all(said["description"] for said in declared["variable"].values())


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _planned(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        change["address"]: (
            change["change"]["actions"],
            change["change"]["after"],
            change["change"]["after_unknown"],
        )
        for change in plan["resource_changes"]
    }
