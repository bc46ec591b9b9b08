"""What tests of the emulator share: a running one, corrected or not, and small functions in it."""

import io
import json
import os
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from attrs import define, field

from local import processes
from local.emulator.clients import client
from local.emulator.credentials import ACCOUNT_ID, REGION
from local.emulator.server import address, server
from tests.local.shop_homes import quiet

T = TypeVar("T")
PASSWORD = "Correct-horse-7"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}

# What Lambda asks of the role of a function that a queue calls.
FETCH = {
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:*",
}


@define
class Emulator:
    """A running emulator in a home of its own."""

    home: Path
    corrected: bool
    seconds_per_minute: float = 60
    _clients: dict[str, Any] = field(factory=dict, init=False, repr=False)

    def start(self) -> "Emulator":
        without = () if self.corrected else ("all",)
        described = server(self.home, seconds_per_minute=self.seconds_per_minute, without=without)
        processes.start([described], self.home, report=quiet)
        return self

    def kill(self) -> None:
        """End it as a power cut would, and wait until its port is free."""
        pid = processes.recorded(self.home)[0].pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not self.answers())

    def answers(self) -> bool:
        try:
            return httpx.get(f"{address(self.home)}/_ministack/health", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = client(service, self.home)
        return self._clients[service]

    def function(self, name: str, code: str, policy: dict[str, Any] | None = None) -> str:
        """Make a function of this code (its `handler`), whose role may do what the policy says; its ARN."""
        iam = self.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        if policy:
            document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **policy}]}
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(document))
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="app.handler",
            Role=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
            Code={"ZipFile": _zip(code)},
            Timeout=20,
        )
        self.client("lambda").get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1}
        )
        return str(made["FunctionArn"])

    def call(self, name: str, event: object = None) -> Any:
        """What the function answers."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read())

    def pool(self) -> tuple[str, dict[str, str]]:
        """A user pool's ARN, and the tokens of a user who is in the groups `a` and `b`."""
        cognito = self.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]
        app = cognito.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]
        cognito.admin_create_user(UserPoolId=pool["Id"], Username="ada", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool["Id"], Username="ada", Password=PASSWORD, Permanent=True
        )
        for group in ("a", "b"):
            cognito.create_group(UserPoolId=pool["Id"], GroupName=group)
            cognito.admin_add_user_to_group(UserPoolId=pool["Id"], Username="ada", GroupName=group)
        answer = cognito.initiate_auth(
            ClientId=app["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )
        return pool["Arn"], answer["AuthenticationResult"]

    def api(self, function_arn: str, pool_arn: str | None = None) -> str:
        """Make a REST API whose GET /thing calls the function; the address of that."""
        gateway = self.client("apigateway")
        api_id = gateway.create_rest_api(name="things")["id"]
        root = gateway.get_resources(restApiId=api_id)["items"][0]["id"]
        thing = gateway.create_resource(restApiId=api_id, parentId=root, pathPart="thing")["id"]
        method: dict[str, Any] = {"authorizationType": "NONE"}
        if pool_arn:
            authorizer = gateway.create_authorizer(
                restApiId=api_id,
                name="people",
                type="COGNITO_USER_POOLS",
                providerARNs=[pool_arn],
                identitySource="method.request.header.Authorization",
            )
            method = {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": authorizer["id"]}
        gateway.put_method(restApiId=api_id, resourceId=thing, httpMethod="GET", **method)
        gateway.put_integration(
            restApiId=api_id,
            resourceId=thing,
            httpMethod="GET",
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations",
        )
        gateway.create_deployment(restApiId=api_id, stageName="api")
        return f"{address(self.home)}/_aws/execute-api/{api_id}/api/thing"


def until(condition: Callable[[], T], seconds: float = 20) -> T:
    """What the condition gives as soon as that is true; AssertionError if it is not in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return value


def lines(file: Path) -> list[str]:
    """The lines of a file that functions write to; none before there is one."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _zip(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        # With one date for all, the same code is the same package.
        package.writestr(zipfile.ZipInfo("app.py"), code)
    return buffer.getvalue()
