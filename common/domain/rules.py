"""Rules that the fields of values keep.

A rule stands beside its field, as a validator of attrs. Whoever makes the value is held to it, whoever reads
it from JSON names the field that breaks it (`common.codec`), and the description of the API says it
(`local.contracts`): each limit is written down once.
"""

import re
from abc import ABC, abstractmethod
from typing import Any

from common.errors import FieldError, Invalid
from common.kinds import value


class Rule(ABC):
    """As a validator it raises `Invalid`, naming the field. A value that may be missing breaks no rule then.

    Its text says what a value must be, as in "must be 1 to 100".
    """

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether the value, which is of the field's type, keeps the rule."""

    def broken(self, name: str, value: Any) -> tuple[FieldError, ...]:
        """What is wrong with a value of the field `name` that does not keep the rule."""
        return (FieldError(name, str(self)),)

    def __call__(self, _owner: object, about: Any, value: Any) -> None:
        if value is not None and not self.holds(value):
            raise Invalid(f"{about.name} {self}.", self.broken(about.name, value))


@value
class Between(Rule):
    """A number from `least` to `most`."""

    least: int
    most: int

    def holds(self, value: int) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"must be {self.least} to {self.most}"


@value
class Size(Rule):
    """A list of `least` to `most` items."""

    least: int
    most: int

    def holds(self, value: tuple[object, ...]) -> bool:
        return self.least <= len(value) <= self.most

    def __str__(self) -> str:
        return f"must have {self.least} to {self.most} items"


@value
class Distinct(Rule):
    """A list in which no two items have the same value in one field."""

    by: str

    def holds(self, value: tuple[object, ...]) -> bool:
        return not self._again(value)

    def broken(self, name: str, value: tuple[object, ...]) -> tuple[FieldError, ...]:
        return tuple(FieldError(f"{name}[{n}].{self.by}", "stands there already") for n in self._again(value))

    def __str__(self) -> str:
        return f"must not have the same {self.by} twice"

    def _again(self, value: tuple[object, ...]) -> list[int]:
        found = [getattr(item, self.by) for item in value]
        return [number for number, one in enumerate(found) if one in found[:number]]


@value
class Text(Rule):
    """A text of `least` to `most` characters that every store takes.

    That is one without a NUL, and without half of a surrogate pair.
    """

    least: int = 0
    most: int | None = None

    def holds(self, value: str) -> bool:
        if "\0" in value or len(value) < self.least or (self.most is not None and len(value) > self.most):
            return False
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
        return True

    def __str__(self) -> str:
        length = "text" if self.most is None else f"{self.least} to {self.most} characters"
        return f"must be {length} in UTF-8, without a NUL character"


@value
class Is(Rule):
    """One value, and no other."""

    value: str

    def holds(self, value: str) -> bool:
        return value == self.value

    def __str__(self) -> str:
        return f"must be {self.value}"


@value
class Matches(Rule):
    """A text that a regular expression matches as a whole; `told` says in words what it must be."""

    pattern: str
    told: str
    most: int | None = None
    """How many characters it has at most, where the expression does not say it."""

    def holds(self, value: str) -> bool:
        fits = self.most is None or len(value) <= self.most
        return fits and re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return self.told
