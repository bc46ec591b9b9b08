"""What commands print: tables and sentences for people, JSON for programs; the question before a change."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter
from iso4217 import Currency
from rich import box
from rich.console import Console
from rich.table import Table

from common.codec import plain
from common.domain.money import Money
from operations.errors import OperationError

Json = Annotated[
    bool, Parameter(name="--json", negative="", show_default=False, help="Print JSON, for programs.")
]
Yes = Annotated[
    bool, Parameter(name="--yes", alias="-y", negative="", show_default=False, help="Do not ask first.")
]

# A pipe has no width: what goes there is not cut as narrowly as for the smallest terminal.
console = Console(highlight=False, width=None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 110)


def say(text: str = "") -> None:
    """A line for people; it may have rich's markup."""
    console.print(text)


def as_json(value: object) -> None:
    """The whole answer, for programs."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows beneath their headings. Columns whose heading ends with ">" are numbers."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(
            column.removesuffix(">"), justify="right" if column.endswith(">") else "left", overflow="fold"
        )
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn)


def confirm(what: str, yes: bool) -> None:
    """Says what will be done, and asks whether it should. Raises `OperationError` where the answer is no."""
    say(what)
    if yes:
        return
    if not sys.stdin.isatty():
        raise OperationError("Nothing was done: nobody is here to be asked. Add --yes to do it unasked.")
    if console.input("Do it? \\[y/N] ").strip().lower() not in ("y", "yes"):
        raise OperationError("Nothing was done.")


def moment(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def span(seconds: float) -> str:
    """How long, in the two largest units."""
    if abs(seconds) < 60:
        return f"{seconds:.1f} s" if abs(seconds) < 10 else f"{seconds:.0f} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if hours < 1:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{hours} h {minutes % 60} min" if days < 1 else f"{days} d {hours % 24} h"


def price(money: Money) -> str:
    """An amount in the currency's larger unit: 19.99 USD."""
    digits = Currency(money.currency).exponent or 0
    return f"{money.amount / 10**digits:,.{digits}f} {money.currency}"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def details(error: object) -> Any:
    """Nothing but text of what may be printed beside rich's markup."""
    return str(error).replace("[", "\\[")
