"""What each route of the services reads and answers, by Chalice, its decorators and its view."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from attrs import define, field, frozen

from common.domain.rules import Rule
from common.errors import Forbidden, Invalid, NotFound, ShopError, Unauthenticated, Unavailable
from common.web.endpoints import Answers
from common.web.identity import operator, signed_in
from common.web.problems import (
    Malformed,
    TimedOut,
    TooLarge,
    TooManyRequests,
    Unexpected,
    UnsupportedMediaType,
    type_of,
)
from common.web.requests import Header, json_body, order_of_path, query, raw_body, required_header
from local.contracts.apps import load_app
from local.services import SERVICES

# What whoever reads so refuses.
_REFUSALS: dict[object, tuple[type[ShopError], ...]] = {
    json_body: (Malformed, TooLarge, UnsupportedMediaType, Invalid),
    operator: (Unauthenticated, Forbidden),
    order_of_path: (NotFound,),
    query: (Malformed,),
    raw_body: (TooLarge,),
    required_header: (Malformed,),
    signed_in: (Unauthenticated,),
}

# Any request may meet these: a store that is away, a mistake of ours, and API Gateway itself, where a
# firewall forbids, too many come at once, or the function takes too long.
EVERYWHERE = (Forbidden, TooManyRequests, Unexpected, Unavailable, TimedOut)


@frozen
class PathParameter:
    """A part of a path: its rule, and the function that reads it."""

    name: str
    rule: Rule
    read_by: Callable[..., Any]


@define
class Reads:
    """What a view reads of its request."""

    by: set[object] = field(factory=set)
    """The functions of common.web that it reads with."""
    body: type | None = None
    query: type | None = None
    headers: list[Header] = field(factory=list)
    path: list[PathParameter] = field(factory=list)


@frozen
class Route:
    """A method of a path, and the view behind it."""

    service: str
    method: str
    path: str
    view: Callable[..., Any]
    answers: Answers
    reads: Reads

    @property
    def shape(self) -> type:
        """What it answers where all is well."""
        shape: type = get_type_hints(self.view)["return"]
        return shape

    @property
    def is_for_customers(self) -> bool:
        """Whether it asks for a customer's token."""
        return bool(self.reads.by & {signed_in, operator})

    @property
    def refusals(self) -> list[type[ShopError]]:
        """The errors that it may answer, in the order of their statuses."""
        found = {*EVERYWHERE, *self.answers.refusals}
        for function in self.reads.by:
            found.update(_REFUSALS[function])
        return sorted(found, key=lambda error: (type_of(error).status, type_of(error).name))


def routes() -> list[Route]:
    """All routes of the shop, service by service, in the order in which they stand in app.py."""
    return [route for service in SERVICES for route in _routes(service, load_app(service))]


def _routes(service: str, module: ModuleType) -> Iterator[Route]:
    for path, methods in module.app.routes.items():
        for method, entry in methods.items():
            handle = entry.view_function
            view = inspect.unwrap(handle)
            yield Route(service, method, path, view, handle.answers, _reads(view))


def _reads(view: Callable[..., Any]) -> Reads:
    """What the calls in a view read, each resolved as Python would."""
    found, names = Reads(), view.__globals__
    parameters = set(inspect.signature(view).parameters)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(view)))):
        if not isinstance(node, ast.Call):
            continue
        function = _resolve(node.func, names)
        if function in _REFUSALS:
            found.by.add(function)
        of_path = [one.id for one in node.args if isinstance(one, ast.Name) and one.id in parameters]
        if of_path:
            found.path.append(_path_parameter(of_path[0], function))
        elif function is json_body:
            found.body = _resolve(node.args[1], names)
        elif function is query:
            found.query = _resolve(node.args[1], names)
        elif function is required_header:
            found.headers.append(_resolve(node.args[1], names))
    return found


def _resolve(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a name stands for, also one in a module; None for what only exists while a request is handled."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attr):
            owner = _resolve(value, names)
            return getattr(owner, attr) if isinstance(owner, ModuleType) else None
    return None


def _path_parameter(name: str, function: Callable[..., Any]) -> PathParameter:
    """What the function that reads it says of it: its first argument is annotated with a rule."""
    first = next(iter(get_type_hints(function, include_extras=True).values()))
    if get_origin(first) is not Annotated:
        raise TypeError(f"{function.__name__} does not say what a path may have for {name}.")
    return PathParameter(name, get_args(first)[1], function)
