"""What each function's role allows, in the words of `calls`, and what the function does."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.terraform.calls import calls
from tests.terraform.code import ServiceCode

# What Lambda does with a function's role, before or after the function itself runs.
_LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
_TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
_NETWORK = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
_QUEUE = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}

# What stands in an ARN before the name of a thing.
_KINDS = {"dbuser", "function", "identity", "keyspace", "log-group", "secret", "table"}

Statement = Mapping[str, Any]


@frozen
class Policies:
    """The one source of all roles: terraform/policies."""

    functions: Mapping[str, Mapping[str, Sequence[str]]]
    """The names of the statements of each function, by service and function."""
    statements: Mapping[str, Statement]


def read_policies(folder: Path) -> Policies:
    """The policies in a folder."""
    functions, statements = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("functions.json", "statements.json")
    )
    return Policies(functions, statements)


def differences(policies: Policies, code: Mapping[str, ServiceCode]) -> list[str]:
    """A sentence for each call that a role does not allow, and for each that it allows and nobody makes."""
    found = []
    for service, described in code.items():
        for function in described.functions:
            granted = policies.functions.get(service, {}).get(function, ())
            may = {action for name in granted for action in allowed(policies.statements[name])}
            does = _done_by_lambda(described, function) | calls(service, function)
            found += [f"{service}-{function} needs {action}." for action in sorted(does - may)]
            found += [f"{service}-{function} may {action}, and never does." for action in sorted(may - does)]
    named = {
        name for functions in policies.functions.values() for names in functions.values() for name in names
    }
    return [
        *found,
        *(f"No role has the statement {name}." for name in sorted(set(policies.statements) - named)),
    ]


def too_wide(statements: Mapping[str, Statement]) -> list[str]:
    """A sentence for each statement that allows more than it names, or does not say why it is there."""
    found = []
    for name, statement in statements.items():
        if len(statement.get("Why", "")) < 20:
            found.append(f"{name} does not say why it is there.")
        if statement["Effect"] != "Allow":
            continue
        if any("*" in action for action in _listed(statement["Action"])):
            found.append(f"{name} has a wildcard for an action.")
        for resource in _listed(statement["Resource"]):
            if resource == "*" and not (
                set(_listed(statement["Action"])) <= _NETWORK | _TRACES and "*" in statement["Why"]
            ):
                found.append(f"{name} is about every resource, and does not say why none can be named.")
            elif resource != "*" and not _names_something(resource):
                found.append(f"{name} is about {resource}, which names nothing.")
    return found


def allowed(statement: Statement) -> Iterator[str]:
    """What a statement allows, in the words of `calls`: actions, with what matters of their resources."""
    if statement["Effect"] != "Allow":
        return
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            match action:
                case "lambda:InvokeFunction":
                    service, _, function = resource.rpartition(":")[2].split("-")
                    yield f"{action} {service}-{function}"
                case "secretsmanager:GetSecretValue":
                    yield f"{action} {resource.partition('secret:${')[2].partition('}')[0]}"
                case "rds-db:connect":
                    yield f"{action} {resource.rpartition('/${')[2].removesuffix('}')}"
                case "cassandra:Select" if "/keyspace/system" in resource:
                    yield f"{action} system"
                case _:
                    yield action


def _done_by_lambda(service: ServiceCode, function: str) -> set[str]:
    in_network = "subnet_ids" in service.config["stages"]["aws"]
    started_by_queue = service.functions[function].kind == "queue"
    traces = _TRACES if service.config.get("xray") else set()
    return _LOGS | traces | (_NETWORK if in_network else set()) | (_QUEUE if started_by_queue else set())


def _names_something(resource: str) -> bool:
    """Whether an ARN says which one it is about, before a wildcard stands for the rest of its name."""
    named = re.split(r"[*?]", resource.split(":", 5)[-1])[0]
    return any(part not in _KINDS for part in re.split(r"[:/]", named) if part)


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
