"""The invoice as a PDF, read back as text."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from chalicelib.invoice.invoice import Invoice, InvoiceLine, Seller
from chalicelib.invoice.pdf import money_text, render
from pypdf import PdfReader

from common.domain.money import Money
from common.errors import Invalid

PAID_AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SELLER = Seller("Harbour & Hill Goods Ltd", ("12 Quay Street", "Galway H91 X2Y3", "Ireland"), "IE 1234567T")


def invoice(
    *lines: tuple[str, int, int],
    customer: str = "Ann Example",
    currency: str = "USD",
) -> Invoice:
    """An invoice of lines of (name, quantity, unit price)."""
    printed = tuple(
        InvoiceLine(name, quantity, Money(price, currency), f"product-{number}")
        for number, (name, quantity, price) in enumerate(lines, start=1)
    )
    return Invoice(
        number="INV-2026-0123456789AB",
        order_id="0193a7c2-6f00-7abc-8def-0123456789ab",
        seller=SELLER,
        customer=customer,
        customer_email="ann@example.org",
        lines=printed,
        total=Money(sum(line.total.amount for line in printed), currency),
        issued_at=PAID_AT,
        ordered_at=PAID_AT - timedelta(days=1),
        paid_at=PAID_AT,
    )


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    """All text, with single spaces: where lines are broken does not matter."""
    return " ".join(" ".join(pages(pdf)).split())


def test_holds_every_field() -> None:
    """Seller, customer, numbers, dates, lines and total can all be read."""
    found = text(render(invoice(("Walnut desk lamp", 1, 8900), ("Linen notebook", 3, 1450))))

    for expected in (
        *(SELLER.name, *SELLER.address, SELLER.tax_id),
        *("Ann Example", "ann@example.org"),
        *("INV-2026-0123456789AB", "0193a7c2-6f00-7abc-8def-0123456789ab"),
        *("Issued 23 November 2026", "Ordered 22 November 2026", "Paid 23 November 2026"),
        *("Walnut desk lamp 1 89.00 89.00", "Linen notebook 3 14.50 43.50"),
        *("Unit price (USD)", "Total USD 132.50", "Page 1 of 1"),
    ):
        assert expected in found.replace("\n", " "), expected


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (0, "USD", "0.00"),
        (5, "USD", "0.05"),
        (123456789, "USD", "1,234,567.89"),
        (12800, "JPY", "12,800"),
        (1250, "KWD", "1.250"),
        (2**63 - 1, "EUR", "92,233,720,368,547,758.07"),
    ],
)
def test_amounts_have_the_places_of_their_currency(amount: int, currency: str, shown: str) -> None:
    """Minor units become major ones by ISO 4217, exactly."""
    assert money_text(Money(amount, currency)) == shown


@pytest.mark.parametrize("currency", ["XAU", "ABC"])
def test_a_currency_without_minor_units_is_refused(currency: str) -> None:
    """Gold and unknown codes have no places that an amount could be shown with."""
    with pytest.raises(Invalid, match=currency):
        render(invoice(("Bar", 1, 1), currency=currency))


def test_the_largest_amounts_stay_on_the_page() -> None:
    """Columns do not run into each other: numbers that are too wide are set smaller."""
    found = text(render(invoice(("Island", 1, 2**62), currency="KWD")))
    assert "Island 1 4,611,686,018,427,387.904 4,611,686,018,427,387.904" in found
    assert "KWD 4,611,686,018,427,387.904" in found


def test_lines_must_add_up() -> None:
    """No invoice says another total than that of its lines, and none is without lines."""
    line = InvoiceLine("Cup", 2, Money(100, "USD"))
    with pytest.raises(Invalid, match="add up to 200"):
        Invoice("1", "2", SELLER, "Ann", (line,), Money(199, "USD"), PAID_AT)
    with pytest.raises(Invalid, match="no lines"):
        Invoice("1", "2", SELLER, "Ann", (), Money(0, "USD"), PAID_AT)


@pytest.mark.parametrize("count", [1, 17, 18, 19, 20, 21, 60, 500])
def test_as_many_pages_as_it_needs(count: int) -> None:
    """Every line is printed once and in order, each page has the table's head and says which it is."""
    found = pages(render(invoice(*((f"Item <{number}>", 1, 100) for number in range(count)))))

    assert [name for page in found for name in page.split() if name.startswith("<")] == [
        f"<{number}>" for number in range(count)
    ]
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert page.count("Unit price (USD)") == 1
        assert "Item" in page, "a page has the table's head and nothing under it"
    assert f"USD {count}.00" in found[-1]


