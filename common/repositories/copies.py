"""Orders as the copies that move from one store to the other, and back to orders."""

import json
from datetime import UTC, datetime

from common.codec import read, write
from common.domain.invoice import invoice_number
from common.domain.order import Order
from common.ports.archive import OrderCopy


def copy_of(order: Order) -> OrderCopy:
    """The copy of an order."""
    return OrderCopy(
        order_id=order.order_id,
        customer_id=order.customer_id,
        customer_name=order.customer_name,
        email=order.email,
        status=order.status,
        reason=order.reason,
        lines=write(list(order.lines)),
        amount=order.total.amount,
        currency=order.total.currency,
        placed_at=_text(order.placed_at),
        expires_at=_text(order.expires_at),
        payment_id=order.payment_id,
        paid_at=_text(order.paid_at) if order.paid_at else None,
        invoice_number=invoice_number(order),
        story=write(list(order.story)),
    )


def order_of(copy: OrderCopy, *, story: bool = True) -> Order:
    """The order that was copied, with its story or without."""
    fields = {name: getattr(copy, name) for name in _AS_THEY_ARE}
    return read(
        {
            **fields,
            "order_id": str(copy.order_id),
            "lines": json.loads(copy.lines),
            "total": {"amount": copy.amount, "currency": copy.currency},
            "story": json.loads(copy.story) if story else [],
        },
        Order,
    )


_AS_THEY_ARE = (
    *("customer_id", "customer_name", "email", "status", "reason"),
    *("placed_at", "expires_at", "payment_id", "paid_at"),
)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
