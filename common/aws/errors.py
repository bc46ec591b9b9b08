"""What AWS refuses, in the shop's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from common.aws.clients import CallFailed
from common.errors import Unavailable
from common.logging import logger

# How the services of AWS say that a role may not do something; to a HEAD they can only answer 403.
_NOT_ALLOWED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turns every failure of AWS within the block into `Unavailable`; its own text goes to the cause only.

    A permission that is missing is logged: the shop may go on without what was asked, and nobody would hear
    of it.
    """
    try:
        yield
    except CallFailed as error:
        if error.code in _NOT_ALLOWED:
            logger("aws").error("A permission is missing", extra={"why": str(error)})
        raise Unavailable(f"{what} does not answer. Please try again.") from error
