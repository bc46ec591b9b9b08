"""The two kinds of classes that the shop is made of: values, and services that work with them.

Both are classes of attrs. What attrs would compile anew for each, whenever a container starts, and nobody
asks of it, is left out or written once, here: docs/decisions/0121.
"""

from typing import Any, dataclass_transform

from attrs import define, field, fields, frozen


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: Any = None, /, **more: Any) -> Any:
    """A class of values, such as an order: never changed, equal if their fields are, told by them.

    A field with `repr=False` is not told. Takes what `attrs.frozen` takes beside.
    """
    if cls is None:
        return lambda cls: value(cls, **more)
    if "__repr__" not in vars(cls):
        cls.__repr__ = _told
    return frozen(repr=False, **more)(cls)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def service(cls: Any = None, /, **more: Any) -> Any:
    """A class of which the wiring makes one, of what it works with, such as a use case or an adapter.

    It is equal to itself alone, and tells nothing of what it holds. Takes what `attrs.define` takes beside.
    """
    if cls is None:
        return lambda cls: service(cls, **more)
    return define(eq=False, repr=False, slots=False, **more)(cls)


def _told(self: Any) -> str:
    told = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(type(self)) if one.repr]
    return f"{type(self).__name__}({', '.join(told)})"
