"""What a deployment decides for the order service: one field a variable of the environment."""

from common.kinds import value
from common.settings import Tokens


@value(kw_only=True)
class OrderSettings(Tokens):
    shop_stage: str
    """The stage, a part of every function's name."""
    database_secret: str
    """The secret with the database's address and login."""
    database_owner_secret: str
    """The one of the tables' owner; only migrate may read it."""
    order_minutes_to_pay: int = 30
    """When an unpaid order is canceled."""
    order_minutes_to_place: int = 5
    """When a half-placed one is undone."""
    archive_secret: str
    """The secret with the archive's address and login."""
    order_minutes_to_archive: int = 0
    """How long a delivered order stays."""
