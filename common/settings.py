"""What a deployment decides: the only place that reads environment variables.

Each service's settings.py has a class with one field a variable, by its name in capitals. A missing or
malformed variable is told when the settings are first asked for, never at import: Chalice imports an app
while packaging it.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import NOTHING, AttrsInstance, fields

from common.kinds import value

S = TypeVar("S", bound=AttrsInstance)


class WrongSetting(Exception):
    """A variable is missing, or is not what it must be; the message is a sentence that names it."""


@value(kw_only=True)
class Tokens:
    """Where the tokens of customers come from, for the services that customers call."""

    token_issuer: str
    """The `iss` of the pool's tokens."""
    token_audience: str
    """The id of the pool's client, the `aud` of an id token."""
    token_keys_url: str
    """Where the pool's public keys are."""


@value(kw_only=True)
class Aws:
    """What Lambda gives to each function, and the local shop, too: where AWS is, and who calls it."""

    aws_region: str
    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str = ""
    aws_endpoint_url: str = ""
    """An emulator that answers in the place of every service."""

    def __repr__(self) -> str:
        return f"Aws(aws_region={self.aws_region!r})"


def load(shape: type[S], environment: Mapping[str, str] = os.environ) -> S:
    """The settings of a service. Raises `WrongSetting`."""
    values: dict[str, Any] = {}
    for field in fields(shape):
        variable = field.name.upper()
        if variable in environment:
            values[field.name] = _READ[field.type](variable, environment[variable])
        elif field.default is NOTHING:
            raise WrongSetting(f"The environment variable {variable} is missing. Set it.")
    return shape(**values)


def _number(variable: str, text: str) -> int:
    if not text.isdecimal():
        raise WrongSetting(f"The environment variable {variable} must be a whole number.")
    return int(text)


def _truth(variable: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise WrongSetting(f"The environment variable {variable} must be true or false.")
    return text == "true"


_READ: dict[Any, Callable[[str, str], object]] = {str: lambda _, text: text, int: _number, bool: _truth}


def trace() -> str:
    """The trace that a function's invocation is a part of, as X-Ray's header has it; empty without one."""
    return os.environ.get("_X_AMZN_TRACE_ID", "")


def resource(variable: str) -> str:
    """The name of an AWS resource that a handler in app.py is bound to when the app is packaged.

    Where nothing is deployed from this process, the variable's own name with dashes: a decorator needs some
    name, a running function none.
    """
    return os.environ.get(variable, variable.lower().replace("_", "-"))
