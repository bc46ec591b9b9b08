"""What stands around every route's view, so that the view itself only tells its story."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Chalice, Response

from common.codec import plain
from common.domain.rules import Matches, Text
from common.errors import ShopError
from common.kinds import value
from common.logging import correlation_id, handling, logger
from common.web.problems import Unexpected, problem
from common.web.requests import Header

CORRELATION = Header(
    "X-Correlation-Id",
    Matches("(?=.*[A-Za-z0-9])[A-Za-z0-9-]{1,64}", "must be 1 to 64 letters, digits and hyphens"),
    "What the shop's logs are to call this request: letters, digits and hyphens, 64 at most. One of another "
    "form is not taken, and another made; the answer has the one that counts. What follows from an order, as "
    "far as its mail, is called as the request that placed it.",
)

IF_NONE_MATCH = Header(
    "If-None-Match",
    Text(1, 1024),
    "The ETag of an earlier answer: where that is still the answer, 304 says so, and sends nothing again.",
)

Handler = Callable[..., Any]


@value
class Answers:
    """What a route answers beside the shape that its view is annotated with."""

    status: int
    """Where all is well."""
    location: str
    """Where what was made can be had, such as /orders/{order_id} by a field of the answer; or empty."""
    refusals: tuple[type[ShopError], ...]
    """The errors that only this route may answer, or few do: what all do follows from how its view reads."""
    max_age: int | None
    """For how many seconds a browser may show the answer again without asking; 0: it asks whether it changed,
    and is not sent it again (304) if it did not; None: it keeps nothing. docs/decisions/0109."""

    @property
    def cache_control(self) -> str:
        if self.max_age is None:
            return "no-store"
        return f"private, max-age={self.max_age}" if self.max_age else "private, no-cache"


def endpoint(
    app: Chalice,
    *refusals: type[ShopError],
    status: int = 200,
    location: str = "",
    max_age: int | None = None,
) -> Callable[[Handler], Handler]:
    """Around a route's view: the value that it returns becomes JSON, errors become problem details.

    The view's annotation is the shape of the answer. `refusals`, `status`, `location` and `max_age` are as
    in `Answers`.
    Every answer carries the request's correlation id. Chalice's own middleware does not see the errors that a
    view raises, hence this.
    """
    answers = Answers(status, location, refusals, max_age)

    def around(view: Handler) -> Handler:
        @wraps(view)
        def handle(*args: Any, **kwargs: Any) -> Response:
            with handling(app.app_name, view.__name__, _correlation_id(app)):
                return _with_headers(_answer(app, view, answers, args, kwargs))

        handle.answers = answers  # type: ignore[attr-defined]
        return handle

    return around


def _answer(app: Chalice, view: Handler, answers: Answers, args: Any, kwargs: Any) -> Response:
    try:
        body = plain(view(*args, **kwargs))
    except ShopError as error:
        return problem(error)
    except Exception:
        logger(app.app_name).exception("A request failed unexpectedly")
        return problem(Unexpected())
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    if answers.location:
        headers["Location"] = answers.location.format_map(body)
    headers["Cache-Control"] = answers.cache_control
    if answers.max_age is None:
        return Response(body, headers, answers.status)
    text = json.dumps(body, separators=(",", ":"))
    headers["ETag"] = tag = _entity_tag(text)
    if tag in _header(app, IF_NONE_MATCH):
        return Response("", headers, 304)
    return Response(text, headers, answers.status)


def _entity_tag(text: str) -> str:
    """Names this text, and no other. https://www.rfc-editor.org/rfc/rfc9110#name-etag"""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _with_headers(response: Response) -> Response:
    response.headers[CORRELATION.name] = correlation_id()
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _correlation_id(app: Chalice) -> str:
    """The one that the request brings, if it looks like one; else the gateway's own id of the request."""
    given = _header(app, CORRELATION)
    if CORRELATION.rule.holds(given) or app.current_request is None:
        return given
    return str(app.current_request.context.get("requestId", ""))


def _header(app: Chalice, header: Header) -> str:
    request = app.current_request
    return request.headers.get(header.name.lower(), "") if request else ""
