"""Rules of fields: what keeps one, what breaks one, and how that is told."""

import pytest
from attrs import field, frozen

from common.codec import read_strictly
from common.domain.cart import Cart, CartLine
from common.domain.rules import Between, Distinct, Is, Matches, Rule, Size, Text
from common.errors import Invalid


@frozen
class Item:
    name: str


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [
        (Between(1, 3), [1, 3], [0, 4, -1, 2**63]),
        (Size(1, 2), [(1,), (1, 2)], [(), (1, 2, 3)]),
        (Text(1, 3), ["a", "äöü", "👩‍👩"[:1]], ["", "abcd", "a\0", "\ud800"]),
        (Text(), ["", "a" * 10_000], ["\0", "\udfff"]),
        (Is("1.0"), ["1.0"], ["", "1", "1.0 "]),
        (Matches("[A-Z]{3}", "must be a code"), ["USD"], ["usd", "USDX", "USD\n", ""]),
        (Matches("a*", "must be a few", 2), ["", "aa"], ["aaa", "b"]),
        (Distinct("name"), [(), (Item("a"), Item("b"))], [(Item("a"), Item("a"))]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Rule) else None,
)
def test_a_rule_is_kept_or_broken(rule: Rule, kept: list[object], broken: list[object]) -> None:
    """At its very limits, and by a value that is missing, which breaks none."""

    @frozen
    class Holder:
        value: object = field(validator=rule)

    for value in (*kept, None):
        assert Holder(value).value == value
    for value in broken:
        with pytest.raises(Invalid) as caught:
            Holder(value)
        assert all(error.field.startswith("value") and error.detail for error in caught.value.errors)


def test_a_broken_rule_is_named_by_its_place() -> None:
    """In a list within a list of fields, as by whom it was sent; each item by itself."""
    lines = [{"product_id": "tea", "quantity": 0}, {"product_id": "", "quantity": 1}, {"product_id": "tea"}]
    with pytest.raises(Invalid) as caught:
        read_strictly({"lines": lines}, Cart)
    assert {error.field: error.detail for error in caught.value.errors} == {
        "lines[0].quantity": "must be 1 to 10000",
        "lines[1].product_id": "must be 1 to 100 characters in UTF-8, without a NUL character",
        "lines[2].quantity": "is missing",
    }


def test_each_product_that_stands_again_is_named() -> None:
    """The first time is right, every further time is told."""
    tea = CartLine("tea", 1)
    with pytest.raises(Invalid) as caught:
        Cart((tea, CartLine("pot", 1), tea, CartLine("tea", 2)))
    assert [error.field for error in caught.value.errors] == ["lines[2].product_id", "lines[3].product_id"]


@pytest.mark.parametrize("count", [0, 101])
def test_a_cart_has_1_to_100_lines(count: int) -> None:
    """And is told to be so as a whole."""
    with pytest.raises(Invalid) as caught:
        Cart(tuple(CartLine(f"p{number}", 1) for number in range(count)))
    assert [(e.field, e.detail) for e in caught.value.errors] == [("lines", "must have 1 to 100 items")]
