"""What an invoice is called: its number and its place depend on its order alone, so there is only one."""

from uuid import UUID

from common.domain.order import Order

PREFIX = "invoices/"
MAILS = "mails/"
MAILS_DUE = f"{MAILS}due/"


def invoice_number(order: Order) -> str:
    """The number of the order's invoice, such as INV-2026-9F8E7D6C5B4A."""
    return numbered(order.order_id, f"{order.placed_at:%Y}")


def numbered(order_id: UUID, year: str) -> str:
    """The number of the invoice of an order that was placed in that year."""
    return f"INV-{year}-{order_id.hex[-12:].upper()}"


def invoice_key(order_id: UUID) -> str:
    """Where the order's invoice is stored."""
    return f"{PREFIX}{order_id}.pdf"


def mail_due_key(order_id: UUID) -> str:
    """Where it is marked that the order's invoice has still to be mailed."""
    return f"{MAILS_DUE}{order_id}"


def order_of_key(key: str) -> UUID:
    """The order whose invoice is stored there. Raises `ValueError` for a key that names none."""
    return UUID(key.removeprefix(PREFIX).removesuffix(".pdf"))
