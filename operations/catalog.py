"""Importing a catalog: products, and pieces for those that were never stocked, out of a file."""

import csv
import hashlib
import io
import json as json_text
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Parameter
from cyclopts.types import ExistingFile
from iso4217 import Currency
from rich.progress import Progress

from common.codec import read_strictly
from common.domain.product import Product
from common.domain.stock import StockLine
from common.errors import Invalid
from local.paths import HOME, write_atomically
from operations.errors import OperationError, Status
from operations.place import HERE, Place
from operations.say import Yes, confirm, console, details, plural, say

PRODUCTS_OF_A_CALL = 100
_ERRORS_TOLD = 20
_COLUMNS = ("product_id", "name", "category", "description", "price", "currency", "stock")


@frozen
class Entry:
    """A product of the file, and how many pieces there are of it, if the file says so."""

    product: Product
    stock: int | None


@frozen
class Wrong:
    """What is wrong with a line of the file."""

    line: int
    detail: str


def import_catalog(
    file: Annotated[ExistingFile, Parameter(name="FILE")],
    /,
    *,
    yes: Yes = False,
    place: Place = HERE,
) -> Status:
    """Add the products of a file to the catalog, or replace those that have their ids.

    A file of JSON lines (.jsonl) has a product a line, as the API shows it, and may add "stock". A CSV file
    has the columns product_id, name, category, description, price (as in 19.99), currency, and stock if it
    likes; each other column is an attribute. Pieces are counted for products that were never stocked only.

    Nothing is imported of a file in which a line is wrong. An import that broke off goes on where it was, and
    the same file again changes nothing.

    Parameters
    ----------
    file
        The file, in UTF-8.
    """
    entries, wrong = read_file(file)
    for one in wrong[:_ERRORS_TOLD]:
        console.print(f"[red]line {one.line}[/]: {details(one.detail)}")
    if wrong:
        raise OperationError(f"{plural(len(wrong), 'line')} of {file} must be mended: nothing was imported.")
    if not entries:
        raise OperationError(f"{file} has no product.")
    stocked = sum(entry.stock is not None for entry in entries)
    confirm(
        f"In {place.name}, the catalog gets {plural(len(entries), 'product')}, {stocked} with stock.",
        yes,
    )
    marker = _marker(place, file)
    done = int(marker.read_text(encoding="utf-8")) if marker.exists() else 0
    if done:
        say(f"Going on after {done:,} that were imported before.")
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Importing", total=len(entries), completed=done)
        for count in put(place.call, entries, done):
            write_atomically(marker, str(count))
            progress.update(task, completed=count)
    marker.unlink(missing_ok=True)
    say(f"{plural(len(entries), 'product')} imported.")
    return Status.WELL


def put(call: Callable[..., Any], entries: Sequence[Entry], done: int) -> Iterator[int]:
    """Puts those after the first `done`; after each call, how many are done in all."""
    for start in range(done, len(entries), PRODUCTS_OF_A_CALL):
        some = entries[start : start + PRODUCTS_OF_A_CALL]
        call("product", "put_products", products=[entry.product for entry in some])
        lines = [StockLine(one.product.product_id, one.stock) for one in some if one.stock is not None]
        if lines:
            call("inventory", "stock_new_products", lines=lines)
        yield start + len(some)


def read_file(file: Path) -> tuple[list[Entry], list[Wrong]]:
    """What is in the file, and each line that is wrong. Raises `OperationError` for another kind of file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OperationError(f"{file} is not in UTF-8: {error.reason} at byte {error.start}.") from None
    match file.suffix.lower():
        case ".jsonl" | ".ndjson":
            return _read(_json_lines(text))
        case ".csv":
            return _read(_csv_lines(text))
    raise OperationError(f"{file} must be a .csv or a .jsonl file.")


Line = tuple[int, Callable[[], Mapping[str, Any]]]


def _read(lines: Iterable[Line]) -> tuple[list[Entry], list[Wrong]]:
    entries: list[Entry] = []
    wrong: list[Wrong] = []
    seen: dict[str, int] = {}
    for number, parse in lines:
        try:
            entry = read_entry(parse())
        except Invalid as error:
            told = "; ".join(f"{one.field} {one.detail}".strip() for one in error.errors)
            wrong.append(Wrong(number, told or str(error)))
            continue
        first = seen.setdefault(entry.product.product_id, number)
        if first != number:
            wrong.append(Wrong(number, f"{entry.product.product_id} stands on line {first} already"))
        entries.append(entry)
    return entries, wrong


def read_entry(fields: Mapping[str, Any]) -> Entry:
    """A product as JSON has it. Raises `Invalid`, naming each field that is wrong."""
    stock = fields.get("stock")
    if stock is not None and (type(stock) is not int or stock < 0):
        raise Invalid("stock must be a whole number, 0 or more")
    return Entry(read_strictly({k: v for k, v in fields.items() if k != "stock"}, Product), stock)


def _json_lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, lambda line=line: _json_object(line)  # type: ignore[misc]


def _json_object(line: str) -> Mapping[str, Any]:
    try:
        found = json_text.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Invalid("must be a JSON object")
    return found


def _csv_lines(text: str) -> Iterator[Line]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in _COLUMNS[:-1] if name not in (rows.fieldnames or ())]
    if missing:
        raise OperationError(
            f"The first line of the file must name its columns; {', '.join(missing)} are missing."
        )
    try:
        for row in rows:
            yield rows.line_num, lambda row=row: of_row(row)  # type: ignore[misc]
    except csv.Error as error:
        raise OperationError(f"Line {rows.line_num} of the file is not CSV: {error}.") from None


def of_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of CSV, as JSON would have it. A cell that is empty is no attribute. Raises `Invalid`."""
    if None in row or None in row.values():
        raise Invalid("has another number of cells than the first line")
    fields: dict[str, Any] = {name: row[name] for name in ("product_id", "name", "category", "description")}
    fields["price"] = {"amount": _minor_units(row["price"], row["currency"]), "currency": row["currency"]}
    fields["attributes"] = {
        name: _attribute(cell) for name, cell in row.items() if name not in _COLUMNS and cell
    }
    if stock := row.get("stock"):
        fields["stock"] = int(stock) if stock.isdecimal() else stock
    return fields


def _minor_units(price: str, currency: str) -> int:
    try:
        amount = Decimal(price).scaleb(Currency(currency).exponent or 0)
    except (InvalidOperation, ValueError):
        raise Invalid(
            f"price must be a number like 19.99 with a currency, not {price!r} {currency!r}"
        ) from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise Invalid(f"price {price} has more decimal places than {currency} has")
    return int(amount)


def _attribute(cell: str) -> object:
    """Numbers, true and false are such; everything else is text."""
    try:
        value = json_text.loads(cell)
    except ValueError:
        return cell
    return value if isinstance(value, bool | int | float) and math.isfinite(value) else cell


def _marker(place: Place, file: Path) -> Path:
    """Where it is noted how much of this very file was imported into this very shop."""
    digest = hashlib.sha256(file.read_bytes())
    digest.update(f"{place.stage} {place.profile} {place.region}".encode())
    return HOME / "imports" / digest.hexdigest()[:32]
