"""Logging in while somebody changes the password."""

import pytest
from attrs import define, field

from common.repositories.logins import PAUSES, logged_in


class Refused(Exception):
    """The store does not know this password."""


@define
class Door:
    """Lets in whoever comes with the password of now; both may change while somebody waits."""

    password: str = "new"
    kept: str = "old"
    after_waiting: int = 0
    waited: list[float] = field(factory=list)
    read_again: list[bool] = field(factory=list)

    def attempt(self, again: bool) -> str:
        self.read_again.append(again)
        if self.kept != self.password:
            raise Refused
        return "in"

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) == self.after_waiting:
            self.kept = self.password

    def enter(self) -> str:
        return logged_in(self.attempt, lambda error: isinstance(error, Refused), self.wait)


def test_a_login_that_is_right_is_not_read_again() -> None:
    """One attempt, with what is known."""
    door = Door(kept="new")
    assert door.enter() == "in"
    assert door.read_again == [False]


@pytest.mark.parametrize("after", range(1, len(PAUSES) + 1))
def test_whoever_comes_while_it_is_rotated_gets_in(after: int) -> None:
    """At once where the secret was written already, else as soon as it is, or the store knows it."""
    door = Door(after_waiting=after)
    assert door.enter() == "in"
    assert door.read_again == [False, *[True] * after]


def test_a_login_that_stays_wrong_is_told_in_time() -> None:
    """After six attempts in a second and a half: no request waits longer, no container asks more often."""
    door = Door()
    with pytest.raises(Refused):
        door.enter()
    assert len(door.read_again) == 6
    assert sum(door.waited) == pytest.approx(1.5)


def test_what_is_no_refusal_is_told_at_once() -> None:
    """A store that does not answer is not asked with another password."""

    def attempt(again: bool) -> str:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        logged_in(attempt, lambda error: isinstance(error, Refused), pytest.fail)
