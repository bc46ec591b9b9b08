"""Where the code of a service leads, read from its syntax: from a handler in app.py down to the adapters.

A handler uses parts of its service's wiring. What a part can do is followed by its annotation: from a use
case to the ports in its fields, from a port to the adapter that wiring.py puts behind it. Every branch counts
as taken. What is looked for on the way is for those to say who walk.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

from attrs import define, field, frozen

from tests.architecture.imports import sources

Types = dict[str, frozenset[str]]


@frozen
class Class:
    """A class: its module and bases, the types in its fields' annotations, its fields that give a client of
    AWS, and its methods."""

    module: str
    bases: tuple[str, ...]
    fields: Types
    clients: dict[str, str]
    methods: dict[str, ast.FunctionDef]


@frozen
class Body:
    """A function or method that may be called. `owner` is its class or module, `types` has the types of the
    names in it that are known before it begins."""

    owner: str
    name: str
    module: str
    node: ast.FunctionDef
    types: Types = field(factory=dict)


@define
class Service:
    """The code of one service with what it uses of common."""

    name: str
    classes: dict[str, Class] = field(factory=dict)
    functions: dict[tuple[str, str], ast.FunctionDef] = field(factory=dict)
    imported: dict[str, dict[str, tuple[str, str]]] = field(factory=dict)
    texts: dict[str, dict[str, str]] = field(factory=dict)
    app: ast.Module = field(init=False)

    def handlers(self) -> dict[str, list[Body]]:
        """The handlers in app.py by the function of AWS that they are in: all routes are in one."""
        found: dict[str, list[Body]] = {}
        for node in self.app.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                    route = decorator.func.attr == "route"
                    named = [k.value.value for k in decorator.keywords if k.arg == "name" and text(k.value)]
                    name = "api_handler" if route else str(named[0]) if named else node.name
                    found.setdefault(name, []).append(Body("app", node.name, "app", node))
        return found

    def with_bases(self, name: str) -> list[str]:
        """A class and all that it is made from."""
        known = self.classes.get(name)
        if known is None:
            return []
        return [name, *(found for base in known.bases for found in self.with_bases(base))]

    def types_in(self, body: Body) -> Types:
        """The types of the names in a function, as far as they are annotated."""
        types = dict(body.types)
        arguments = [*body.node.args.args, *body.node.args.kwonlyargs]
        types |= {a.arg: names(a.annotation) for a in arguments if a.annotation}
        for node in ast.walk(body.node):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                types[node.targets[0].id] = self.types_of(node.value, types)
        return types

    def led_to(self, node: ast.AST, module: str, types: Types) -> Iterator[Body]:
        """The functions that one node may call, or hand on to be called."""
        if isinstance(node, ast.Call):
            for name in self.types_of(node.func, types):
                yield from self.methods(name, "__call__")
        elif isinstance(node, ast.Attribute):
            for name in self.types_of(node.value, types):
                yield from self.methods(name, node.attr)
            if isinstance(node.value, ast.Name):
                imported = ".".join(self.imported[module].get(node.value.id, ()))
                yield from self._function(imported, node.attr)
        elif isinstance(node, ast.Name):
            yield from self._function(module, node.id)

    def methods(self, name: str, method: str) -> Iterator[Body]:
        """A method of a class, its bases, or the adapters behind a port; and what these are made with."""
        for adapter in self._behind(name):
            if adapter not in self.classes:
                continue
            for wiring, made_in in self.made_in(adapter):
                for part in ast.walk(made_in):
                    if isinstance(part, ast.Name):
                        yield from self._function(self.classes[wiring].module, part.id)
            for owner in self.with_bases(adapter):
                found = self.classes[owner].methods.get(method)
                if found is not None:
                    own = {"self": frozenset({adapter})}
                    yield Body(adapter, method, self.classes[owner].module, found, own)
                    break

    def called_function(self, node: ast.Call, types: Types) -> tuple[str, str] | None:
        """The service and the internal function that a call by `common.ports.functions` names."""
        match node:
            case ast.Call(func=ast.Attribute(value=target, attr="call"), args=[other, function, *_]):
                if "Functions" in self.types_of(target, types):
                    return str(text(other)), str(text(function))
        return None

    def types_of(self, node: ast.expr, types: Types) -> frozenset[str]:
        """The types that an expression may have, as far as they are annotated."""
        match node:
            case ast.Name(id="shop"):
                return frozenset({self.wiring})
            case ast.Name(id=name):
                return types.get(name, frozenset())
            case ast.Attribute(value=value, attr=attr):
                return frozenset(t for owner in self.types_of(value, types) for t in self._field(owner, attr))
            case ast.Call(func=ast.Attribute() as func):
                # A port that is made on need, as in `self.archive().get(...)`.
                return self.types_of(func, types)
        return frozenset()

    @property
    def wiring(self) -> str:
        return f"{self.name.capitalize()}Wiring"

    def made_in(self, adapter: str) -> Iterator[tuple[str, ast.FunctionDef]]:
        """The methods that make this adapter, each with the class of wiring that it is in."""
        for wiring in self.with_bases(self.wiring):
            for method in self.classes[wiring].methods.values():
                for node in ast.walk(method):
                    if isinstance(node, ast.Call) and adapter in names(node.func):
                        yield wiring, method

    def _function(self, module: str, name: str) -> Iterator[Body]:
        # A package may offer what another module has.
        while (module, name) not in self.functions and name in self.imported.get(module, {}):
            module, name = self.imported[module][name]
        function = self.functions.get((module, name))
        if function is not None:
            yield Body(module, name, module, function)

    def _field(self, owner: str, attr: str) -> frozenset[str]:
        for name in self.with_bases(owner):
            known = self.classes[name]
            if attr in known.fields:
                return known.fields[attr] | self._handed_in(name, list(known.fields).index(attr))
            if attr in known.methods:
                return names(known.methods[attr].returns)
        return frozenset()

    def _handed_in(self, name: str, position: int) -> frozenset[str]:
        """What wiring.py hands to a class in this place: its annotation may be a port of its own."""
        shop = {"self": frozenset({self.wiring})}
        found: frozenset[str] = frozenset()
        for _, method in self.made_in(name):
            for node in ast.walk(method):
                if isinstance(node, ast.Call) and name in names(node.func) and position < len(node.args):
                    found |= self.types_of(node.args[position], shop)
        return found

    def _behind(self, name: str) -> set[str]:
        """The adapters that wiring.py makes where a port is annotated; else the class itself."""
        made = set()
        for wiring in self.with_bases(self.wiring):
            for method in self.classes[wiring].methods.values():
                if name in names(method.returns):
                    calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
                    made |= {n for node in calls for n in names(node.func)} & set(self.classes)
        return (made - {"Login"}) | {name}


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
                found.functions[module, node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                texts[node.targets[0].id] = " ".join(_literals(node.value))
    return found


def names(node: ast.AST | None) -> frozenset[str]:
    """The names in an annotation or a call: of dotted ones the last part, and those in quotes, too."""
    match node:
        case None:
            return frozenset()
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return frozenset({name})
        case ast.Constant(value=str(quoted)):
            return frozenset(re.findall(r"\w+", quoted))
    return frozenset(name for part in ast.iter_child_nodes(node) for name in names(part))


def text(node: ast.expr) -> str | None:
    """The text that a literal stands for."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _read(module: str, node: ast.ClassDef) -> Class:
    fields = {
        part.target.id: names(part.annotation)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    clients = {
        part.target.id: str(text(call.args[0]))
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and part.value
        for call in ast.walk(part.value)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "client"
    }
    methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    bases = tuple(name for base in node.bases for name in names(base))
    return Class(module, bases, fields, clients, methods)


def _literals(node: ast.expr) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
