"""Which AWS calls a function of a service can make, read from the code: from its handler to the adapters.

A handler in app.py uses parts of its service's wiring. What a part can do is followed by its annotation: from
a use case to the ports in its fields, from a port to the adapter that wiring.py puts behind it, from there to
`client("s3").put_object`. Every branch counts as taken.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

from attrs import define, field, frozen

from tests.architecture.imports import sources

# What IAM asks for a call of boto3, where it is another word than the call itself.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ACTIONS = {
    ("lambda", "invoke"): set[str](),  # told apart by the function that is called: see `functions.call` below
    # Signed here, and asked of the proxy by whoever connects.
    ("rds", "generate_db_auth_token"): {"rds-db:connect"},
    ("s3", "delete_object"): {"s3:DeleteObject"},
    # S3 answers 404 only to those who may list, and 403 to the others.
    ("s3", "get_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "head_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "list_objects_v2"): {"s3:ListBucket"},
    ("s3", "put_object"): {"s3:PutObject"},
    ("secretsmanager", "get_secret_value"): set[str](),  # told apart by the secret: see `_secrets` below
    ("sesv2", "send_email"): {"ses:SendEmail", "ses:SendRawEmail"},
    ("sns", "publish_batch"): {"sns:Publish"},
}

# Calls that reach nobody: they only make another call, which is named beside them.
_LOCAL = {"get_paginator", "generate_presigned_url"}

_STATEMENTS = {"SELECT": "Select", "INSERT": "Modify", "UPDATE": "Modify", "DELETE": "Modify"}


@frozen
class _Class:
    """A class: its module and bases, the types in its fields' annotations, its fields that give a client of
    boto3, and its methods."""

    module: str
    bases: tuple[str, ...]
    fields: dict[str, frozenset[str]]
    clients: dict[str, str]
    methods: dict[str, ast.FunctionDef]


@frozen
class _Function:
    module: str
    node: ast.FunctionDef


@define
class Service:
    """The code of one service with what it uses of common, and the calls that have been found in it."""

    name: str
    classes: dict[str, _Class] = field(factory=dict)
    functions: dict[tuple[str, str], _Function] = field(factory=dict)
    imported: dict[str, dict[str, tuple[str, str]]] = field(factory=dict)
    texts: dict[str, dict[str, str]] = field(factory=dict)
    app: ast.Module = field(init=False)

    def handlers(self) -> dict[str, list[ast.FunctionDef]]:
        found: dict[str, list[ast.FunctionDef]] = {}
        for node in self.app.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                    route = decorator.func.attr == "route"
                    named = [k.value.value for k in decorator.keywords if k.arg == "name" and _text(k.value)]
                    name = "api_handler" if route else str(named[0]) if named else node.name
                    found.setdefault(name, []).append(node)
        return found


@cache
def calls(name: str, function: str) -> frozenset[str]:
    """The calls of one function of a service: IAM actions, of which three say more of what they are about.

    `lambda:InvokeFunction <service>-<function>`, `secretsmanager:GetSecretValue <setting>` and
    `cassandra:Select system`. The function `api_handler` is all routes together.
    """
    search = _Search(service(name))
    for handler in service(name).handlers()[function]:
        search.walk(handler, "app", {})
    return frozenset(search.found)


@cache
def service(name: str) -> Service:
    """The code of a service."""
    found = Service(name)
    for module, path in {**sources(), **sources(name)}.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if module == "app":
            found.app = tree
        imported, texts = found.imported.setdefault(module, {}), found.texts.setdefault(module, {})
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported |= {a.asname or a.name: (node.module or "", a.name) for a in node.names}
            elif isinstance(node, ast.ClassDef):
                # Several modules have a `Login`; none of them calls anybody.
                found.classes[node.name] = _read(module, node)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found.functions[module, node.name] = _Function(module, node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                texts[node.targets[0].id] = " ".join(_literals(node.value))
    return found


@define
class _Search:
    """Follows calls; every function, and every method of a class, is walked once."""

    service: Service
    found: set[str] = field(factory=set)
    _seen: set[tuple[str, str]] = field(factory=set)

    def walk(self, function: ast.AST, module: str, types: dict[str, frozenset[str]]) -> None:
        """Collect the calls in a function. `types` has the types of the names in it that are known."""
        types = dict(types)
        if isinstance(function, ast.FunctionDef):
            arguments = [*function.args.args, *function.args.kwonlyargs]
            types |= {a.arg: _names(a.annotation) for a in arguments if a.annotation}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                types[node.targets[0].id] = self._types(node.value, types)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                self._call(node, module, types)
            elif isinstance(node, ast.Attribute):
                for name in self._types(node.value, types):
                    self.method(name, node.attr)
            elif isinstance(node, ast.Name):
                # A function may be handed on, and called by somebody else.
                self._function(module, node.id)
                self._statement(module, self.service.texts[module].get(node.id, ""))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._statement(module, node.value)

    def method(self, name: str, method: str) -> None:
        """Walk a method of a class, of its bases, or of the adapters behind a port."""
        for adapter in self._behind(name):
            known = self.service.classes.get(adapter)
            if known is None or (adapter, method) in self._seen:
                continue
            self._seen.add((adapter, method))
            self._made_with(adapter)
            for owner in self._with_bases(adapter):
                found = self.service.classes[owner].methods.get(method)
                if found is not None:
                    own = frozenset({adapter})
                    self.walk(found, self.service.classes[owner].module, {"self": own})
                    break

    def _call(self, node: ast.Call, module: str, types: dict[str, frozenset[str]]) -> None:
        for name in self._types(node.func, types):
            self.method(name, "__call__")
        if not isinstance(node.func, ast.Attribute):
            return
        target, operation = node.func.value, node.func.attr
        if isinstance(target, ast.Call) and isinstance(target.func, ast.Name):
            if target.func.id == "client" and target.args:
                self._aws(str(_text(target.args[0])), operation, node)
            elif target.func.id == "_ses":
                self._aws("sesv2", operation, node)
        elif isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
            for owner in self._types(target.func.value, types):
                known = self.service.classes.get(owner)
                if known and target.func.attr in known.clients:
                    self._aws(known.clients[target.func.attr], operation, node)
        if operation == "call" and len(node.args) >= 2 and "Functions" in self._types(target, types):
            called, function = _text(node.args[0]), _text(node.args[1])
            self.found.add(f"lambda:InvokeFunction {called}-{function}")

    def _aws(self, client: str, operation: str, node: ast.Call) -> None:
        if operation in _LOCAL:
            operation = str(_text(node.args[0]))
        self.found |= ACTIONS[client, operation]

    def _function(self, module: str, name: str) -> None:
        where, original = self.service.imported[module].get(name, (module, name))
        function = self.service.functions.get((where, original))
        if function is not None and (where, original) not in self._seen:
            self._seen.add((where, original))
            if where == "common.repositories.cassandra.migrate":
                # What it runs lies in files, each of which creates a table.
                self.found.add("cassandra:Create")
            self.walk(function.node, where, {})

    def _statement(self, module: str, text: str) -> None:
        if module.startswith("common.repositories.cassandra"):
            for word in re.findall(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", text):
                system = " system" if re.search(r"FROM system", text) else ""
                self.found.add(f"cassandra:{_STATEMENTS[word]}{system}")

    def _made_with(self, adapter: str) -> None:
        """Finds the secrets that wiring.py names, and the functions that it hands over, for this adapter."""
        for wiring, node in self._made_in(adapter):
            for part in ast.walk(node):
                if isinstance(part, ast.Name):
                    self._function(self.service.classes[wiring].module, part.id)
                elif isinstance(part, ast.Attribute) and part.attr.endswith("_secret"):
                    self.found.add(f"secretsmanager:GetSecretValue {part.attr}")
                    if part.attr == "archive_secret":
                        # Cassandra's driver looks around when it connects.
                        self.found.add("cassandra:Select system")

    def _types(self, node: ast.expr, types: dict[str, frozenset[str]]) -> frozenset[str]:
        """The types that an expression may have, as far as they are annotated."""
        match node:
            case ast.Name(id="shop"):
                return frozenset({_wiring(self.service)})
            case ast.Name(id=name):
                return types.get(name, frozenset())
            case ast.Attribute(value=value, attr=attr):
                return frozenset(t for owner in self._types(value, types) for t in self._field(owner, attr))
            case ast.Call(func=ast.Attribute() as func):
                # A port that is made on need, as in `self.archive().get(...)`.
                return self._types(func, types)
        return frozenset()

    def _field(self, owner: str, attr: str) -> frozenset[str]:
        for name in self._with_bases(owner):
            known = self.service.classes[name]
            if attr in known.fields:
                return known.fields[attr] | self._handed_in(name, list(known.fields).index(attr))
            if attr in known.methods:
                return _names(known.methods[attr].returns)
        return frozenset()

    def _handed_in(self, name: str, position: int) -> frozenset[str]:
        """What wiring.py hands to a class in this place: its annotation may be a port of its own."""
        shop = {"self": frozenset({_wiring(self.service)})}
        found: frozenset[str] = frozenset()
        for _, method in self._made_in(name):
            for node in ast.walk(method):
                if isinstance(node, ast.Call) and name in _names(node.func) and position < len(node.args):
                    found |= self._types(node.args[position], shop)
        return found

    def _with_bases(self, name: str) -> list[str]:
        known = self.service.classes.get(name)
        if known is None:
            return []
        return [name, *(found for base in known.bases for found in self._with_bases(base))]

    def _behind(self, name: str) -> set[str]:
        """The adapters that wiring.py makes where a port is annotated; else the class itself."""
        made = set()
        for wiring in self._with_bases(_wiring(self.service)):
            for method in self.service.classes[wiring].methods.values():
                if name in _names(method.returns):
                    called = {
                        n
                        for node in ast.walk(method)
                        if isinstance(node, ast.Call)
                        for n in _names(node.func)
                    }
                    made |= called & set(self.service.classes)
        return (made - {"Login"}) | {name}

    def _made_in(self, adapter: str) -> Iterator[tuple[str, ast.FunctionDef]]:
        """The methods that make this adapter, each with the class of wiring that it is in."""
        for wiring in self._with_bases(_wiring(self.service)):
            for method in self.service.classes[wiring].methods.values():
                for node in ast.walk(method):
                    if isinstance(node, ast.Call) and adapter in _names(node.func):
                        yield wiring, method


def _wiring(known: Service) -> str:
    return f"{known.name.capitalize()}Wiring"


def _read(module: str, node: ast.ClassDef) -> _Class:
    fields = {
        part.target.id: _names(part.annotation)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    clients = {
        part.target.id: str(_text(call.args[0]))
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and part.value
        for call in ast.walk(part.value)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "client"
    }
    methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    bases = tuple(name for base in node.bases for name in _names(base))
    return _Class(module, bases, fields, clients, methods)


def _names(node: ast.AST | None) -> frozenset[str]:
    """The names in an annotation or a call: of dotted ones the last part, and those in quotes, too."""
    match node:
        case None:
            return frozenset()
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return frozenset({name})
        case ast.Constant(value=str(text)):
            return frozenset(re.findall(r"\w+", text))
    return frozenset(name for part in ast.iter_child_nodes(node) for name in _names(part))


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _literals(node: ast.expr) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
