"""Folding texts into words, and words into the terms that an index holds."""

import sys
import unicodedata

import pytest

from common.domain.money import Money
from common.domain.product import Product
from common.domain.search import LONGEST_WORD, fold, product_terms, sought_terms, words
from common.errors import Invalid


def product(
    name: str = "", description: str = "", **attributes: str | int | float | bool | list[str]
) -> Product:
    return Product("p1", name, "lamps", description, Money(1, "USD"), attributes)


def finds(q: str, found: Product) -> bool:
    return set(sought_terms(q)) <= set(product_terms(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ångström CAFÉ", ["angstrom", "cafe"]),
        ("Cà phê Đà Lạt", ["ca", "phe", "da", "lat"]),
        ("ΚΑΦΈΣ καφές", ["καφεσ", "καφεσ"]),
        ("Ковалёва-Ивано́ва", ["ковалева", "иванова"]),
        ("Großmann GROSSMANN", ["grossmann", "grossmann"]),
        ("İstanbul ışık", ["istanbul", "isik"]),
        ("Łódź, Søren & Œuvre", ["lodz", "soren", "oeuvre"]),
        ("ﬁne ｗｉｄｅ ①", ["fine", "wide", "1"]),
        ("f/1.8 50mm_lens", ["f", "1", "8", "50mm", "lens"]),
        ("日本語 のラ", ["日", "本", "語", "の", "ラ"]),
        ("हिन्दी", ["हिनदी"]),
        ("مَرحبا", ["مرحبا"]),
        ("!?.*$^\\ \0", []),
        ("", []),
    ],
)
def test_words_of_any_script_are_folded(text: str, expected: list[str]) -> None:
    """Case, accents, ligatures and widths do not matter; whatever is no letter and no digit parts words."""
    assert words(text) == expected


def test_folding_is_done_once_and_for_all() -> None:
    """Of every character there is: folding again changes nothing, composed and decomposed fold alike."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in ("Cn", "Co", "Cs"):
            continue
        folded = fold(character)
        assert fold(folded) == folded, hex(number)
        assert fold(unicodedata.normalize("NFD", character)) == folded, hex(number)


def test_all_words_must_be_there_and_the_last_may_be_a_beginning() -> None:
    """A word is found whole, the last one by any of its beginnings, in whatever order they stand."""
    lamp = product("Brass desk lamp", "gives warm light", socket="E27")
    assert finds("lamp", lamp)
    assert finds("LIGHT brass de", lamp)
    assert finds("e27 d", lamp)
    assert not finds("bra desk", lamp)
    assert not finds("brass table", lamp)
    assert not finds("esk", lamp)


def test_every_kind_of_attribute_value_is_found_but_yes_and_no() -> None:
    """Texts, numbers and lists of texts are searched; nobody looks for the word true."""
    lamp = product("x", colours=["Écru", "navy"], lumens=1250, weight=1.5, dimmable=True)
    assert finds("ecru na", lamp)
    assert finds("1250", lamp)
    assert finds("1.5", lamp)
    assert not finds("true", lamp)


def test_long_words_are_compared_by_their_beginning() -> None:
    """Nothing that is stored grows with the length of a word."""
    lamp = product("a" * 5000)
    assert max(map(len, product_terms(lamp))) == LONGEST_WORD + 1
    assert finds("a" * 300, lamp)
    assert not finds("a" * (LONGEST_WORD - 1) + "b", lamp)


def test_the_longest_word_is_looked_up_first() -> None:
    """The first term is the one that an index is asked for, and it should be a rare one."""
    assert sought_terms("in a photographic in studio") == ("=photographic", "studio", "=in", "=a")
    assert sought_terms("?!") == ()


@pytest.mark.parametrize("name", ["", "$where", "a.b", "a\0b"])
def test_attributes_have_names_that_every_store_takes(name: str) -> None:
    """A document store reads meaning into a few characters of names: a product cannot have them."""
    with pytest.raises(Invalid, match="attribute"):
        Product("p1", "x", "y", "z", Money(1, "USD"), {name: 1})
