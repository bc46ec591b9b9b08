"""Which errors a route can answer, read from the code: what is raised on the way from its view, uncaught.

`tests.architecture.walker` follows the code. Errors are named by their classes.
"""

import ast
from collections.abc import Iterable
from functools import cache

from attrs import define, field

from tests.architecture.walker import Body, Service, Types, names, service

# What an internal function tells its caller (`common.web.internal`); any other error fails the call.
_TOLD = {"Invalid", "NotFound", "OutOfStock"}

# It reads what the shop itself wrote, where an error is a mistake of ours, and no answer to a client.
_OURS = ("common.codec", "read")


@cache
def refusals(name: str, view: str) -> frozenset[str]:
    """The errors that a view, or an internal function, of a service can end with."""
    handlers = [body for bodies in service(name).handlers().values() for body in bodies]
    (handler,) = [body for body in handlers if body.name == view]
    return _Search(service(name)).of(handler)


@define
class _Search:
    service: Service
    _known: dict[tuple[str, str], frozenset[str]] = field(factory=dict)

    def of(self, body: Body) -> frozenset[str]:
        """The errors that leave a function."""
        key = (body.owner, body.name)
        if key == _OURS:
            return frozenset()
        if key not in self._known:
            # A function that leads to itself adds nothing more.
            self._known[key] = frozenset()
            types = self.service.types_in(body)
            self._known[key] = self._all(body.node.body, body.module, types, frozenset())
        return self._known[key]

    def _all(
        self, nodes: Iterable[ast.AST], module: str, types: Types, caught: frozenset[str]
    ) -> frozenset[str]:
        return frozenset(error for node in nodes for error in self._in(node, module, types, caught))

    def _in(self, node: ast.AST, module: str, types: Types, caught: frozenset[str]) -> frozenset[str]:
        """The errors that leave a piece of code. `caught` is what a bare `raise` in it raises again."""
        if isinstance(node, ast.Try):
            return self._try(node, module, types, caught)
        called = self.service.called_function(node, types) if isinstance(node, ast.Call) else None
        if called:
            return {"Unavailable"} | (_internal(*called) & _TOLD)
        found = self._all(ast.iter_child_nodes(node), module, types, caught)
        if isinstance(node, ast.Raise):
            found |= caught if node.exc is None else self._raised(node.exc, module)
        return found.union(*(self.of(body) for body in self.service.led_to(node, module, types)))

    def _try(self, node: ast.Try, module: str, types: Types, caught: frozenset[str]) -> frozenset[str]:
        left = self._all(node.body, module, types, caught)
        found = self._all([*node.orelse, *node.finalbody], module, types, caught)
        for handler in node.handlers:
            # Where no class is named, all are meant.
            kinds = names(handler.type) or {"Exception"}
            taken = frozenset(
                error for error in left if kinds & {*self.service.with_bases(error), "Exception"}
            )
            found |= self._all(handler.body, module, types, taken)
            left -= taken
        return found | left

    def _raised(self, node: ast.expr, module: str) -> frozenset[str]:
        """The errors of the shop that an expression behind `raise` is, or a function in it makes."""
        made = node.func if isinstance(node, ast.Call) else node
        found = names(made)
        for name in names(made):
            function = self.service.functions.get((module, name))
            found |= names(function.returns) if function else frozenset()
        return frozenset(name for name in found if "ShopError" in self.service.with_bases(name))


@cache
def _internal(name: str, function: str) -> frozenset[str]:
    (handler,) = service(name).handlers()[function]
    return refusals(name, handler.name)
