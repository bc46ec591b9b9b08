"""An invoice as a PDF: A4, as many pages as it needs, in one typeface that ships with the service."""

import logging
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from chalicelib.invoice.invoice import Invoice, InvoiceLine
from iso4217 import Currency

from common.domain.money import Money
from common.errors import Invalid
from common.kinds import value

with warnings.catch_warnings():
    # fpdf2 warns that it cannot draw images without Pillow, which is left out of the zip on purpose.
    warnings.simplefilter("ignore", UserWarning)
    from fpdf import FPDF
    from fpdf.enums import MethodReturnValue

# Both tell every table of every typeface that they drop.
for _library in ("fontTools", "fpdf"):
    logging.getLogger(_library).setLevel(logging.ERROR)

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "NotoSans"

# U+FFFD, the replacement character, is what Unicode has for "a character that cannot be shown".
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
_LONGEST_NAME = 500
_BODY = 9.5

# Lengths are millimetres on a page of 210 by 297, sizes of type are points.
_LEFT, _RIGHT = 20.0, 190.0
_TOP = 22.0
_BOTTOM = 274.0
_FOOT = 284.0
_NAME_WIDTH = 88.0
_QUANTITY_END = 124.0
_PRICE_END = 157.0
_LINE = 4.7
_ROW_PADDING = 1.9
_HEAD_HEIGHT = 9.0
_CLOSING_HEIGHT = 24.0
_FACTS = 108.0

_INK = (31, 41, 51)
_GREY = (104, 117, 130)
_ACCENT = (15, 76, 92)
_RULE = (218, 224, 229)


@value
class _Row:
    """One line of the table as it is printed: the name's lines, and what stands under it."""

    name: tuple[str, ...]
    note: str
    quantity: str
    price: str
    total: str

    @property
    def height(self) -> float:
        return (len(self.name) + bool(self.note)) * _LINE + 2 * _ROW_PADDING


def render(invoice: Invoice) -> bytes:
    """The PDF of the invoice: the same bytes for an equal invoice, whenever and wherever it is asked.

    Names may hold any text. Control characters are left out, line breaks become spaces, names longer
    than 500 characters are cut with an ellipsis, and a character that the typeface lacks is printed as
    U+FFFD with a sentence that explains it.
    Raises `Invalid` for a currency whose minor units ISO 4217 does not tell.
    """
    document = _Document(invoice)
    top = document.opening()
    sheets = list(_sheets([document.row(line) for line in invoice.lines], top))
    for number, sheet in enumerate(sheets, start=1):
        if number > 1:
            top = document.next_page()
        bottom = document.table(sheet, top)
        if number == len(sheets):
            document.closing(bottom)
        document.foot(number, len(sheets))
    return document.output()


def money_text(money: Money) -> str:
    """The amount in major units, with the places that its currency has: 1999 USD is "19.99".

    The number of places is that of ISO 4217. Raises `Invalid` for a currency that it does not list, or
    that has no minor units there (gold, test codes).
    """
    places = _places(money.currency)
    return f"{Decimal(money.amount).scaleb(-places):,.{places}f}"


@cache
def _places(currency: str) -> int:
    try:
        places = Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise Invalid(f"ISO 4217 has no minor units for {currency}: sell in a currency that it lists.")
    return int(places)


def _date_text(moment: datetime) -> str:
    day = moment.astimezone(UTC)
    return f"{day.day} {day:%B %Y}"


def _sheets(rows: Sequence[_Row], first_top: float) -> Iterator[Sequence[_Row]]:
    """The rows of each page: none on the first where its opening leaves no room.

    The total always stands under at least one row.
    """
    sheet: list[_Row] = []
    top = first_top
    room = _BOTTOM - top - _HEAD_HEIGHT
    for row in rows:
        needed = row.height + (_CLOSING_HEIGHT if row is rows[-1] else 0)
        if needed > room and (sheet or top > _TOP):
            yield sheet
            sheet, top = [], _TOP
            room = _BOTTOM - top - _HEAD_HEIGHT
        sheet.append(row)
        room -= row.height
    yield sheet


