"""Where files are kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from common.kinds import value


@value
class StoredObject:
    """An object's body, the version of it (an ETag), when it was written, and in the course of what.

    `correlation_id` is what the logs call that; empty where it is not known.
    """

    body: bytes
    version: str
    written_at: datetime
    correlation_id: str = ""


class ObjectStore(Protocol):
    """All methods raise `Unavailable` where the store does not answer."""

    def add(self, key: str, body: bytes, content_type: str) -> bool:
        """Stores a new object. False, and nothing stored, if the key is taken."""
        ...

    def replace(self, key: str, body: bytes, content_type: str, version: str) -> bool:
        """Replaces the object if it still is that version; says whether it was replaced."""
        ...

    def get(self, key: str) -> StoredObject | None:
        """The object, or None if there is none."""
        ...

    def remove(self, key: str) -> None:
        """Removes the object, if it is there."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""
        ...

    def link(self, key: str, file_name: str, valid: timedelta) -> str | None:
        """An address where the object can be downloaded as `file_name` for a time; None if there is none."""
        ...
