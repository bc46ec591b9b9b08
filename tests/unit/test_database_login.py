"""Logging in at a database: with a password, or as a role."""

import pytest

from common.aws.clients import client
from common.aws.databases import database_token
from common.codec import read
from common.repositories.postgres.database import Login, with_token

SECRET = {
    "host": "proxy.example",
    "port": 5432,
    "dbname": "order",
    "username": "order",
    "password": "of the proxy",
}


def _token(host: str, port: int, username: str, region: str) -> str:
    return f"{username}@{host}:{port} in {region}"


def test_on_one_machine_the_password_is_the_secret_s():
    """Where no region is named, nobody asks for a token."""
    assert with_token(read(SECRET, Login), _token).password == "of the proxy"


def test_at_the_proxy_the_role_logs_in():
    """Where a region is named, a token of the role stands for the password, and all else stays."""
    login = with_token(read({**SECRET, "iam_region": "us-east-1"}, Login), _token)
    assert login.password == "order@proxy.example:5432 in us-east-1"
    assert (login.host, login.dbname, login.tls) == ("proxy.example", "order", True)


@pytest.mark.usefixtures("aws")
def test_a_token_is_signed_for_this_user_and_this_proxy():
    """It names both, is good for 15 minutes, and is made without asking anybody."""
    client.cache_clear()
    token = database_token("proxy.example", 5432, "order", "us-east-1")
    assert token.startswith("proxy.example:5432/?Action=connect&DBUser=order&")
    assert "X-Amz-Expires=900" in token
    assert "us-east-1%2Frds-db%2Faws4_request" in token
