"""Reading request parameters, with Stripe's words for what is wrong with them."""

import re
from typing import Any
from urllib.parse import urlsplit

from local.provider.errors import StripeError

_CURRENCY = re.compile(r"[a-zA-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def only(params: dict[str, Any], known: set[str], inside: str = "") -> None:
    """Refuses parameters that are not known."""
    for name in params:
        if name not in known:
            full = f"{inside}[{name}]" if inside else name
            raise StripeError(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)


def text(params: dict[str, Any], name: str, inside: str = "", longest: int = 5000) -> str:
    """A text that must be there and not be empty."""
    full = f"{inside}[{name}]" if inside else name
    value = params.get(name)
    if value is None:
        raise StripeError(f"Missing required param: {full}.", code="parameter_missing", param=full)
    if not isinstance(value, str):
        raise StripeError(f"Invalid string: {full} must be a text.", param=full)
    if not value:
        raise StripeError(
            f"You passed an empty string for '{full}'. We assume empty values are an attempt to unset a "
            "parameter; however, it cannot be unset.",
            code="parameter_invalid_empty",
            param=full,
        )
    if len(value) > longest:
        raise StripeError(f"Invalid string: {full} must be at most {longest} characters", param=full)
    return value


def optional_text(params: dict[str, Any], name: str, inside: str = "", longest: int = 5000) -> str | None:
    return text(params, name, inside, longest) if params.get(name) else None


def whole(params: dict[str, Any], name: str, inside: str = "", least: int = 0) -> int:
    """A whole number that must be there."""
    full = f"{inside}[{name}]" if inside else name
    value = text(params, name, inside)
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=full)
    if int(value) < least:
        raise StripeError(
            f"This value must be greater than or equal to {least}.",
            code="parameter_invalid_integer",
            param=full,
        )
    return int(value)


def group(params: dict[str, Any], name: str, inside: str = "") -> dict[str, Any]:
    """A group of parameters; an empty one where there is none."""
    full = f"{inside}[{name}]" if inside else name
    value = params.get(name) or {}
    if not isinstance(value, dict):
        raise StripeError("Invalid object", param=full)
    return value


def metadata(params: dict[str, Any], inside: str = "") -> dict[str, str]:
    """At most 50 pairs, names of at most 40 and values of at most 500 characters, as Stripe's limits are."""
    pairs = group(params, "metadata", inside)
    full = f"{inside}[metadata]" if inside else "metadata"
    if len(pairs) > 50:
        raise StripeError("Metadata can have at most 50 keys.", param=full)
    for name, value in pairs.items():
        if not isinstance(value, str) or len(name) > 40 or len(value) > 500:
            raise StripeError("Metadata has a key or a value that is too long, or no text.", param=full)
    return pairs


def currency(params: dict[str, Any], inside: str) -> str:
    value = text(params, "currency", inside)
    if not _CURRENCY.fullmatch(value):
        raise StripeError(f"Invalid currency: {value}", param=f"{inside}[currency]")
    return value.lower()


def address(params: dict[str, Any], name: str, *, required: bool) -> str | None:
    """An http or https address."""
    if not required and not params.get(name):
        return None
    value = text(params, name)
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise StripeError("Not a valid URL", code="url_invalid", param=name)
    return value


def email(params: dict[str, Any], name: str) -> str | None:
    value = optional_text(params, name, longest=512)
    if value is not None and not _EMAIL.fullmatch(value):
        raise StripeError(f"Invalid email address: {value}", code="email_invalid", param=name)
    return value
