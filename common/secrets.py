"""Logins that are kept as secrets."""

from collections.abc import Callable
from typing import TypeVar

from common.codec import read
from common.ports.secrets import Secrets

L = TypeVar("L")


def login_from(secrets: Secrets, name: str, shape: type[L]) -> Callable[[bool], L]:
    """What an adapter asks for its login: the fields of a secret, read again (True) where it was refused."""
    return lambda again: read(secrets.read(name, again=again), shape)
