"""Which AWS calls a function of a service can make, read from the code: from its handler to the adapters.

`tests.architecture.walker` follows the code; here it is looked for `client("s3").put_object` on the way.
"""

import ast
import re
from functools import cache

from attrs import define, field

from tests.architecture.walker import Body, Service, Types, service, text

# What IAM asks for a call of boto3, where it is another word than the call itself.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ACTIONS = {
    ("lambda", "invoke"): set[str](),  # told apart by the function that is called: see `functions.call` below
    ("rds", "generate_db_auth_token"): set[str](),  # told apart by the user: see `_made_with` below
    ("s3", "delete_object"): {"s3:DeleteObject"},
    # S3 answers 404 only to those who may list, and 403 to the others.
    ("s3", "get_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "head_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "list_objects_v2"): {"s3:ListBucket"},
    ("s3", "put_object"): {"s3:PutObject"},
    ("secretsmanager", "get_secret_value"): set[str](),  # told apart by the secret: see `_made_with` below
    ("sesv2", "send_email"): {"ses:SendEmail", "ses:SendRawEmail"},
    ("sns", "publish_batch"): {"sns:Publish"},
}

# Calls that reach nobody: they only make another call, which is named beside them.
_LOCAL = {"get_paginator", "generate_presigned_url"}

# Whom the proxy lets in by whose secret: the token is signed here, and shown by whoever connects.
_USERS = {"database_secret": "database_user", "database_owner_secret": "database_owner"}

_STATEMENTS = {"SELECT": "Select", "INSERT": "Modify", "UPDATE": "Modify", "DELETE": "Modify"}


@cache
def calls(name: str, function: str) -> frozenset[str]:
    """The calls of one function of a service: IAM actions, of which four say more of what they are about.

    `lambda:InvokeFunction <service>-<function>`, `secretsmanager:GetSecretValue <setting>`,
    `rds-db:connect <user>` and `cassandra:Select system`. The function `api_handler` is all routes together.
    """
    search = _Search(service(name))
    for handler in service(name).handlers()[function]:
        search.walk(handler)
    return frozenset(search.found)


@define
class _Search:
    """Collects the calls; every function, and every method of a class, is walked once."""

    service: Service
    found: set[str] = field(factory=set)
    _seen: set[tuple[str, str]] = field(factory=set)

    def walk(self, body: Body) -> None:
        """Collects the calls in a function, and in those that it leads to."""
        if (body.owner, body.name) in self._seen:
            return
        self._seen.add((body.owner, body.name))
        self._made_with(body.owner)
        if body.module == "common.repositories.cassandra.migrate":
            # What it runs lies in files: each statement creates a table, or adds a column to one.
            self.found |= {"cassandra:Alter", "cassandra:Create"}
        types = self.service.types_in(body)
        for node in ast.walk(body.node):
            self._look(node, body.module, types)
            for other in self.service.led_to(node, body.module, types):
                self.walk(other)

    def _look(self, node: ast.AST, module: str, types: Types) -> None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            self._call(node, node.func, types)
        elif isinstance(node, ast.Name):
            self._statement(module, self.service.texts[module].get(node.id, ""))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._statement(module, node.value)

    def _call(self, node: ast.Call, function: ast.Attribute, types: Types) -> None:
        target, operation = function.value, function.attr
        if isinstance(target, ast.Call) and isinstance(target.func, ast.Name):
            if target.func.id == "client" and target.args:
                self._aws(str(text(target.args[0])), operation, node)
            elif target.func.id == "_ses":
                self._aws("sesv2", operation, node)
        elif isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
            for owner in self.service.types_of(target.func.value, types):
                known = self.service.classes.get(owner)
                if known and target.func.attr in known.clients:
                    self._aws(known.clients[target.func.attr], operation, node)
        called = self.service.called_function(node, types)
        if called:
            self.found.add(f"lambda:InvokeFunction {'-'.join(called)}")

    def _aws(self, client: str, operation: str, node: ast.Call) -> None:
        if operation in _LOCAL:
            operation = str(text(node.args[0]))
        self.found |= ACTIONS[client, operation]

    def _statement(self, module: str, words: str) -> None:
        if module.startswith("common.repositories.cassandra"):
            for word in re.findall(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", words):
                system = " system" if re.search(r"FROM system", words) else ""
                self.found.add(f"cassandra:{_STATEMENTS[word]}{system}")

    def _made_with(self, adapter: str) -> None:
        """Finds the secrets that wiring.py names for this adapter."""
        for _, node in self.service.made_in(adapter):
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and part.attr.endswith("_secret"):
                    self.found.add(f"secretsmanager:GetSecretValue {part.attr}")
                    if part.attr in _USERS:
                        self.found.add(f"rds-db:connect {_USERS[part.attr]}")
                    if part.attr == "archive_secret":
                        # Cassandra's driver looks around when it connects.
                        self.found.add("cassandra:Select system")