@pytest.mark.parametrize(
    "name",
    [
        "Crème brûlée, naïve façade, Zażółć gęślą jaźń, Ærøskøbing, Þórr, ẞ",
        "Cà phê sữa đá, phở, Nguyễn Thị Ngọc Hân, ữ ẵ ợ Ặ",
        "Ελληνικό ελαιόλαδο εξαιρετικά παρθένο ᾧ ΰ",
        "Чай чёрный «Иван», Їжак, ґудзик, Ѓорѓи, Ђорђе",
        "№ 5, ½ ™ € ₫ ₴ ₹ – “quoted” …",
    ],
)
def test_names_in_many_scripts(name: str) -> None:
    """What the typeface has can be read and copied as it was written."""
    found = text(render(invoice((name, 1, 100), customer=name)))
    assert found.count(name) == 2
    assert "cannot be printed" not in found


def test_accents_that_come_apart_are_put_together() -> None:
    """A letter and its combining marks are shown as the one letter that Unicode has for them."""
    found = text(render(invoice(("Cafe\u0301 Nguye\u0302\u0303n", 1, 100))))
    assert "Café Nguyễn" in found


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("中文 Tea", "\ufffd\ufffd Tea product-1"),
        ("العربية", "\ufffd" * 7 + " product-1"),
        ("👍🏽", "\ufffd\ufffd product-1"),
        ("\ud800 half", "\ufffd half product-1"),
        ("Ｗide", "Wide"),
        ("", "product-1"),
        ("   \n\t ", "product-1"),
        ("\u202eevil\u202c", "evil"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("two\nlines\r\nand\ttab\u2028more", "two lines and tab more"),
        ("{nb} **bold** __x__ <b>", "{nb} **bold** __x__ <b>"),
        ("(brackets\\", "(brackets\\"),
        ("soft\xadhyphen and\xa0space", "softhyphen and space"),
    ],
)
def test_hostile_names(name: str, shown: str) -> None:
    """Nothing fails or is hidden: what cannot be printed leaves a sign, and the product's id beside it."""
    found = text(render(invoice((name, 1, 100), customer=name)))
    assert " ".join(found.split("Amount (USD)")[1].split(" Total")[0].split()).startswith(
        shown.replace(" product-1", "")
    )
    assert ("product-1" in found) == shown.endswith("product-1")
    assert ("cannot be printed here" in found) == ("\ufffd" in shown)


@pytest.mark.parametrize("name", ["W" * 500, "long words " * 45, "x" * 499])
def test_names_of_500_characters_wrap(name: str) -> None:
    """Nothing of a long name is lost, and the lines after it are there."""
    found = text(render(invoice((name, 1, 100), ("After", 1, 250), customer=name)))
    assert found.replace(" ", "").count(name.replace(" ", "")) == 2
    assert "After 1 2.50 2.50" in found


def test_longer_names_are_cut_where_everyone_can_see_it() -> None:
    """A name of a million characters ends in an ellipsis."""
    found = text(render(invoice(("y" * 1_000_000, 1, 100)))).replace(" ", "")
    assert "y" * 499 + "…" in found


def test_equal_invoices_have_equal_bytes() -> None:
    """A second try writes the very file that the first one wrote, at whatever time it runs."""
    first = render(invoice(("Crème", 2, 100), ("Чай", 1, 250)))
    moment = int(time.time())
    while int(time.time()) == moment:
        render(invoice(("Another", 1, 1)))
    assert render(invoice(("Crème", 2, 100), ("Чай", 1, 250))) == first


def test_is_small() -> None:
    """An invoice of five lines, in four alphabets, takes less than 60 KB of a mail."""
    names = ("Walnut desk lamp", "Cà phê sữa đá Nguyễn", "Ελληνικό ελαιόλαδο", "Чай чёрный", "Zażółć gęślą")
    assert len(render(invoice(*((name, 1, 100) for name in names)))) < 60_000


def test_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An invoice leaves no line of its libraries in a log that takes everything."""
    with caplog.at_level(logging.DEBUG):
        render(invoice(("中文 Crème", 1, 100)))
    assert not caplog.records


def test_needs_no_pillow() -> None:
    """The deployment package holds none: an invoice is the same where it cannot be imported."""
    program = (
        "import sys; sys.modules['PIL'] = None; sys.path[:0] = sys.argv[1:]\n"
        "from test_invoice_pdf import invoice, render\n"
        "sys.stdout.buffer.write(render(invoice(('Crème', 1, 100))))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", program, str(Path(__file__).parent), *sys.path],
        capture_output=True,
        check=False,
    )
    assert done.stderr.decode() == ""
    assert done.stdout == render(invoice(("Crème", 1, 100)))
