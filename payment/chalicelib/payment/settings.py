"""What a deployment decides for the payment service: one field a variable of the environment."""

from common.kinds import value
from common.settings import Tokens


@value(kw_only=True)
class PaymentSettings(Tokens):
    shop_stage: str
    """The stage, a part of every function's name."""
    database_secret: str
    """The secret with the database's address and login."""
    database_owner_secret: str
    """The one of the tables' owner; only migrate may read it."""
    payment_provider_secret: str
    """The secret with the provider's keys and address."""
    payment_topic_arn: str
    """The topic cdc-payment-created."""
    checkout_return_url: str
    """Where the provider sends the customer back to."""
    payment_live: bool = False
    """Whether the provider's account takes real money."""
