"""boto3's clients: one of each kind a container, made on first use."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# A call that is not answered soon is better tried again: a function lives for seconds.
_CONFIG = Config(connect_timeout=2, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})

# Download addresses are signed by the older version otherwise, which neither newer regions nor buckets
# with keys of KMS take.
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4"))


@cache
def client(service: str) -> Any:
    """The client of an AWS service, by boto3's name for it. AWS_ENDPOINT_URL leads it to an emulator."""
    return boto3.client(service, config=_S3_CONFIG if service == "s3" else _CONFIG)
