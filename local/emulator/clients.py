"""boto3 clients of this machine's emulator, and the environment of programs that should find it."""

import os
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.emulator.credentials import ACCESS_KEY, REGION, SECRET_KEY
from local.emulator.server import address
from local.paths import HOME


def client(service: str, home: Path = HOME) -> Any:
    """A boto3 client of one service, with the account's own credentials, whatever the shell is set to."""
    return boto3.session.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY).client(
        service,
        region_name=REGION,
        endpoint_url=address(home),
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=20),
    )


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
