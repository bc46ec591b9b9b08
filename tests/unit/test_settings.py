"""How settings are read from environment variables."""

import pytest
from chalicelib.inventory.settings import InventorySettings
from chalicelib.payment.settings import PaymentSettings

from common.settings import Aws, WrongSetting, load

GIVEN = {"SHOP_STAGE": "test", "DATABASE_SECRET": "a", "DATABASE_OWNER_SECRET": "b"}


def test_a_field_is_a_variable_in_capitals() -> None:
    """What is not set has the default of its field; a number is read as one."""
    assert load(InventorySettings, GIVEN) == InventorySettings(
        shop_stage="test", database_secret="a", database_owner_secret="b", stock_buckets=1
    )
    assert load(InventorySettings, {**GIVEN, "STOCK_BUCKETS": "16"}).stock_buckets == 16


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_true_and_false_are_what_terraform_writes(text: str, value: bool) -> None:
    """In its words."""
    rest = dict.fromkeys(
        (
            *("PAYMENT_PROVIDER_SECRET", "PAYMENT_TOPIC_ARN", "CHECKOUT_RETURN_URL"),
            *("TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_KEYS_URL"),
        ),
        "x",
    )
    assert load(PaymentSettings, {**GIVEN, **rest, "PAYMENT_LIVE": text}).payment_live is value
    with pytest.raises(WrongSetting, match=r"PAYMENT_LIVE must be true or false\."):
        load(PaymentSettings, {**GIVEN, **rest, "PAYMENT_LIVE": "yes"})


def test_what_is_missing_or_wrong_is_named() -> None:
    """By its variable, in a sentence; its value, which may be a secret, is not told."""
    with pytest.raises(WrongSetting, match=r"DATABASE_OWNER_SECRET is missing\. Set it\."):
        load(InventorySettings, {"SHOP_STAGE": "test", "DATABASE_SECRET": "a"})
    with pytest.raises(WrongSetting, match=r"STOCK_BUCKETS must be a whole number\.$"):
        load(InventorySettings, {**GIVEN, "STOCK_BUCKETS": "many"})


def test_keys_are_not_printed() -> None:
    """In no representation of what calls AWS."""
    environment = {"AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "hunter2"}
    assert "hunter2" not in repr(load(Aws, environment))
