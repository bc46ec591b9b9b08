"""Each function may do what it does, and nothing else: its role is held against the code."""

import ast
import json

from common.domain.invoice import MAILS, MAILS_DUE, PREFIX
from tests.apps import ROOT
from tests.architecture.imports import sources
from tests.terraform.calls import ACTIONS, calls
from tests.terraform.code import read_code
from tests.terraform.conftest import PLAN, Environment
from tests.terraform.made import made
from tests.terraform.permissions import differences, read_policies, too_wide

POLICIES = read_policies(PLAN / "policies")


def test_each_function_may_do_what_it_does_and_nothing_else():
    """Every AWS call that the adapters can make for a function is allowed by its role, and no other."""
    assert differences(POLICIES, read_code(ROOT)) == []


def test_every_kind_of_call_is_followed_from_some_function():
    """Each AWS call that stands in the adapters is reached from a handler: following the code misses none."""
    reached = {
        action.split(" ")[0]
        for service, code in read_code(ROOT).items()
        for function in code.functions
        for action in calls(service, function)
    }
    expected = {action for actions in ACTIONS.values() for action in actions}
    expected |= {"lambda:InvokeFunction", "rds-db:connect", "secretsmanager:GetSecretValue"}
    assert {action for action in reached if not action.startswith("cassandra:")} == expected
    clients = {
        node.args[0].value
        for path in sources().values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert clients == {client for client, _ in ACTIONS}


def test_no_statement_allows_more_than_it_names():
    """No action is a wildcard, each statement says why it is there, and what can be named is named."""
    assert too_wide(POLICIES.statements) == []


def test_files_are_allowed_by_the_prefixes_that_the_code_knows():
    """A role that may read or write files may do so in folders that the services have."""
    folders = {
        resource.partition("}/")[2].removesuffix("*")
        for statement in POLICIES.statements.values()
        for resource in (
            [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
        )
        if "${invoice_bucket}/" in resource
    }
    known = {PREFIX, MAILS_DUE, f"{MAILS}sent/", f"{MAILS}refused/", f"{MAILS}bounced/"}
    assert folders == known


def test_the_roles_of_the_plan_are_these(environment: Environment):
    """Terraform fills in every name, for each function its own."""
    roles = made(environment("prod").states["applied"]).of("aws_iam_role_policy", "module.roles")
    assert len(roles) == sum(len(functions) for functions in POLICIES.functions.values())
    for key, role in roles.items():
        service, function = key.removeprefix('this["').removesuffix('"]').split("-")
        statements = json.loads(role["policy"])["Statement"]
        assert [statement["Sid"] for statement in statements] == POLICIES.functions[service][function]
        assert "${" not in role["policy"]
        assert "none" not in [resource.rpartition(":")[2] for resource in _resources(statements)]
        logs = statements[0]["Resource"]
        name = f"{service}-prod" if function == "api_handler" else f"{service}-prod-{function}"
        assert logs == f"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/{name}:*"


def _resources(statements: list[dict[str, str | list[str]]]) -> list[str]:
    listed = [statement["Resource"] for statement in statements]
    return [resource for value in listed for resource in ([value] if isinstance(value, str) else value)]
