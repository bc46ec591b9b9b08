"""Where secrets are kept."""

from typing import Any, Protocol


class Secrets(Protocol):
    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        """The secret's fields. It is read once a container, and `again` where it did not open the door.

        Raises `Unavailable`.
        """
        ...
