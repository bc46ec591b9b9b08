"""Secrets Manager."""

import json
from typing import Any

from attrs import field

from common.aws.clients import client
from common.aws.errors import unavailable
from common.codec import write
from common.kinds import service

_HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue"}


@service
class ManagedSecrets:
    """`Secrets` in AWS Secrets Manager, each a JSON object, kept for the life of the container."""

    _kept: dict[str, dict[str, Any]] = field(factory=dict, init=False)

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        if again or name not in self._kept:
            with unavailable("The store of secrets"):
                answer = client("secretsmanager").send(
                    "GetSecretValue", "POST", "/", headers=_HEADERS, body=write({"SecretId": name}).encode()
                )
            self._kept[name] = json.loads(json.loads(answer.body)["SecretString"])
        return self._kept[name]
