"""boto3's clients: one of each kind a container, made on first use."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# A call that is not answered soon is better tried again: a function lives for seconds.
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})

# Download addresses are signed by the older version otherwise, which neither newer regions nor buckets
# with keys of KMS take.
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4"))

# A function that is called may take fifteen seconds. It is called once: whoever called asks again, or is
# asked again, and meanwhile the first call may still be at work.
_LAMBDA_CONFIG = Config(connect_timeout=2, read_timeout=17, retries={"total_max_attempts": 1})

_CONFIGS = {"s3": _S3_CONFIG, "lambda": _LAMBDA_CONFIG}


@cache
def client(service: str) -> Any:
    """The client of an AWS service, by boto3's name for it. AWS_ENDPOINT_URL leads it to an emulator."""
    return boto3.client(service, config=_CONFIGS.get(service, _CONFIG))
