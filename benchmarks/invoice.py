"""The PDF of an invoice, against the smallest program that draws the same text by the same library. Of the
processor's time the fastest turn of each counts.
"""

import time
from datetime import UTC, datetime
from io import BytesIO

from chalicelib.invoice.invoice import Invoice, InvoiceLine, Seller
from chalicelib.invoice.pdf import render
from fpdf import FPDF
from pypdf import PdfReader

from benchmarks import sides
from benchmarks.row import Row
from common.domain.money import Money
from local.paths import ROOT

FONTS = ROOT / "invoice" / "chalicelib" / "invoice" / "fonts"
SELLER = Seller("Harbour & Hill Goods Ltd", ("12 Quay Street", "Galway H91 X2Y3", "Ireland"), "IE 1234567T")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def rows(full: bool) -> list[Row]:
    found = []
    for count in (5, 500):
        printed = invoice(count)
        pages = [page.extract_text() for page in PdfReader(BytesIO(render(printed))).pages]
        drawn = [line for page in pages for line in page.splitlines()]
        spent = sides.milliseconds(
            {"ours": lambda: render(printed), "floor": lambda: plainly(drawn)},  # noqa: B023 - called here
            turns=60 if full else 20,
            clock=time.process_time,
        )
        found.append(
            Row(
                name=f"an invoice of {count} lines",
                ours=min(spent["ours"]),
                floor=min(spent["floor"]),
                spread=sides.spread(spent["ours"], spent["floor"]),
                at_most=1.3,
            )
        )
    size = len(render(invoice(5))) / 1000
    return [*found, Row(name="the file of an invoice of 5 lines", ours=size, unit="KB", at_most=60)]


def invoice(count: int) -> Invoice:
    """An invoice of so many lines."""
    lines = tuple(
        InvoiceLine(f"Product number {number} with a name", 2, Money(1999, "USD"), f"product-{number}")
        for number in range(count)
    )
    return Invoice(
        number="INV-2026-0123456789AB",
        order_id="0193a7c2-6f00-7abc-8def-0123456789ab",
        seller=SELLER,
        customer="Ann Example",
        customer_email="ann@example.org",
        lines=lines,
        total=Money(sum(line.total.amount for line in lines), "USD"),
        issued_at=NOW,
        ordered_at=NOW,
        paid_at=NOW,
    )


def plainly(lines: list[str]) -> bytes:
    """A PDF with these lines of text, and no layout."""
    pdf = FPDF()
    pdf.add_font("Noto", "", FONTS / "NotoSans-Regular.ttf")
    pdf.add_font("Noto", "B", FONTS / "NotoSans-Bold.ttf")
    pdf.add_page()
    pdf.set_font("Noto", "B", 14)
    pdf.cell(text=lines[0])
    pdf.set_font("Noto", "", 9)
    for line in lines[1:]:
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
