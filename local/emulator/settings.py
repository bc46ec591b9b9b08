"""What the launcher is told, and how corrections reach into MiniStack."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import frozen


@frozen
class Settings:
    """How one emulator runs."""

    port: int
    state: Path
    """The folder of everything that it keeps."""
    mail: Path
    """The folder where each sent mail is put, as ID.eml."""
    python: Path
    """The interpreter of the functions: it has boto3 and nothing else, as on AWS."""
    seconds_per_minute: float = 60
    """How long a minute of a schedule's rate(...) lasts."""
    without: frozenset[str] = frozenset()
    """Names of corrections that are left out."""


def service(name: str) -> Any:
    """One of MiniStack's service modules. It has no types, so what is in it is Any."""
    return import_module(f"ministack.services.{name}")


def core(name: str) -> Any:
    """One of MiniStack's core modules."""
    return import_module(f"ministack.core.{name}")


def application() -> Any:
    """MiniStack's main module."""
    return import_module("ministack.app")


def wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replace `owner.name` with what `make` builds around it. AttributeError if there is no such thing."""
    setattr(owner, name, make(getattr(owner, name)))


def replace_once(text: str, old: str, new: str) -> str:
    """The text with its one `old` replaced; ValueError if it does not stand there exactly once."""
    if text.count(old) != 1:
        raise ValueError(f"MiniStack has changed: {old.strip()!r} is not where the correction expects it")
    return text.replace(old, new)
