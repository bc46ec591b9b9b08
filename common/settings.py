"""What a deployment decides: the only place that reads environment variables.

One class a service, one field a variable, by its name in capitals. A missing or malformed variable is
told when the settings are first asked for, never at import: Chalice imports an app while packaging it.
"""

import os
from typing import TypeVar

import environ

S = TypeVar("S")


@environ.config(prefix="")
class Tokens:
    """Where the tokens of customers come from, for the services that customers call."""

    token_issuer: str = environ.var(help="The `iss` of the pool's tokens")
    token_audience: str = environ.var(help="The id of the pool's client, the `aud` of an id token")
    token_keys_url: str = environ.var(help="Where the pool's public keys are")


@environ.config(prefix="")
class ProductSettings(Tokens):
    shop_stage: str = environ.var(help="The stage, a part of every function's name")
    catalog_secret: str = environ.var(help="The secret with the catalog's address and login")
    catalog_owner_secret: str = environ.var(help="The one of its owner; only migrate may read it")


@environ.config(prefix="")
class InventorySettings:
    shop_stage: str = environ.var()
    database_secret: str = environ.var(help="The secret with the database's address and login")
    database_owner_secret: str = environ.var(help="The one of the tables' owner; only migrate may read it")
    stock_buckets: int = environ.var(
        1, converter=int, help="Rows that the pieces of a product are shared out to"
    )


@environ.config(prefix="")
class OrderSettings(Tokens):
    shop_stage: str = environ.var()
    database_secret: str = environ.var()
    database_owner_secret: str = environ.var()
    order_minutes_to_pay: int = environ.var(30, converter=int, help="When an unpaid order is canceled")
    order_minutes_to_place: int = environ.var(5, converter=int, help="When a half-placed one is undone")
    archive_secret: str = environ.var(help="The secret with the archive's address and login")
    order_minutes_to_archive: int = environ.var(0, converter=int, help="How long a delivered order stays")


@environ.config(prefix="")
class PaymentSettings(Tokens):
    shop_stage: str = environ.var()
    database_secret: str = environ.var()
    database_owner_secret: str = environ.var()
    payment_provider_secret: str = environ.var(help="The secret with the provider's keys and address")
    payment_topic_arn: str = environ.var(help="The topic cdc-payment-created")
    checkout_return_url: str = environ.var(help="Where the provider sends the customer back to")
    payment_live: bool = environ.bool_var(False, help="Whether the provider's account takes real money")


@environ.config(prefix="")
class InvoiceSettings(Tokens):
    shop_stage: str = environ.var()
    invoice_bucket: str = environ.var(help="The bucket of the PDFs")
    seller_name: str = environ.var(help="The seller, as the invoices name it")
    seller_address: str = environ.var(help="Its address; lines are parted by semicolons")
    seller_tax_id: str = environ.var(help="Its tax number")


@environ.config(prefix="")
class NotificationSettings:
    shop_stage: str = environ.var()
    invoice_bucket: str = environ.var()
    mail_sender: str = environ.var(help="The address that mails come from")
    mail_server: str = environ.var("", help="host:port of an SMTP server; empty for SES")


def load(shape: type[S]) -> S:
    """The settings of a service. Raises `environ.MissingEnvValueError` naming the missing variable."""
    return environ.to_config(shape, environ=dict(os.environ))


def resource(variable: str) -> str:
    """The name of an AWS resource that a handler in app.py is bound to when the app is packaged.

    Where nothing is deployed from this process, the variable's own name with dashes: a decorator needs some
    name, a running function none.
    """
    return os.environ.get(variable, variable.lower().replace("_", "-"))