class _Document:
    """Draws the parts of one invoice, from the top down.

    A method that draws a part takes and returns heights on the page: where it begins, where it ended.
    """

    def __init__(self, invoice: Invoice) -> None:
        self._invoice = invoice
        self._pdf = pdf = FPDF(format="A4")
        pdf.add_font(_FAMILY, "", _FONTS / "NotoSans-Regular.ttf")
        pdf.add_font(_FAMILY, "B", _FONTS / "NotoSans-Bold.ttf")
        # fpdf2 would put the number of pages wherever a name says "{nb}".
        pdf.alias_nb_pages("")
        pdf.set_auto_page_break(False)
        pdf.c_margin = 0
        # The typeface's own table of characters, regular and bold alike.
        self._covered: dict[int, str] = cast("Any", pdf.fonts[_FAMILY.lower()]).cmap
        self._has_unprintable = False
        self._regular_advances: dict[str, float] = {}
        self._bold_advances: dict[str, float] = {}
        self._advances = self._regular_advances
        pdf.set_creation_date(invoice.issued_at)
        pdf.set_title(f"Invoice {self._clean(invoice.number)}")
        pdf.set_author(self._clean(invoice.seller.name))
        pdf.set_lang("en")
        pdf.add_page()

    def opening(self) -> float:
        """The head of the first page: who sells to whom, and which invoice this is."""
        invoice = self._invoice
        y = _TOP + 4
        self._style(13, _INK, bold=True)
        y = self._lines(self._wrap(self._clean(invoice.seller.name, 150), 110), _LEFT, y, 5.8)
        self._style(8.5, _GREY)
        tax_id = (f"Tax ID {invoice.seller.tax_id}",) if invoice.seller.tax_id else ()
        for line in (*invoice.seller.address, *tax_id):
            y = self._lines(self._wrap(self._clean(line, 150), 110), _LEFT, y, 4.3)
        self._style(24, _ACCENT, bold=True)
        self._right("Invoice", _RIGHT, _TOP + 6)

        y = max(y + 3, 46)
        self._rule(y, _RULE)
        return max(self._billed_to(y + 9), self._facts(y + 9)) + 8

    def _billed_to(self, y: float) -> float:
        self._style(8, _GREY)
        self._pdf.text(_LEFT, y, "Billed to")
        y += 5.4
        self._style(10, _INK, bold=True)
        y = self._lines(self._wrap(self._clean(self._invoice.customer), 78), _LEFT, y, 5)
        self._style(9, _GREY)
        return self._lines(self._wrap(self._clean(self._invoice.customer_email), 78), _LEFT, y, 5)

    def _facts(self, y: float) -> float:
        invoice = self._invoice
        facts = [("Invoice number", self._clean(invoice.number)), ("Order", self._clean(invoice.order_id))]
        dates = (("Issued", invoice.issued_at), ("Ordered", invoice.ordered_at), ("Paid", invoice.paid_at))
        facts += [(name, _date_text(moment)) for name, moment in dates if moment]
        for name, fact in facts:
            self._style(8, _GREY)
            self._pdf.text(_FACTS, y, name)
            self._style(9, _INK)
            self._right(fact, _RIGHT, y, room=_RIGHT - _FACTS - 26 if name != "Order" else 68)
            y += 5.4
        return y

    def row(self, line: InvoiceLine) -> _Row:
        """The line as it will be printed."""
        name = self._clean(line.name)
        product_id = self._clean(line.product_id)
        self._style(_BODY, _INK)
        return _Row(
            name=tuple(self._wrap(name or product_id, _NAME_WIDTH)) or ("",),
            note=product_id if _UNPRINTABLE in name else "",
            quantity=f"{line.quantity:,}",
            price=money_text(line.unit_price),
            total=money_text(line.total),
        )

    def next_page(self) -> float:
        self._pdf.add_page()
        return _TOP

    def table(self, rows: Sequence[_Row], y: float) -> float:
        """The head of the table and the rows of one page; nothing where there are no rows."""
        if not rows:
            return y
        currency = self._invoice.total.currency
        y += 4
        self._style(8, _GREY)
        self._pdf.text(_LEFT, y, "Product")
        self._right("Quantity", _QUANTITY_END, y)
        self._right(f"Unit price ({currency})", _PRICE_END, y)
        self._right(f"Amount ({currency})", _RIGHT, y)
        y += _HEAD_HEIGHT - 4 - 2
        self._rule(y, _INK)
        y += 2 - _ROW_PADDING
        for row in rows:
            self._row(row, y + _ROW_PADDING)
            y += row.height
            self._rule(y, _RULE)
        return y

    def _row(self, row: _Row, y: float) -> None:
        y += 3.6
        self._style(_BODY, _INK)
        below = self._lines(row.name, _LEFT, y, _LINE)
        self._right(row.quantity, _QUANTITY_END, y, room=_QUANTITY_END - _LEFT - _NAME_WIDTH - 3)
        self._right(row.price, _PRICE_END, y, room=_PRICE_END - _QUANTITY_END - 3)
        self._right(row.total, _RIGHT, y, room=_RIGHT - _PRICE_END - 3)
        if row.note:
            self._style(8, _GREY)
            self._pdf.text(_LEFT, below, row.note)

    def closing(self, y: float) -> None:
        """The total, when it was paid, and what the sign for unprintable characters means."""
        total = self._invoice.total
        y += 11
        if self._invoice.paid_at:
            self._style(8.5, _GREY)
            self._pdf.text(_LEFT, y, f"Paid on {_date_text(self._invoice.paid_at)}. Thank you.")
        self._style(9, _GREY)
        self._right("Total", _PRICE_END - 15, y)
        self._style(14, _ACCENT, bold=True)
        self._right(f"{total.currency} {money_text(total)}", _RIGHT, y, room=_RIGHT - _PRICE_END + 13)
        if self._has_unprintable:
            self._style(8, _GREY)
            self._pdf.text(
                _LEFT, y + 9, f"{_UNPRINTABLE} stands for a character that cannot be printed here."
            )

    def foot(self, number: int, count: int) -> None:
        self._style(8, _GREY)
        self._pdf.text(_LEFT, _FOOT, f"Invoice {self._clean(self._invoice.number)}")
        self._right(f"Page {number} of {count}", _RIGHT, _FOOT)

    def output(self) -> bytes:
        return bytes(self._pdf.output())

    def _clean(self, text: str, longest: int = _LONGEST_NAME) -> str:
        """The text as the typeface can show it, without line breaks, of `longest` characters at most."""
        composed = " ".join(unicodedata.normalize("NFC", text).split())
        if len(composed) > longest:
            composed = composed[: longest - 1] + "…"
        shown = ""
        for character in composed:
            shown += self._shown(character, after=shown[-1:])
        self._has_unprintable |= _UNPRINTABLE in shown
        return shown.strip()

    def _shown(self, character: str, after: str) -> str:
        if _is_ignorable(character):
            return ""
        if ord(character) in self._covered:
            return character
        # Wide Latin letters and the like have plain ones that mean the same.
        plain = unicodedata.normalize("NFKC", character)
        if all(ord(part) in self._covered for part in plain):
            return plain
        # One sign for a letter and the marks upon it.
        if unicodedata.category(character).startswith("M") and after == _UNPRINTABLE:
            return ""
        return _UNPRINTABLE

    def _style(self, size: float, color: tuple[int, int, int], *, bold: bool = False) -> None:
        self._pdf.set_font(_FAMILY, "B" if bold else "", size)
        self._pdf.set_text_color(*color)
        self._advances = self._bold_advances if bold else self._regular_advances

    def _width(self, text: str) -> float:
        """The width in the style that is set: without kerning, that of its characters together.

        fpdf2 looks for markup and page numbers in each text that it measures, which takes a third of the
        time of a long invoice; so it measures each character once, in type of one point.
        """
        for character in set(text).difference(self._advances):
            wide = self._pdf.get_string_width(character)
            self._advances[character] = wide / self._pdf.font_size_pt
        return sum(map(self._advances.__getitem__, text)) * self._pdf.font_size_pt

    def _wrap(self, text: str, width: float) -> Sequence[str]:
        """The text in lines of at most `width` in the style that is set; none for an empty text."""
        if self._width(text) <= width:
            return (text,) if text else ()
        lines = self._pdf.multi_cell(
            width, text=text, align="L", dry_run=True, output=MethodReturnValue.LINES
        )
        return cast("list[str]", lines)

    def _lines(self, lines: Iterable[str], x: float, y: float, height: float) -> float:
        for line in lines:
            self._pdf.text(x, y, line)
            y += height
        return y

    def _right(self, text: str, end: float, y: float, room: float = _RIGHT - _LEFT) -> None:
        """Text that ends at `end`, set smaller where it would need more than `room`."""
        size, width = self._pdf.font_size_pt, self._width(text)
        if width <= room:
            self._pdf.text(end - width, y, text)
        else:
            self._pdf.set_font_size(size * room / width)
            self._pdf.text(end - room, y, text)
            self._pdf.set_font_size(size)

    def _rule(self, y: float, color: tuple[int, int, int]) -> None:
        self._pdf.set_draw_color(*color)
        self._pdf.line(_LEFT, y, _RIGHT, y)


def _is_ignorable(character: str) -> bool:
    """Controls, directions, joiners, and variation selectors: nothing of their own to be seen."""
    return unicodedata.category(character) in ("Cc", "Cf") or "\ufe00" <= character <= "\ufe0f"
