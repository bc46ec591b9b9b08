"""Calling another service."""

from collections.abc import Mapping
from typing import Any, Protocol


class Functions(Protocol):
    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> Any:
        """Calls an internal function of another service and returns its plain answer.

        Raises the `Invalid`, `NotFound` or `OutOfStock` that the function raised, and `Unavailable` where it
        gave no answer: it may have done its work all the same.
        """
        ...
