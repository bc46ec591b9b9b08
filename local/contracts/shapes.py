"""JSON Schemas of the shapes that the services read and write.

Types come from annotations, limits from the rules that stand at the fields, texts from docstrings: that of a
class, and that under a field.
"""

import ast
import inspect
import textwrap
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from attrs import define, field

from common.domain.rules import Between, Distinct, Is, Matches, Rule, Size, Text

Schema = dict[str, Any]

# Beyond this a number is no `int` of most languages.
_LARGEST_INT32 = 2**31 - 1

_PLAIN: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
}


@define
class Schemas:
    """The schemas of a document: one for each class, by its name, which the others refer to."""

    where: str = "#/components/schemas/"
    named: dict[str, Schema] = field(factory=dict)
    _kinds: dict[str, type] = field(factory=dict)

    def of(self, kind: Any, *, closed: bool = False) -> Schema:
        """The schema of a type. `closed`: a field that it lacks is refused, as in what clients send."""
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return self._refer(kind, lambda: {**_about(kind), **_enum(kind)})
        if attrs.has(kind):
            return self._refer(kind, lambda: self._object(kind, closed=closed))
        origin = get_origin(kind)
        parts = [self.of(part, closed=closed) for part in get_args(kind) if part is not ...]
        if origin in (types.UnionType, Union):
            return _either(parts)
        if origin in (list, tuple):
            return {"type": "array", "items": parts[0]}
        if origin is dict:
            return {"type": "object", "additionalProperties": parts[1]}
        raise TypeError(f"Nobody has said what {kind} is in JSON.")

    def fields(self, kind: type, *, closed: bool = False) -> dict[str, Schema]:
        """The schemas of a class's fields, each with its rules and its text."""
        hints, texts = get_type_hints(kind), field_texts(kind)
        found = {}
        for one in attrs.fields(kind):
            schema = self.of(hints[one.name], closed=closed)
            for rule in _rules(one):
                schema.update(keywords(rule))
            if one.name in texts:
                schema["description"] = texts[one.name]
            found[one.name] = schema
        return found

    def _refer(self, kind: type, make: Callable[[], Schema]) -> Schema:
        name = kind.__name__
        if name not in self.named:
            self._kinds[name] = kind
            self.named[name] = {}
            self.named[name] = make()
        if self._kinds[name] is not kind:
            raise TypeError(f"Two classes are called {name}: a document can have one.")
        return {"$ref": f"{self.where}{name}"}

    def _object(self, kind: type, *, closed: bool) -> Schema:
        # What is sent may leave out what has a default; what is answered has every field.
        required = [one.name for one in attrs.fields(kind) if not closed or one.default is attrs.NOTHING]
        schema: Schema = {
            **_about(kind),
            "type": "object",
            "properties": self.fields(kind, closed=closed),
            "required": required,
        }
        return schema | ({"additionalProperties": False} if closed else {})


def keywords(rule: Rule) -> Schema:
    """What JSON Schema calls a rule."""
    match rule:
        case Between(least, most):
            large = {"format": "int64"} if most > _LARGEST_INT32 else {}
            return {"minimum": least, "maximum": most, **large}
        case Size(least, most):
            return {"minItems": least, "maxItems": most}
        case Distinct(_):
            # JSON Schema can say no more than this part of it.
            return {"uniqueItems": True}
        case Text(least, most):
            return {"minLength": least, **_longest(most), "pattern": r"^[^\u0000]*$"}
        case Matches(pattern, _, most):
            return {"pattern": f"^{pattern}$", **_longest(most)}
        case Is(value):
            return {"const": value}
    raise TypeError(f"Nobody has said what {rule!r} is in JSON Schema.")


def text_of(documented: Any) -> str:
    """Its own docstring, in paragraphs: a line of the source is no line of the text."""
    paragraphs = inspect.cleandoc(documented.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


@cache
def field_texts(kind: type) -> dict[str, str]:
    """The docstrings under the fields of a class, and of the classes it is made from."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if not attrs.has(one):
            continue
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        body = node.body if isinstance(node, ast.ClassDef) else []
        for before, after in pairwise(body):
            match before, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(text.split())
    return found


def _longest(most: int | None) -> Schema:
    return {} if most is None else {"maxLength": most}


def _about(kind: type) -> Schema:
    return {"description": text_of(kind)}


def _enum(kind: type[StrEnum]) -> Schema:
    return {"type": "string", "enum": [member.value for member in kind]}


def _either(schemas: list[Schema]) -> Schema:
    """One of several. A plain type that may be null is written as such; generators of clients like it so."""
    null = {"type": "null"}
    others = [schema for schema in schemas if schema != null]
    if len(others) == 1 and len(schemas) == 2 and "type" in others[0]:
        return {**others[0], "type": [others[0]["type"], "null"]}
    return {"anyOf": schemas}


def _rules(one: "attrs.Attribute[Any]") -> list[Rule]:
    # Several validators of a field are kept in one that attrs makes of them.
    validators = getattr(one.validator, "_validators", (one.validator,))
    return [validator for validator in validators if isinstance(validator, Rule)]
