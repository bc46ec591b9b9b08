"""Which adapter stands behind each port of the invoice service."""

from collections.abc import Callable
from functools import cached_property

from chalicelib.invoice import use_cases
from chalicelib.invoice.invoice import Invoice, Seller
from chalicelib.invoice.settings import InvoiceSettings

from common.aws.bucket import S3Bucket
from common.aws.services.orders import OrderService
from common.aws.wiring import TokensWiring
from common.ports.objects import ObjectStore
from common.ports.services.orders import Orders
from common.settings import load


class InvoiceWiring(TokensWiring):
    @cached_property
    def settings(self) -> InvoiceSettings:
        return load(InvoiceSettings)

    @cached_property
    def objects(self) -> ObjectStore:
        return S3Bucket(self.settings.invoice_bucket)

    @cached_property
    def orders(self) -> Orders:
        return OrderService(self.functions)

    @cached_property
    def render(self) -> Callable[[Invoice], bytes]:
        from chalicelib.invoice.pdf import render

        return render

    @cached_property
    def write_invoice(self) -> use_cases.WriteInvoice:
        settings = self.settings
        seller = Seller(
            settings.seller_name, tuple(settings.seller_address.split(";")), settings.seller_tax_id
        )
        return use_cases.WriteInvoice(self.orders, self.objects, self.render, seller)

    @cached_property
    def get_invoice(self) -> use_cases.GetInvoice:
        return use_cases.GetInvoice(self.orders, self.objects)
