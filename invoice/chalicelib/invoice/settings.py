"""What a deployment decides for the invoice service: one field a variable of the environment."""

from common.kinds import value
from common.settings import Tokens


@value(kw_only=True)
class InvoiceSettings(Tokens):
    shop_stage: str
    """The stage, a part of every function's name."""
    invoice_bucket: str
    """The bucket of the PDFs."""
    seller_name: str
    """The seller, as the invoices name it."""
    seller_address: str
    """Its address; lines are parted by semicolons."""
    seller_tax_id: str
    """Its tax number."""
