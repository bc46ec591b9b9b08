"""What the invoice service does, one file a use case."""

from chalicelib.invoice.use_cases.get_invoice import GetInvoice
from chalicelib.invoice.use_cases.write_invoice import WriteInvoice

__all__ = ["GetInvoice", "WriteInvoice"]
