"""Lists page by page: a limit, and an opaque cursor that says where the next page begins."""

import base64
import binascii

from attrs import field

from common.domain.rules import Between, Matches
from common.kinds import value
from common.web.problems import Malformed

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100


@value
class PageQuery:
    """Which page of a list is asked for."""

    limit: int = field(default=DEFAULT_LIMIT, validator=Between(1, LARGEST_LIMIT))
    """How many items the page has at most."""
    cursor: str | None = field(
        default=None, validator=Matches("[A-Za-z0-9_-]+", "must be the `next` of a page before")
    )
    """Where the page begins: the `next` of the page before it. Without it, at the beginning."""


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
