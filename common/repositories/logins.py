"""Logging in at a store whose password somebody may be changing right now."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# A rotation tells the store and the secret one after the other; until both agree, nobody new gets in. That is
# milliseconds where a program rotates, and no request should wait longer than all of this together. Pauses
# keep a container whose password is simply wrong from asking more than some times a second.
PAUSES = (0.0, 0.1, 0.2, 0.4, 0.8)


def logged_in(
    attempt: Callable[[bool], T],
    refused: Callable[[Exception], bool],
    wait: Callable[[float], None] = time.sleep,
) -> T:
    """What `attempt(False)` returns, or `attempt(True)`, which reads the login again, where that was refused.

    The second is repeated after each of PAUSES while it is refused, too. Raises the last refusal, and at once
    whatever `refused` says is none.
    """
    pauses, again = iter(PAUSES), False
    while True:
        try:
            return attempt(again)
        except Exception as error:
            pause = next(pauses, None)
            if pause is None or not refused(error):
                raise
        wait(pause)
        again = True
