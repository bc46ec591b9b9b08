"""Taking single permissions away from the functions of the running shop."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, frozen

from local import provision
from local.provision import POLICIES
from tests.e2e.running import RunningShop

# What the roles have for AWS, and nobody asks for on this machine: the tests run without any of it.
UNENFORCED = {
    "TellItsTraces": "Lambda tells X-Ray; here the emulator writes the traces down itself.",
    "JoinTheNetwork": "Lambda makes network interfaces; here is no network but the machine's own.",
    "LeaveTheNetworkToLambda": "It denies what nothing here would do: there are no interfaces.",
    "LogInAtItsDatabase": "RDS Proxy asks for rds-db:connect; here Postgres takes the password itself.",
    "LogInAsTheDatabasesOwner": "RDS Proxy asks for rds-db:connect; here Postgres takes the password itself.",
    "ReadTheSchemaOfTheArchive": "Keyspaces asks for it; Cassandra on this machine lets everybody in.",
    "ReadTheArchive": "Keyspaces asks for it; Cassandra on this machine lets everybody in.",
    "WriteTheArchive": "Keyspaces asks for it; Cassandra on this machine lets everybody in.",
    "MakeTheTablesOfTheArchive": "Keyspaces asks for it; Cassandra on this machine lets everybody in.",
}

Policy = dict[str, Any]


@frozen
class Permission:
    """One action of one statement in the role of one function."""

    service: str
    function: str
    statement: str
    action: str

    def __str__(self) -> str:
        return f"{self.service}-{self.function}-{self.statement}-{self.action.replace(':', '.')}"

    @property
    def lambda_name(self) -> str:
        return lambda_name(self.service, self.function)


def lambda_name(service: str, function: str) -> str:
    """What Chalice calls the function on this machine."""
    return "-".join([service, provision.STAGE, *([] if function == "api_handler" else [function])])


def enforced() -> list[Permission]:
    """Every permission that somebody asks for on this machine."""
    statements = json.loads((POLICIES / "statements.json").read_text(encoding="utf-8"))
    return [
        Permission(service, function, name, action)
        for service, functions in provision.granted().items()
        for function, names in functions.items()
        for name in names
        if name not in UNENFORCED
        for action in _actions(statements[name])
    ]


@define
class Roles:
    """The roles of a running shop's functions, reduced to what is enforced here while `reduced` lasts."""

    shop: RunningShop

    @contextmanager
    def reduced(self) -> Iterator[None]:
        every = [(service, name) for service, names in provision.granted().items() for name in names]
        for service, function in every:
            self._put(service, function, _reduced(service, function))
        try:
            yield
        finally:
            for service, function in every:
                self._put(service, function, provision.policy(service, function))

    @contextmanager
    def without(self, permission: Permission) -> Iterator[None]:
        """Within the block the function's role lacks one permission; all else it has."""
        policy = _reduced(permission.service, permission.function)
        for statement in policy["Statement"]:
            if statement["Sid"] == permission.statement:
                statement["Action"] = [a for a in _actions(statement) if a != permission.action]
        policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
        self._put(permission.service, permission.function, policy)
        try:
            yield
        finally:
            self._put(
                permission.service, permission.function, _reduced(permission.service, permission.function)
            )

    def _put(self, service: str, function: str, policy: Policy) -> None:
        self.shop.aws("iam").put_role_policy(
            RoleName=provision.role_name(service, function),
            PolicyName=function,
            PolicyDocument=json.dumps(policy),
        )


def forget(shop: RunningShop, function: str) -> None:
    """Lets the next call of a function begin in a container that has read no secret: a change does that."""
    functions = shop.aws("lambda")
    same = functions.get_function_configuration(FunctionName=function)["Timeout"]
    functions.update_function_configuration(FunctionName=function, Timeout=same)


@contextmanager
def schedules_off(shop: RunningShop) -> Iterator[None]:
    """Within the block nothing runs because it is time."""
    events = shop.aws("events")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"] if rule["State"] == "ENABLED"]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)


class Logs:
    """What one function writes to its log from now on, and what the emulator writes of it."""

    def __init__(self, shop: RunningShop, function: str) -> None:
        self._shop = shop
        self._function = function
        self._group = f"/aws/lambda/{function}"
        self._since = int(time.time() * 1000)
        self._emulator = shop.home / "logs" / "aws.log"
        self._read = self._emulator.stat().st_size

    def text(self) -> str:
        logs = self._shop.aws("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=self._group, startTime=self._since
            )
            return "\n".join(event["message"] for page in pages for event in page["events"])
        except logs.exceptions.ResourceNotFoundException:
            return ""

    def of_poller(self) -> str:
        """What the emulator says of fetching messages for the function."""
        with self._emulator.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._read)
            return "".join(line for line in log if line.startswith(f"{self._function} "))


def _reduced(service: str, function: str) -> Policy:
    policy = provision.policy(service, function)
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] not in UNENFORCED]
    return policy


def _actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)
