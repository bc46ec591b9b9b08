"""Reading a catalog out of a file, and putting it into a shop."""

import json
from pathlib import Path
from typing import Any

import pytest

from common.codec import plain
from common.domain.money import Money
from common.domain.product import Product
from operations.catalog import Entry, Wrong, put, read_file
from operations.errors import OperationError
from tests.fakes import RecordingFunctions
from tests.samples import POT, TEA

CSV = """product_id,name,category,description,price,currency,stock,grams,organic,note
tea,"Tea, green",tea,Sencha,12.5,USD,40,100,true,007
pot,Pot,pots,"of iron,
with a lid",4900,JPY,,,,
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_json_lines_are_products(tmp_path: Path) -> None:
    """As the API shows them, each with its stock if it has one; blank lines are none."""
    lines = [json.dumps(plain(TEA) | {"stock": 5}), "", json.dumps(plain(POT))]
    entries, wrong = read_file(written(tmp_path, "a.jsonl", "\n".join(lines)))
    assert (entries, wrong) == ([Entry(TEA, 5), Entry(POT, None)], [])


def test_a_table_is_products(tmp_path: Path) -> None:
    """Prices in the larger unit of their currency, other columns as attributes, empty cells as none."""
    entries, wrong = read_file(written(tmp_path, "a.csv", "\ufeff" + CSV))
    assert wrong == []
    attributes = {"grams": 100, "organic": True, "note": "007"}
    assert entries == [
        Entry(Product("tea", "Tea, green", "tea", "Sencha", Money(1250, "USD"), attributes), 40),
        Entry(Product("pot", "Pot", "pots", "of iron,\nwith a lid", Money(4900, "JPY"), {}), None),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"product_id": "a"}', "name is missing"),
        (json.dumps(plain(POT) | {"colour": 1}), "colour"),
        (json.dumps(plain(POT) | {"stock": -1}), "stock"),
        (json.dumps(plain(POT) | {"stock": True}), "stock"),
        (json.dumps(plain(POT) | {"price": {"amount": -1, "currency": "USD"}}), "price.amount"),
        (json.dumps(plain(TEA)), "stands on line 1 already"),
    ],
)
def test_a_line_that_is_wrong_is_told(tmp_path: Path, line: str, says: str) -> None:
    """By its number, with what it must be."""
    _, [wrong] = read_file(written(tmp_path, "a.jsonl", f"{json.dumps(plain(TEA))}\n\n{line}\n"))
    assert wrong.line == 3
    assert says in wrong.detail


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("cup,Cup,cups,,1.999,USD", "more decimal places"),
        ("cup,Cup,cups,,1,XXY", "price must be"),
        ("cup,Cup,cups,,much,USD", "price must be"),
        ("cup,Cup,cups,,NaN,USD", "price"),
        ("cup,Cup,cups,,1", "number of cells"),
        ("cup,Cup,cups,,1,USD,more", "number of cells"),
        (",Cup,cups,,1,USD", "product_id"),
    ],
)
def test_a_row_that_is_wrong_is_told(tmp_path: Path, row: str, says: str) -> None:
    """By the number of its line."""
    head = "product_id,name,category,description,price,currency"
    _, [wrong] = read_file(written(tmp_path, "a.csv", f"{head}\ntea,Tea,tea,,1,USD\n{row}\n"))
    assert isinstance(wrong, Wrong)
    assert wrong.line == 3
    assert says in wrong.detail


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.xlsx", "", "must be a .csv"),
        ("a.csv", "product_id,name\n", "category"),
        ("a.csv", CSV + '"open', "is not CSV"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, text: str, says: str) -> None:
    """With a sentence."""
    with pytest.raises(OperationError, match=says):
        read_file(written(tmp_path, name, text))


def test_products_are_put_by_the_hundred_and_an_import_goes_on() -> None:
    """Those that were done are not put again; only products whose stock is said are stocked."""
    entries = [Entry(Product(f"p{n}", "", "", "", POT.price), n if n % 2 else None) for n in range(250)]
    functions = RecordingFunctions()

    def call(service: str, function: str, **arguments: Any) -> Any:
        return functions.call(service, function, arguments)

    assert list(put(call, entries, 100)) == [200, 250]
    named = [
        (service, function, len(next(iter(told.values())))) for service, function, told in functions.calls
    ]
    assert named == [
        ("product", "put_products", 100),
        ("inventory", "stock_new_products", 50),
        ("product", "put_products", 50),
        ("inventory", "stock_new_products", 25),
    ]
