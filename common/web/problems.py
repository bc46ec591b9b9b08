"""Errors as RFC 9457 problem details: which status, type and title each error of the shop becomes."""

from typing import Any

from chalice.app import Response

from common.codec import plain
from common.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutOfStock,
    ShopError,
    Unauthenticated,
    Unavailable,
)
from common.ports.provider import SignatureRefused

MEDIA_TYPE = "application/problem+json"


class TooLarge(Invalid):
    """A body that is larger than the shop reads."""


class UnsupportedMediaType(Invalid):
    """A body of another type than the route reads."""


class Malformed(Invalid):
    """Not even the form is right: no JSON, no UTF-8, a header that is missing, a cursor that is none."""


# The first class that an error is an instance of decides.
_PROBLEMS: tuple[tuple[type[ShopError], int, str, str], ...] = (
    (TooLarge, 413, "too-large", "Too large"),
    (UnsupportedMediaType, 415, "unsupported-media-type", "Unsupported media type"),
    (Malformed, 400, "malformed", "Malformed request"),
    (Invalid, 422, "invalid", "Invalid request"),
    (Unauthenticated, 401, "unauthenticated", "Not signed in"),
    (Forbidden, 403, "forbidden", "Not allowed"),
    (NotFound, 404, "not-found", "Not found"),
    (Conflict, 409, "conflict", "Conflict"),
    (SignatureRefused, 400, "signature", "Signature refused"),
    (Unavailable, 503, "unavailable", "Try again"),
    (ShopError, 502, "refused", "Refused by a service that the shop relies on"),
)

UNEXPECTED = ShopError("Something went wrong on our side. The same request may be sent again later.")


def problem(error: ShopError) -> Response:
    """The answer for an error: application/problem+json, with Retry-After where trying again may help."""
    if error is UNEXPECTED:
        return _response(500, "unexpected", "Unexpected error", str(error))
    _, status, kind, title = next(row for row in _PROBLEMS if isinstance(error, row[0]))
    extra: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, Conflict):
        kind, title = error.code.replace("_", "-"), error.code.replace("_", " ").capitalize()
        extra["code"] = error.code
    if isinstance(error, OutOfStock):
        extra["products"] = list(error.products)
    if isinstance(error, Invalid) and error.errors:
        extra["errors"] = plain(list(error.errors))
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "1"
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return _response(status, kind, title, str(error), extra, headers)


def _response(
    status: int,
    kind: str,
    title: str,
    detail: str,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail, **(extra or {})}
    return Response(body, headers={"Content-Type": MEDIA_TYPE, **(headers or {})}, status_code=status)
