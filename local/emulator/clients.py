"""boto3 clients of this machine's emulator, and the environment of programs that should find it."""

import os
from functools import cache
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from common.aws.clients import Client, Limits
from common.settings import Aws
from local import elsewhere
from local.emulator.credentials import ACCESS_KEY, REGION, SECRET_KEY
from local.emulator.server import address, own_address
from local.paths import HOME

USER_POOLS = "cognito-idp"

_LONGEST_SECONDS = 300
_MAKING = Lock()


def client(service: str, home: Path = HOME) -> Any:
    """A boto3 client of one service, with the account's own credentials, whatever the shell is set to."""
    return _client(service, user_pool_address(home) if service == USER_POOLS else address(home))


def user_pool_address(home: Path = HOME) -> str:
    """Where users sign in: this shop's own emulator, unless another one runs elsewhere and has user pools."""
    return address(home) if has_user_pools(elsewhere.aws()) else own_address(home)


def signed(service: str, home: Path = HOME) -> Client:
    """A client as functions have it, with the account's own credentials, and as patient as a migration."""
    access = Aws(aws_region=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    return Client(service, address(home), Limits(_LONGEST_SECONDS, tries=1), lambda: access)


@cache
def has_user_pools(endpoint: str | None) -> bool:
    """Whether the emulator there knows Cognito, as the free LocalStack does not. None, our own, does."""
    if endpoint is None:
        return True
    try:
        _client(USER_POOLS, endpoint).list_user_pools(MaxResults=1)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_IMPLEMENTED)
    return True


def _client(service: str, endpoint: str) -> Any:
    # A session makes one client at a time. There is one for all, which reads its files once.
    with _MAKING:
        return _session().client(
            service,
            region_name=REGION,
            endpoint_url=endpoint,
            config=Config(retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=20),
        )


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)


def environment(home: Path = HOME) -> dict[str, str]:
    """The environment of a program whose boto3 should talk to this emulator, and to nothing else."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": address(home),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
