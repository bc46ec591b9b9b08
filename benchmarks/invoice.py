"""What the layout of an invoice costs: against the shortest program that draws the same text by fpdf2.

    .local/venv/bin/python benchmarks/invoice.py [--lines 5 500] [--turns 60]

Both take turns in one process, so that whatever else the machine does hits both alike. Prints, for each
number of lines, the processor's milliseconds of the fastest turn of each, and their ratio.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "invoice"))

from chalicelib.invoice.invoice import Invoice, InvoiceLine, Seller
from chalicelib.invoice.pdf import render
from fpdf import FPDF
from pypdf import PdfReader

from common.domain.money import Money
from local.paths import ROOT

T = TypeVar("T")
FONTS = ROOT / "invoice" / "chalicelib" / "invoice" / "fonts"
SELLER = Seller("Harbour & Hill Goods Ltd", ("12 Quay Street", "Galway H91 X2Y3", "Ireland"), "IE 1234567T")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def main() -> None:
    """Measures each number of lines, and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[5, 500])
    parser.add_argument("--turns", type=int, default=60)
    arguments = parser.parse_args()
    print("| lines | the invoice | the shortest program | ratio |\n|---|---|---|---|")
    for count in arguments.lines:
        printed = invoice(count)
        pages = [page.extract_text() for page in PdfReader(BytesIO(render(printed))).pages]
        drawn = [line for page in pages for line in page.splitlines()]
        ours = plain = float("inf")
        for _ in range(arguments.turns):
            ours = min(ours, seconds(render, printed))
            plain = min(plain, seconds(plainly, drawn))
        print(f"| {count} | {ours * 1000:.1f} ms | {plain * 1000:.1f} ms | {ours / plain:.2f} |")


def seconds(draw: Callable[[T], bytes], what: T) -> float:
    """The processor's time for it."""
    begun = time.process_time()
    draw(what)
    return time.process_time() - begun


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


if __name__ == "__main__":
    main()
