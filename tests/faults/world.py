"""A world in which everything that can fail does, decided by one number.

The world has a clock, an agenda of what happens next, and faults. Everything that a handler does to the
outside is an effect: around each, the world may let other things happen first, make the effect fail before
or after it took place, or let the handler's process die. Two worlds of one seed are alike to the last step.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from common.clock import uuid7
from common.errors import ShopError, Unavailable

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

# How often each fault strikes where it can. To add one: a line here, and `world.strikes(...)` where it acts.
FAULTS = {
    "the process dies before an effect": 0.006,
    "the process dies after an effect": 0.006,
    "others come in between": 0.15,
    "a call fails before it is made": 0.01,
    "a call is not answered": 0.01,
    "a call arrives late": 0.02,
    "a statement fails before it runs": 0.005,
    "a statement is not answered": 0.005,
    "a statement runs twice": 0.01,
    "publishing fails before it is done": 0.05,
    "publishing is not answered": 0.05,
    "the topic takes only a part": 0.05,
    "a message comes twice": 0.08,
    "a message comes late": 0.1,
    "a message comes only when it is redriven": 0.02,
    "an acknowledgement is lost": 0.03,
    "a file operation fails before it is done": 0.01,
    "a file operation is not answered": 0.01,
    "an event comes twice": 0.1,
    "an event comes late": 0.1,
    "a mail fails before it is taken": 0.05,
    "a mail is not answered": 0.03,
    "the provider fails before it acts": 0.03,
    "the provider is not answered": 0.03,
    "a webhook comes twice": 0.15,
    "a webhook comes late": 0.15,
    "a webhook is not answered": 0.05,
    "another amount is paid": 0.03,
    "the archive fails before it acts": 0.03,
    "the archive is not answered": 0.03,
    "the archive keeps only a part": 0.1,
    "the archive reads what was before": 0.1,
    "the purchases fail before they act": 0.03,
    "the purchases are not answered": 0.03,
    "the purchases keep only a part": 0.1,
    "a request does not arrive": 0.02,
    "an answer does not arrive": 0.03,
    "the clock jumps": 0.003,
}


class ProcessDiedError(BaseException):
    """The process of a function is gone, in the middle of its work. Nothing in it can catch that."""


class World:
    """Time, chance and what is to come.

    `calm` is a world without faults: in it, everything that was left is finished. `happened` counts the
    faults that struck, `blows` those that let an effect fail, `struck` are the runs of handlers that had one.
    `surprises` are what must
    never happen, such as an error by which a handler failed in a way that it does not know.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.moment = START
        self.calm = False
        self.happened: Counter[str] = Counter()
        self.running: list[int] = []
        self.surprises: list[str] = []
        self.struck: set[int] = set()
        self.blows = 0
        self._invocations = 0
        self._transactions = 0
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._planned = 0

    def now(self) -> datetime:
        """As a `Clock`."""
        return self.moment

    def new(self, at: datetime) -> UUID:
        """As `Ids`."""
        return uuid7(at, self.random.randbytes(10))

    def plan(self, after: timedelta, act: Callable[[], object]) -> None:
        """Puts something on the agenda."""
        self._planned += 1
        heapq.heappush(self._agenda, (self.moment + after, self._planned, act))

    def soon(self, seconds: float) -> timedelta:
        """Some time within so many seconds."""
        return timedelta(seconds=self.random.uniform(0, seconds))

    def strikes(self, fault: str) -> bool:
        """Whether this fault strikes here and now."""
        struck = not self.calm and self.random.random() < FAULTS[fault]
        self.happened[fault] += struck
        return struck

    def effect(self, name: str, before: str, after: str, act: Callable[[], T]) -> T:
        """Does something to the outside, as a handler does, with all that may go wrong around it.

        Raises `Unavailable`, or lets the process die.
        """
        if not self._transactions and self._others_are_near() and self.strikes("others come in between"):
            self.step()
        if self.strikes("the process dies before an effect"):
            raise self._struck(ProcessDiedError())
        if self.strikes(before):
            raise self._struck(Unavailable(f"{name} fails."))
        result = act()
        if self.strikes("the process dies after an effect"):
            raise self._struck(ProcessDiedError())
        if self.strikes(after):
            raise self._struck(Unavailable(f"{name} does not answer."))
        return result

    def _others_are_near(self) -> bool:
        """Whether something is to happen while the handler that runs now may still be at work."""
        soon = self.moment + timedelta(seconds=20)
        return len(self.running) < 4 and bool(self._agenda) and self._agenda[0][0] <= soon

    def _struck(self, error: E) -> E:
        self.struck.update(self.running[-1:])
        self.blows += 1
        return error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """While a transaction holds its locks, nobody else comes in between in this one thread."""
        self._transactions += 1
        try:
            yield
        finally:
            self._transactions -= 1

    @contextmanager
    def invocation(self) -> Iterator[int]:
        """One run of a handler, by its number. Raises `Unavailable` where its process died."""
        self._invocations += 1
        self.running.append(self._invocations)
        try:
            yield self._invocations
        except ProcessDiedError:
            raise Unavailable("The function's process died.") from None
        except ShopError:
            raise
        except Exception as error:
            self.surprises.append(f"{type(error).__name__}: {error}")
            raise Unavailable("The function failed.") from error
        finally:
            self.running.pop()

    def step(self) -> bool:
        """Lets the next thing on the agenda happen; False if there is none."""
        if not self._agenda:
            return False
        # Not within a handler: Lambda ends one that runs for so long.
        if not self.running and self.strikes("the clock jumps"):
            self.moment += timedelta(minutes=self.random.choice([1, 6, 31, 90]))
        at, _, act = heapq.heappop(self._agenda)
        self.moment = max(self.moment, at)
        act()
        return True

    def run_until(self, end: datetime) -> None:
        """Lets happen what is on the agenda until then."""
        while self._agenda and self._agenda[0][0] <= end:
            self.step()
        self.moment = max(self.moment, end)

    def is_idle(self) -> bool:
        """Whether nothing is on the agenda."""
        return not self._agenda
