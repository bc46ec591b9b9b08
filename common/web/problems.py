"""Errors as RFC 9457 problem details: the catalogue of all types of problems that a client may be answered.

What each means, and what to do about it, says the docstring of its error.
"""

from collections.abc import Mapping

from attrs import field
from chalice.app import Response

from common.codec import plain
from common.errors import (
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    NotCancelable,
    NotDeliverable,
    NotFound,
    NotPayable,
    OutOfStock,
    Refused,
    ShopError,
    SignatureRefused,
    Unauthenticated,
    Unavailable,
)
from common.kinds import value

MEDIA_TYPE = "application/problem+json"


class TooLarge(Invalid):
    """The body is larger than the shop reads.

    Send less. An order's body is far below every limit.
    """


class UnsupportedMediaType(Invalid):
    """The body is of another type than is read here.

    Send it as JSON, with the header `Content-Type: application/json`.
    """


class Malformed(Invalid):
    """Not even the form is right: no JSON, a header that is missing, a query parameter that breaks its rule.

    `errors` names the query parameters that do. A cursor must be one that the same list gave, with the same
    other parameters.
    """


class MethodNotAllowed(ShopError):
    """There is something at this address, but not for this method.

    The header Allow names the methods that there are.
    """


class TooManyRequests(ShopError):
    """More requests came at once than the shop takes.

    Ask the same again, after the seconds that Retry-After names, and then more slowly.
    """


class TimedOut(ShopError):
    """The answer did not come in time. What was asked may be done, or not.

    Ask the same again, with the same Idempotency-Key if there was one: nothing is done twice.
    """


class Unexpected(ShopError):
    """Something went wrong on the shop's side, and is in its log with the answer's X-Correlation-Id.

    The same may be asked again later, with the same Idempotency-Key if there was one: nothing is done twice.
    """

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side. The same request may be sent again later.")


@value
class Problem:
    """What went wrong. Some types have more members."""

    type: str
    """Which type of problem it is; as an address, a page that explains it."""
    title: str
    status: int
    """The status of the answer, again."""
    detail: str
    """What happened this time, and what to do, for people."""


@value(eq=False)
class ProblemType:
    """A type of problems: the error it stands for, and what all its answers have alike."""

    error: type[ShopError]
    status: int
    name: str
    title: str
    members: tuple[str, ...] = ()
    """The attributes of the error that are told beside those of `Problem`."""
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def uri(self) -> str:
        return f"/problems/{self.name}"


def _conflict(error: type[Conflict], *members: str) -> ProblemType:
    name, title = error.code.replace("_", "-"), error.code.replace("_", " ").capitalize()
    return ProblemType(error, 409, name, title, ("code", *members))


_SOON = {"Retry-After": "1"}
_UNEXPECTED = ProblemType(Unexpected, 500, "unexpected", "Unexpected error")

# The first one that an error is an instance of counts.
PROBLEM_TYPES = (
    ProblemType(TooLarge, 413, "too-large", "Too large"),
    ProblemType(UnsupportedMediaType, 415, "unsupported-media-type", "Unsupported media type"),
    ProblemType(Malformed, 400, "malformed", "Malformed request", ("errors",)),
    ProblemType(Invalid, 422, "invalid", "Invalid request", ("errors",)),
    ProblemType(
        Unauthenticated, 401, "unauthenticated", "Not signed in", headers={"WWW-Authenticate": "Bearer"}
    ),
    ProblemType(Forbidden, 403, "forbidden", "Not allowed"),
    ProblemType(NotFound, 404, "not-found", "Not found"),
    ProblemType(MethodNotAllowed, 405, "method-not-allowed", "Method not allowed"),
    _conflict(OutOfStock, "products"),
    _conflict(KeyReused),
    _conflict(NotCancelable),
    _conflict(NotDeliverable),
    _conflict(NotPayable),
    ProblemType(SignatureRefused, 400, "signature", "Signature refused"),
    ProblemType(TooManyRequests, 429, "too-many-requests", "Too many requests", headers=_SOON),
    _UNEXPECTED,
    ProblemType(Refused, 502, "refused", "Refused by a service that the shop relies on"),
    ProblemType(Unavailable, 503, "unavailable", "Try again", headers=_SOON),
    ProblemType(TimedOut, 504, "timed-out", "Timed out"),
)


def type_of(error: type[ShopError]) -> ProblemType:
    """The type of problem that errors of this class are."""
    return next((kind for kind in PROBLEM_TYPES if issubclass(error, kind.error)), _UNEXPECTED)


def problem(error: ShopError) -> Response:
    """The answer for an error."""
    kind = type_of(type(error))
    told = plain(Problem(kind.uri, kind.title, kind.status, str(error)))
    more = {name: plain(getattr(error, name)) for name in kind.members}
    return Response(told | more, {"Content-Type": MEDIA_TYPE, **kind.headers}, kind.status)
