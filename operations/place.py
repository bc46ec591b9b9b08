"""Which shop is meant: the one on this machine, or a stage on AWS."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any
from uuid import uuid4

import boto3
from attrs import define
from botocore.config import Config
from cyclopts import Parameter

from common.aws.functions import unwrap
from common.codec import write
from common.errors import Unavailable
from local.paths import HOME, ROOT
from operations.errors import OperationError

LOCAL = "local"
# Migrations and imports may take as long as their function; a function is asked once.
_CONFIG = Config(connect_timeout=5, read_timeout=310, retries={"mode": "standard"}, max_pool_connections=20)
_ONCE = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))


@Parameter(name="*")
@define(slots=False, eq=False)
class Place:
    """One running shop, and its services as those who run it reach them."""

    stage: Annotated[str, Parameter(env_var="SHOP_STAGE", group="Which shop")] = LOCAL
    "The stage on AWS, such as prod; or local, for the shop on this machine."

    profile: Annotated[str | None, Parameter(group="Which shop")] = None
    "The profile of AWS to sign in with. It needs a --stage."

    region: Annotated[str | None, Parameter(group="Which shop")] = None
    "The region, where the profile has another one or none."

    @property
    def is_local(self) -> bool:
        return self.stage == LOCAL

    @property
    def name(self) -> str:
        """What people call it."""
        return "the shop on this machine" if self.is_local else f"the stage {self.stage} on AWS"

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def aws(self, service: str) -> Any:
        """A client of one service of AWS, or of the emulator."""
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    def _new_client(self, service: str) -> Any:
        if self.is_local:
            if self.profile or self.region:
                raise OperationError("A --profile or --region needs a --stage, such as --stage prod.")
            if not (HOME / "shop.json").exists():
                raise OperationError("The shop on this machine is not up. Run make up, or name a --stage.")
            from local.emulator.clients import client

            return client(service)
        session = boto3.Session(profile_name=self.profile, region_name=self.region)
        return session.client(service, config=_ONCE if service == "lambda" else _CONFIG)

    @cached_property
    def _correlation_id(self) -> str:
        """What was done by hand is found by it in the logs of the functions."""
        return f"shop-{uuid4()}"

    def call(self, service: str, function: str, **arguments: object) -> Any:
        """Calls an internal function of a service; its plain answer.

        Raises the `Invalid` or `NotFound` that the function raised, `Unavailable` where it failed, and what
        boto3 raises where it could not be called.
        """
        answer = self.aws("lambda").invoke(
            FunctionName=self.function(service, function),
            Payload=write({"arguments": arguments, "correlation_id": self._correlation_id}).encode(),
        )
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise Unavailable(
                f"{self.function(service, function)} failed: {payload.get('errorMessage', 'it said nothing')}"
            )
        return unwrap(payload)

    @cached_property
    def bucket(self) -> str:
        """Where invoices, and the markers of their mails, are."""
        if self.is_local:
            return "shop-invoices-local"
        return f"shop-invoices-{self.stage}-{self.aws('sts').get_caller_identity()['Account']}"

    def function(self, service: str, name: str) -> str:
        """What AWS calls a function; `api_handler` is the one that serves HTTP."""
        return "-".join([service, self.stage, *([] if name == "api_handler" else [name])])


HERE = Place()
"""Where nothing else is said."""


def functions() -> Mapping[str, Sequence[str]]:
    """The functions of each service."""
    file = ROOT / "terraform" / "policies" / "functions.json"
    return {service: list(names) for service, names in json.loads(file.read_text(encoding="utf-8")).items()}
