"""What a deployment decides for the inventory service: one field a variable of the environment."""

from common.kinds import value


@value(kw_only=True)
class InventorySettings:
    shop_stage: str
    """The stage, a part of every function's name."""
    database_secret: str
    """The secret with the database's address and login."""
    database_owner_secret: str
    """The one of the tables' owner; only migrate may read it."""
    stock_buckets: int = 1
    """Rows that the pieces of a product are shared out to."""
