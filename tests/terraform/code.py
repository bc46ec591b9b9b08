"""What the code of a checkout asks of AWS: read from app.py, .chalice/config.json and settings.py."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from local.services import SERVICES

# How Chalice names the function of all routes.
HTTP = "api_handler"

_KINDS = {
    "lambda_function": "called",
    "on_s3_event": "bucket",
    "on_sns_message": "topic",
    "on_sqs_message": "queue",
    "schedule": "schedule",
}


@frozen
class Function:
    """A Lambda function, as app.py has it: what starts it, and the variable that names a queue, for one."""

    kind: str
    variable: str | None = None


@frozen
class ServiceCode:
    """One service."""

    functions: Mapping[str, Function]
    paths: frozenset[str]
    """Of its routes, such as /orders/{order_id}."""
    read: frozenset[str]
    """The environment variables that it reads while it runs, or while it is packaged."""
    config: Mapping[str, Any]

    @property
    def given(self) -> Mapping[str, str]:
        """The environment variables that it is given, each with the variable of Terraform behind it."""
        return {
            name: value.removeprefix("${var.").removesuffix("}")
            for name, value in self.config["environment_variables"].items()
        }

    def setting(self, function: str, name: str) -> Any:
        """What .chalice/config.json says for a function, or else for all of the service."""
        return self.config["lambda_functions"].get(function, {}).get(name, self.config.get(name))


def read_code(checkout: Path) -> dict[str, ServiceCode]:
    """The services of a checkout."""
    shared = _settings(checkout / "common" / "settings.py", {})
    return {name: _service(checkout / name, shared) for name in SERVICES}


def _service(folder: Path, shared: Mapping[str, frozenset[str]]) -> ServiceCode:
    tree = ast.parse((folder / "app.py").read_text(encoding="utf-8"))
    functions, paths = {}, set()
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
                continue
            keywords = {keyword.arg: keyword.value for keyword in decorator.keywords}
            if decorator.func.attr == "route":
                functions[HTTP] = Function("http")
                paths.add(ast.literal_eval(decorator.args[0]))
            elif decorator.func.attr in _KINDS:
                variables = [found for value in keywords.values() for found in _resources(value)]
                name = ast.literal_eval(keywords["name"])
                functions[name] = Function(_KINDS[decorator.func.attr], variables[0] if variables else None)
    room = folder / "chalicelib" / folder.name
    (shape,) = re.findall(r"return load\((\w+)\)", (room / "wiring.py").read_text(encoding="utf-8"))
    settings = _settings(room / "settings.py", shared)
    config = json.loads((folder / ".chalice" / "config.json").read_text(encoding="utf-8"))
    read = settings[shape] | set(_resources(tree))
    return ServiceCode(functions, frozenset(paths), read, config)


def _resources(tree: ast.AST) -> Iterator[str]:
    """The variables in calls of `resource("VARIABLE")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "resource":
            yield ast.literal_eval(node.args[0])


def _settings(file: Path, shared: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The environment variables of each class of settings, and those of the shared ones."""
    found = {**shared}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            own = {part.target.id.upper() for part in node.body if isinstance(part, ast.AnnAssign)}
            bases = [found.get(base.id, frozenset()) for base in node.bases if isinstance(base, ast.Name)]
            found[node.name] = frozenset(own.union(*bases))
    return found
