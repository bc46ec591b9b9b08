"""What boto3 raises, in the shop's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from common.errors import Unavailable


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turns every failure of AWS within the block into `Unavailable`; its own text goes to the cause only."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Unavailable(f"{what} does not answer. Please try again.") from error


def code(error: ClientError) -> str:
    """The error code, such as "NoSuchKey"."""
    return str(error.response.get("Error", {}).get("Code", ""))
