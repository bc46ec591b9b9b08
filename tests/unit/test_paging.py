"""Lists page by page: cursors that come back as they went, and nothing else."""

import pytest

from common.codec import read_strictly
from common.errors import Invalid
from common.web.paging import PageQuery, decode_cursor, encode_cursor
from common.web.problems import Malformed


@pytest.mark.parametrize("position", ["a", "tea", "ünïcode ☕", "x" * 1000, "a.b/c+d?e=f", " ", "\n"])
def test_a_cursor_leads_back_to_its_position(position: str) -> None:
    """Any text, in characters that need no quoting in an address."""
    cursor = encode_cursor(position)
    assert decode_cursor(cursor) == position
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "=",
        "dGVh=",
        "dGVh==",
        "dGV",
        "dGVi ",
        " dGVh",
        "dG Vh",
        "dGVh\n",
        "dGVé",
        "____",
        "gICA",
        "AA",
        "dAB0",
        "d",
    ],
)
def test_what_no_list_gave_is_refused(cursor: str) -> None:
    """Padding, other spellings, bytes that are no text, NUL, and nothing at all."""
    with pytest.raises(Malformed):
        decode_cursor(cursor)


@pytest.mark.parametrize("limit", [0, 101, -1, 10**9, 1.0, "1", True, None])
def test_a_limit_is_1_to_100(limit: object) -> None:
    """A whole number; 20 if nothing is said."""
    with pytest.raises(Invalid):
        read_strictly({"limit": limit}, PageQuery)
    assert [read_strictly({"limit": fine}, PageQuery).limit for fine in (1, 100)] == [1, 100]
    assert read_strictly({}, PageQuery) == PageQuery(20, None)
