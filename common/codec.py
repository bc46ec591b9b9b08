"""Values to JSON and back: one form for HTTP bodies, internal calls, messages and what stores keep.

Times are RFC 3339 in UTC, ids are strings, a missing value is null, money is `{"amount", "currency"}`.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin
from uuid import UUID

from attrs import has
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import AttributeValidationNote, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

from common.domain.product import Attribute
from common.errors import FieldError, Invalid

T = TypeVar("T")


def write(value: object) -> str:
    """The JSON text of a value."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def plain(value: object) -> Any:
    """The value as dicts, lists, strings, numbers, booleans and None."""
    return _converter(strict=False).unstructure(value)


def read(data: object, shape: type[T]) -> T:
    """The value of type `shape` that `data` stands for; keys that the shape lacks are ignored.

    Raises `Invalid`, which names each field that is wrong.
    """
    return _structure(data, shape, strict=False)


def read_strictly(data: object, shape: type[T]) -> T:
    """As `read`, but a key that the shape lacks is an error: for what strangers send."""
    return _structure(data, shape, strict=True)


def _structure(data: object, shape: type[T], *, strict: bool) -> T:
    if has(shape) and not isinstance(data, dict):
        raise Invalid("What was sent must be a JSON object.")
    try:
        return _converter(strict=strict).structure(data, shape)
    except (ClassValidationError, IterableValidationError) as error:
        raise Invalid("Some fields are not as they must be.", tuple(_field_errors(error, ""))) from error
    except _Wrong as error:
        raise Invalid(f"What was sent {error}.") from error


class _Wrong(ValueError):
    """A value breaks a rule; the message says what it must be."""


@cache
def _converter(*, strict: bool) -> Converter:
    converter = Converter(forbid_extra_keys=strict)
    converter.register_structure_hook_factory(has, lambda kind: _object(kind, converter, strict=strict))
    for kind in _NAMES:
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook_func(lambda kind: kind == Attribute, _attribute)
    converter.register_structure_hook(UUID, lambda value, _: _parsed(value, _uuid, "a UUID"))
    converter.register_structure_hook(datetime, _moment)
    converter.register_structure_hook(StrEnum, _member)
    converter.register_structure_hook_factory(
        _is_tuple,
        lambda kind: lambda value, _: _tuple(value, get_args(kind)[0], converter),
    )
    converter.register_unstructure_hook_func(lambda kind: kind == Attribute, lambda value: value)
    converter.register_unstructure_hook(UUID, str)
    converter.register_unstructure_hook(datetime, _rfc3339)
    return converter


def _object(kind: type, converter: Converter, *, strict: bool) -> Callable[[object, object], Any]:
    build: Callable[..., Any] = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=strict)

    def structure(value: object, _kind: object) -> Any:
        if not isinstance(value, dict):
            raise _Wrong("must be an object")
        return build(value, kind)

    return structure


_NAMES: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _exactly(value: object, kind: Any) -> object:
    """JSON's own types are taken as they are: "1" is no number, and true is none either."""
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise _Wrong(f"must be {_NAMES[kind]}")
    return value


def _attribute(value: object, _kind: object) -> object:
    if isinstance(value, list):
        return [_exactly(item, str) for item in value]
    if not isinstance(value, str | int | float):
        raise _Wrong("must be text, a number, true or false, or a list of texts")
    return value


def _member(value: Any, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise _Wrong("must be one of " + ", ".join(str(member.value) for member in kind)) from None


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _tuple(value: object, kind: Any, converter: Converter) -> Any:
    if not isinstance(value, list):
        raise _Wrong("must be a list")
    return tuple(converter.structure(value, list[kind]))


def _moment(value: object, _kind: object) -> datetime:
    moment: datetime = _parsed(value, datetime.fromisoformat, "a time of RFC 3339")
    if moment.tzinfo is None:
        raise _Wrong("must be a time with its offset from UTC, such as 2026-01-31T12:00:00Z")
    return moment.astimezone(UTC)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parsed(value: object, parse: Callable[[Any], Any], name: str) -> Any:
    try:
        return parse(_exactly(value, str))
    except ValueError:
        raise _Wrong(f"must be {name}") from None


def _uuid(text: str) -> UUID:
    """As RFC 9562 writes it: the braces, prefixes and missing hyphens that Python takes are refused."""
    found = UUID(text)
    if str(found) != text.lower():
        raise ValueError(text)
    return found


def _field_errors(error: BaseException, path: str) -> Iterator[FieldError]:
    """Each field that an error of cattrs is about, by its path from the whole value."""
    match error:
        case ClassValidationError() | IterableValidationError():
            located, others = error.group_exceptions()
            for within, note in located:
                step = f".{note.name}" if isinstance(note, AttributeValidationNote) else f"[{note.index!r}]"
                yield from _field_errors(within, f"{path}{step}")
            for within in others:
                yield from _field_errors(within, path)
        case Invalid(errors=errors) if errors:
            for broken in errors:
                yield FieldError(f"{path}.{broken.field}".removeprefix("."), broken.detail)
        case _:
            yield FieldError(path.removeprefix("."), _explain(error))


def _explain(error: BaseException) -> str:
    match error:
        case _Wrong() | Invalid():
            return str(error)
        case KeyError():
            return "is missing"
        case ForbiddenExtraKeysError():
            return "has unknown fields: " + ", ".join(sorted(error.extra_fields))
        case _:
            return "must be an object"
