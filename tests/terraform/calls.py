"""Which AWS calls a function of a service can make, read from the code: from its handler to the adapters.

`tests.architecture.walker` follows the code; here it is looked for `client("s3").send("PutObject", ...)` on
the way.
"""

import ast
import re
from functools import cache

from attrs import define, field

from tests.architecture.walker import Body, Service, Types, service, text

# What IAM asks for an operation of AWS.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ACTIONS = {
    ("lambda", "Invoke"): set[str](),  # told apart by the function that is called: see `functions.call` below
    ("s3", "DeleteObject"): {"s3:DeleteObject"},
    # S3 answers 404 only to those who may list, and 403 to the others.
    ("s3", "GetObject"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "HeadObject"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "ListObjectsV2"): {"s3:ListBucket"},
    ("s3", "PutObject"): {"s3:PutObject"},
    ("secretsmanager", "GetSecretValue"): set[str](),  # told apart by the secret: see `_made_with` below
    ("ses", "SendEmail"): {"ses:SendEmail", "ses:SendRawEmail"},
    ("sns", "PublishBatch"): {"sns:Publish"},
}

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
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="client"), args=[name, *_]), attr="send"):
                self._aws(str(text(name)), node)
            case ast.Attribute(value=ast.Call(func=ast.Attribute(value=value, attr=attr)), attr="send"):
                for owner in self.service.types_of(value, types):
                    known = self.service.classes.get(owner)
                    if known and attr in known.clients:
                        self._aws(known.clients[attr], node)
        called = self.service.called_function(node, types)
        if called:
            self.found.add(f"lambda:InvokeFunction {'-'.join(called)}")

    def _aws(self, client: str, node: ast.Call) -> None:
        self.found |= ACTIONS[client, str(text(node.args[0]))]

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
