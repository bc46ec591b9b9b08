"""What a deployment decides for the product service: one field a variable of the environment."""

from common.kinds import value
from common.settings import Tokens


@value(kw_only=True)
class ProductSettings(Tokens):
    shop_stage: str
    """The stage, a part of every function's name."""
    catalog_secret: str
    """The secret with the catalog's address and login."""
    catalog_owner_secret: str
    """The one of its owner; only migrate may read it."""
