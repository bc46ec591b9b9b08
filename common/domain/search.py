"""What a search for products compares: folded words, and the terms that an index holds of them.

A product has a term for each of its words, and one for each beginning of it, so that a search by whole
words and by a beginning is equality with terms, which every store can look up in an index, in any order
it likes. Text indexes and regular expressions are not needed, and what a customer types is never either.
"""

import re
import unicodedata

from common.domain.product import Attribute, Product

# Words are compared by as many characters: enough to tell them apart, and a bound to what is stored.
LONGEST_WORD = 20

# Letters that people type without their stroke or as two letters, and Unicode does not take apart.
_PLAIN_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)

# Han characters and kana are written without spaces: each is a word. To compile this takes 3 ms, at the first
# search: most containers begin with something else.
_WORDS_ALONE = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"


def product_terms(product: Product) -> list[str]:
    """The terms that a product is found by: those of its name, category, description and attribute values."""
    texts = [product.name, product.category, product.description]
    texts += [text for value in product.attributes.values() for text in _texts(value)]
    terms: set[str] = set()
    for word in set(words(" ".join(texts))):
        terms.add(_whole(word))
        terms.update(word[:length] for length in range(1, len(word) + 1))
    return sorted(terms)


def sought_terms(text: str) -> tuple[str, ...]:
    """The terms that a product must have, all of them, to be found by what a customer typed.

    Every word counts as a whole, the last one as a beginning. The term that is likely to be the rarest,
    which is the longest, comes first: a store may look that one up, and check the others.
    """
    *whole, last = words(text) or [""]
    terms = {_whole(word) for word in whole} | ({last} if last else set())
    return tuple(sorted(terms, key=lambda term: (-len(term), term)))


def words(text: str) -> list[str]:
    """The words of a text of any script, folded: neither case nor accents nor forms of letters differ.

    >>> words("Cà phê Đà Lạt, ΚΑΦΕΣ & Ångström-0.5")
    ['ca', 'phe', 'da', 'lat', 'καφεσ', 'angstrom', '0', '5']
    """
    folded = fold(text)
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    return [word[:LONGEST_WORD] for word in re.sub(_WORDS_ALONE, r" \g<0> ", letters).split()]


def fold(text: str) -> str:
    """The text in compatibility decomposition, without case and without the accents that go onto letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold().translate(_PLAIN_LETTERS)


def _whole(word: str) -> str:
    # No word has this character, so that a whole word and the beginning of a longer one differ.
    return f"={word}"


def _texts(value: Attribute) -> list[str]:
    match value:
        case bool():
            return []
        case list():
            return value
        case _:
            return [str(value)]
