"""Lists page by page: a limit, and an opaque cursor that says where the next page begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from attrs import frozen

from common.web.problems import Malformed

T = TypeVar("T")

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100


@frozen
class Page:
    """One page of a list. `next` is the cursor of the page after it, null on the last one.

    A page before the last may be short, or empty (docs/decisions/0040): clients go on until `next` is null.
    """

    items: list[Any]
    next: str | None


def read_limit(text: str | None) -> int:
    """How many items a page has: 1 to 100, 20 if nothing is said. Raises `Malformed`."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LARGEST_LIMIT):
        raise Malformed(f"limit is a whole number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def encode_cursor(position: str) -> str:
    """The cursor of the page that begins after `position`."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """The position that a cursor stands for. Raises `Malformed` for what is no cursor of ours.

    A cursor is not signed: a position that somebody makes up shows nothing that its list does not show.
    """
    if cursor is None:
        return None
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise Malformed("This cursor is not one that a list gave you.") from None
    if encode_cursor(position) != cursor or not position or "\0" in position:
        raise Malformed("This cursor is not one that a list gave you.")
    return position


def page_of(items: Sequence[T], limit: int, position: Callable[[T], str]) -> Page:
    """The page of the first `limit` items; one item more than that tells that there is a next page."""
    shown = list(items[:limit])
    more = len(items) > limit
    return Page(shown, encode_cursor(position(shown[-1])) if more else None)
