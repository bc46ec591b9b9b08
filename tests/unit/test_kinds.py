"""The two kinds of classes."""

import pytest
from attrs import field
from attrs.exceptions import FrozenInstanceError

from common.kinds import service, value


@value
class Login:
    user: str
    password: str = field(repr=False)


@value(kw_only=True)
class Temporary(Login):
    minutes: int

    def __repr__(self) -> str:
        return f"Temporary({self.minutes})"


@service
class Door:
    login: Login


def test_a_value_is_what_its_fields_are() -> None:
    """Two with the same fields are one, in a set, too; none can be changed."""
    assert Login("ada", "x") == Login("ada", "x") != Login("ada", "y")
    assert len({Login("ada", "x"), Login("ada", "x")}) == 1
    with pytest.raises(FrozenInstanceError):
        Login("ada", "x").user = "bob"  # type: ignore[misc]


def test_a_value_tells_its_fields_but_those_that_are_not_to_be_told() -> None:
    """One that says it in its own words is left to."""
    assert repr(Login("ada", "hunter2")) == "Login(user='ada')"
    assert repr(Temporary("ada", "hunter2", minutes=5)) == "Temporary(5)"


def test_a_service_is_itself_alone_and_tells_nothing() -> None:
    """However alike what it works with is; that may hold secrets."""
    login = Login("ada", "hunter2")
    assert Door(login) != Door(login)
    assert "ada" not in repr(Door(login))
