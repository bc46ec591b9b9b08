"""Lists page by page: cursors that come back as they went, and nothing else."""

import pytest

from common.web.paging import decode_cursor, encode_cursor, page_of, read_limit
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


@pytest.mark.parametrize(
    "text", ["0", "101", "-1", "+1", "1.0", "1e1", " 1", "", "٣", "²", "0001", "x", "9" * 5000]
)
def test_a_limit_is_1_to_100(text: str) -> None:
    """In plain digits."""
    with pytest.raises(Malformed):
        read_limit(text)
    assert [read_limit(fine) for fine in ("1", "100", None)] == [1, 100, 20]


def test_one_item_more_tells_of_a_next_page() -> None:
    """Which begins after the last one that is shown."""
    items = ["a", "b", "c"]
    page = page_of(items, 2, str)
    assert page.items == ["a", "b"]
    assert decode_cursor(page.next) == "b"
    assert page_of(items, 3, str).next is None
    assert page_of([], 3, str).next is None
