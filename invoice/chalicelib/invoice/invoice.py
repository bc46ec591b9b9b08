"""An invoice: what the seller writes for an order that was paid."""

from datetime import datetime

from attrs import field

from common.domain.invoice import invoice_number
from common.domain.money import Money
from common.domain.order import Order
from common.errors import Invalid
from common.kinds import value


@value
class Seller:
    """Who sells: the name, the lines of its address, and its tax number. Any of them may be empty."""

    name: str
    address: tuple[str, ...] = ()
    tax_id: str = ""


@value
class InvoiceLine:
    """`quantity` pieces of a product at `unit_price` each.

    `product_id` is printed only where the name alone does not tell the product: where it is empty, or
    in a script that cannot be printed.
    """

    name: str
    quantity: int
    unit_price: Money
    product_id: str = ""

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@value
class Invoice:
    """One invoice. Equal invoices are printed as equal bytes.

    `customer` is the customer's name or mail address; a second one of the two may stand in
    `customer_email`. Times are printed as dates in UTC. `total` is what was paid: creating an invoice
    raises `Invalid` if its lines do not add up to it, or there are none.
    """

    number: str
    order_id: str
    seller: Seller
    customer: str
    lines: tuple[InvoiceLine, ...]
    total: Money = field()
    issued_at: datetime
    ordered_at: datetime | None = None
    paid_at: datetime | None = None
    customer_email: str = ""

    @total.validator
    def _is_the_sum_of_the_lines(self, _attribute: object, total: Money) -> None:
        if not self.lines:
            raise Invalid(f"Invoice {self.number} has no lines: an invoice is for at least one product.")
        summed = Money(0, total.currency)
        for line in self.lines:
            summed += line.total
        if summed != total:
            raise Invalid(
                f"The lines of invoice {self.number} add up to {summed.amount}, and not to {total.amount} "
                f"{total.currency} minor units."
            )


def invoice_of(order: Order, seller: Seller) -> Invoice:
    """The invoice of a paid order."""
    return Invoice(
        number=invoice_number(order),
        order_id=str(order.order_id),
        seller=seller,
        customer=order.customer_name or order.email,
        customer_email=order.email if order.customer_name else "",
        lines=tuple(
            InvoiceLine(line.name, line.quantity, line.unit_price, line.product_id) for line in order.lines
        ),
        total=order.total,
        issued_at=order.paid_at or order.placed_at,
        ordered_at=order.placed_at,
        paid_at=order.paid_at,
    )
