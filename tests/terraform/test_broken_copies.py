"""What the checks are for: each mistake, made in a copy, is found by them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.apps import ROOT
from tests.terraform import agreement, permissions
from tests.terraform.code import read_code
from tests.terraform.conftest import PLAN, Environment
from tests.terraform.made import Made, made
from tests.terraform.offline.tools import Terraform

POLICIES = permissions.read_policies(PLAN / "policies")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("modules/messaging/main.tf", "visibility_timeout_seconds =", "visibility_timeout_second ="),
        ("modules/postgres/main.tf", "storage_encrypted     =", "storage_encrypt     ="),
        ("services/order/chalice.tf.json", '"timeout"', '"timout"'),
    ],
)
def test_a_misspelt_argument(file: str, right: str, wrong: str, program: Terraform, copy_of_plan: Path):
    """Terraform refuses an argument that the provider does not know: in a module, and in a package."""
    _replace(copy_of_plan / file, right, wrong)
    name = wrong.strip('" =')
    assert any(name in said for said in program.validate(copy_of_plan))


def test_an_argument_of_another_type(program: Terraform, copy_of_plan: Path):
    """Terraform refuses a word where the provider asks for a number."""
    _replace(copy_of_plan / "modules/logins/main.tf", "timeout          = ", 'timeout          = "long" # ')
    assert any("number" in said for said in program.validate(copy_of_plan))


def test_a_variable_that_nobody_fills_in(program: Terraform, copy_of_plan: Path):
    """Terraform refuses a plan that gives a service less than its .chalice/config.json asks for."""
    _replace(
        copy_of_plan / "services.tf", "  catalog_secret       = module.documentdb.login_secret_name\n", ""
    )
    assert any("catalog_secret" in said for said in program.validate(copy_of_plan))


def test_a_variable_that_is_not_declared(program: Terraform, copy_of_plan: Path):
    """Terraform refuses a plan that names a variable which there is not."""
    _replace(copy_of_plan / "variables.tf", 'variable "waf" {', 'variable "firewall" {')
    assert any("waf" in said for said in program.validate(copy_of_plan))


@pytest.fixture
def copy_of_code(tmp_path: Path) -> Path:
    """A copy of the services, which a test may break."""
    shutil.copytree(ROOT / "common", tmp_path / "common")
    for name in read_code(ROOT):
        room = f"chalicelib/{name}"
        for part in (".chalice/config.json", "app.py", f"{room}/settings.py", f"{room}/wiring.py"):
            (tmp_path / name / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name / part, tmp_path / name / part)
    return tmp_path


@pytest.fixture
def plan_as_made(environment: Environment) -> Made:
    return made(environment("prod").states["applied"])


def test_a_queue_that_only_the_code_has(copy_of_code: Path, plan_as_made: Made):
    """A handler of a queue that Terraform does not make is found, and what it lacks is named."""
    decorator = '@app.on_sqs_message(queue=resource("RETURNS_QUEUE"), name="on_return")'
    with (copy_of_code / "inventory" / "app.py").open("a", encoding="utf-8") as app:
        app.write(f"\n\n{decorator}\ndef on_return(event): ...\n")
    told = agreement.differences(read_code(copy_of_code), plan_as_made)
    assert "inventory: the function on_return is in the code and not in the plan." in told
    assert "inventory: the queue of the function on_return is in the code and not in the plan." in told
    assert "inventory: the configured variable RETURNS_QUEUE is in the code and not in the plan." in told


def test_a_queue_that_is_read_and_not_made(plan_as_made: Made):
    """A function that is bound to a queue which Terraform does not make is found."""
    lost = _without(plan_as_made, 'module.messaging.aws_sqs_queue.payments["order"]')
    told = agreement.differences(read_code(ROOT), lost)
    assert "order: on_payment reads the queue order-payments, which is not in the plan." in told


def test_a_queue_that_only_the_plan_has(plan_as_made: Made):
    """A queue that no function reads is found."""
    queue = plan_as_made.resources['module.messaging.aws_sqs_queue.payments["order"]']
    more = {**queue, "name": "returns", "arn": "another"}
    told = agreement.differences(
        read_code(ROOT), _with(plan_as_made, 'module.messaging.aws_sqs_queue.more["x"]', more)
    )
    assert "The queue returns is read by no function." in told


def test_a_topic_that_only_the_plan_has(plan_as_made: Made):
    """A topic that no function speaks to or hears is found."""
    topic = {"name": "orders", "arn": "another"}
    told = agreement.differences(
        read_code(ROOT), _with(plan_as_made, "module.messaging.aws_sns_topic.orders", topic)
    )
    assert "The topic orders is in the plan and not in the code." in told


def test_a_variable_that_only_the_code_reads(copy_of_code: Path, plan_as_made: Made):
    """A setting that no function is given is found."""
    _replace(
        copy_of_code / "invoice/chalicelib/invoice/settings.py",
        "    seller_name: str",
        "    seller_fax: str\n    seller_name: str",
    )
    told = agreement.differences(read_code(copy_of_code), plan_as_made)
    assert "invoice: on_payment: the variable SELLER_FAX is in the code and not in the plan." in told


def test_a_function_whose_time_is_another(copy_of_code: Path, plan_as_made: Made):
    """A setting of a function that did not reach the plan is found."""
    config = copy_of_code / "invoice" / ".chalice" / "config.json"
    _replace(config, '"lambda_timeout": 20', '"lambda_timeout": 21')
    told = agreement.differences(read_code(copy_of_code), plan_as_made)
    assert told == ["invoice: api_handler has 20 for lambda_timeout, not 21."]


@pytest.mark.parametrize(
    ("statement", "resource", "said"),
    [
        ("TellTheOthers", "*", "every resource"),
        ("ReadItsQueue", "arn:aws:sqs:${region}:${account_id}:*", "names nothing"),
        ("CallOrderGetOrder", "arn:aws:lambda:${region}:${account_id}:function:*", "names nothing"),
        ("ReadInvoices", "arn:aws:s3:::*", "names nothing"),
    ],
)
def test_a_role_about_everything(statement: str, resource: str, said: str):
    """A resource that could be named and is not is found."""
    wide = {**POLICIES.statements[statement], "Resource": resource}
    (told,) = permissions.too_wide({**POLICIES.statements, statement: wide})
    assert told.startswith(statement)
    assert said in told


def test_a_wildcard_for_an_action():
    """A role that may do all that a service of AWS can is found."""
    wide = {**POLICIES.statements["TellTheOthers"], "Action": "sns:*"}
    assert permissions.too_wide({"TellTheOthers": wide}) == ["TellTheOthers has a wildcard for an action."]


def test_a_role_that_lacks_an_action():
    """A role that does not allow what the code does is found, and a statement that is left without a role."""
    lacking = _granted("order", "on_payment", without="CallPaymentRequestRefund")
    assert permissions.differences(lacking, read_code(ROOT)) == [
        "order-on_payment needs lambda:InvokeFunction payment-request_refund.",
        "No role has the statement CallPaymentRequestRefund.",
    ]


def test_a_role_with_an_action_that_nothing_needs():
    """A role that allows what the code never does is found."""
    told = permissions.differences(
        _granted("inventory", "get_inventory", more="TellTheOthers"), read_code(ROOT)
    )
    assert told == ["inventory-get_inventory may sns:Publish, and never does."]


def _granted(service: str, function: str, without: str = "", more: str = "") -> permissions.Policies:
    functions = json.loads(json.dumps(POLICIES.functions))
    names = [name for name in functions[service][function] if name != without]
    functions[service][function] = [*names, more] if more else names
    return evolve(POLICIES, functions=functions)


def _with(plan: Made, address: str, values: dict[str, Any]) -> Made:
    values = {"redrive_policy": None, **values}
    return Made({**plan.resources, address: values})


def _without(plan: Made, address: str) -> Made:
    return Made({key: values for key, values in plan.resources.items() if key != address})
