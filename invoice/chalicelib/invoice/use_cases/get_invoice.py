"""A customer downloads an invoice."""

from datetime import timedelta
from uuid import UUID

from common.domain.customer import Customer
from common.domain.invoice import invoice_key, invoice_number
from common.domain.order import of_customer
from common.errors import NotFound
from common.kinds import service
from common.ports.objects import ObjectStore
from common.ports.services.orders import Orders

VALID = timedelta(minutes=5)


@service
class GetInvoice:
    orders: Orders
    objects: ObjectStore

    def __call__(self, customer: Customer, order_id: UUID) -> str:
        """An address where the invoice of the customer's order can be downloaded for five minutes.

        Raises `NotFound`, for another's order too, and where there is no invoice (yet).
        """
        order = of_customer(self.orders.get_order(order_id), customer)
        link = self.objects.link(invoice_key(order_id), f"{invoice_number(order)}.pdf", VALID)
        if link is None:
            raise NotFound("There is no invoice of this order. It is written soon after the order is paid.")
        return link
