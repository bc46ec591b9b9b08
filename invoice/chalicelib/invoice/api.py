"""The shapes of what the invoice service answers."""

from uuid import UUID

from common.kinds import value


@value
class InvoiceLink:
    """Where the invoice of an order can be downloaded."""

    order_id: UUID
    url: str
    """A PDF, for five minutes, without a token."""
