"""What the store of secrets does: Secrets Manager by moto, or LocalStack."""

import json

import boto3
import pytest

from common.aws.secrets import ManagedSecrets
from common.errors import Unavailable

pytestmark = pytest.mark.usefixtures("aws")


def test_a_secret_is_read_once_until_it_is_asked_for_again() -> None:
    """A container keeps it, so a change is seen when the door did not open and it is read again."""
    boto3.client("secretsmanager").create_secret(
        Name="shop/order/database", SecretString=json.dumps({"port": 1})
    )
    secrets = ManagedSecrets()
    assert secrets.read("shop/order/database") == {"port": 1}
    boto3.client("secretsmanager").put_secret_value(
        SecretId="shop/order/database", SecretString=json.dumps({"port": 2})
    )
    assert secrets.read("shop/order/database") == {"port": 1}
    assert secrets.read("shop/order/database", again=True) == {"port": 2}
    assert secrets.read("shop/order/database") == {"port": 2}


def test_a_secret_that_cannot_be_read_is_unavailable() -> None:
    """Whatever AWS says, and its words stay out of the sentence."""
    with pytest.raises(Unavailable, match=r"^The store of secrets does not answer\. Please try again\.$"):
        ManagedSecrets().read("shop/nothing")


def test_what_is_kept_is_not_printed() -> None:
    """A representation of the adapter, as in a traceback's locals, has no secret in it."""
    boto3.client("secretsmanager").create_secret(Name="s", SecretString=json.dumps({"password": "hunter2"}))
    secrets = ManagedSecrets()
    secrets.read("s")
    assert "hunter2" not in repr(secrets)
