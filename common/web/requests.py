"""Reading a request. Whatever is sent, the answer is a value or a clear refusal.

A rule that is written here, or stands at a field of a shape, is also what the API's description says of it.
"""

import json
import re
from typing import Annotated, Any, TypeVar
from uuid import UUID

from attrs import fields
from chalice.app import Request

from common.codec import read_strictly
from common.domain.rules import Matches, Rule, Text
from common.errors import Invalid, NotFound
from common.kinds import value
from common.logging import about
from common.web.problems import Malformed, TooLarge, UnsupportedMediaType

T = TypeVar("T")

LARGEST_BODY = 256 * 1024

# For the routes that take a body: this module judges its type, and answers as every refusal is answered.
ANY_TYPE = ["*/*"]

_NUMBER = "-?(0|[1-9][0-9]{0,17})"
_ORDER_ID = Matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "must be a UUID in lower case")


@value
class Header:
    """A header that a request must have."""

    name: str
    rule: Rule
    about: str
    """What it is for."""


def json_body(request: Request, shape: type[T]) -> T:
    """The body, a JSON object, as a value of `shape`.

    Raises `UnsupportedMediaType`, `TooLarge` (over 256 KiB), `Malformed` (no JSON, a key twice, NaN,
    NUL, bad UTF-8), and `Invalid` naming each field that is wrong, missing or unknown.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    return read_strictly(parse_json(raw_body(request)), shape)


def raw_body(request: Request) -> bytes:
    """The body as it was sent. Raises `TooLarge` (over 256 KiB)."""
    raw: bytes = request.raw_body  # type: ignore[assignment]
    if len(raw) > LARGEST_BODY:
        raise TooLarge(f"The body is larger than {LARGEST_BODY // 1024} KiB.")
    return raw


def parse_json(raw: bytes) -> Any:
    """The JSON value of `raw`. Raises `Malformed`."""
    try:
        text = raw.decode()
        data = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse_constant)
        # A lone surrogate can be escaped in JSON, and is no text that a store takes.
        json.dumps(data, ensure_ascii=False).encode()
    except (UnicodeError, ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON in UTF-8, or has a key twice.") from error
    if "\\u0000" in text:
        raise Malformed("The body has a NUL character, which no field may have.")
    return data


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def query(request: Request, shape: type[T]) -> T:
    """The query parameters as a value of `shape`, whose fields are texts and whole numbers with a default.

    Raises `Malformed` for a parameter that is unknown, stands twice, is no text, or breaks its field's rule.
    """
    kinds = {field.name: field.type for field in fields(shape)}  # type: ignore[arg-type]
    found: dict[str, str | int] = {}
    given = request.query_params
    for name in given or ():
        values = given.getlist(name) if given else []
        if name not in kinds:
            raise Malformed(f"Unknown query parameter; this list knows {', '.join(sorted(kinds))}.")
        if len(values) != 1 or not Text().holds(values[0]):
            raise Malformed(f"Give the query parameter {name} once, in UTF-8 and without a NUL character.")
        is_number = kinds[name] is int and re.fullmatch(_NUMBER, values[0])
        found[name] = int(values[0]) if is_number else values[0]
    try:
        return read_strictly(found, shape)
    except Invalid as error:
        raise Malformed("Some query parameters are not as they must be.", error.errors) from error


def required_header(request: Request, header: Header) -> str:
    """The value of the header. Raises `Malformed` if it is missing, or breaks its rule."""
    value = str(request.headers.get(header.name.lower(), "")).strip()
    if not header.rule.holds(value):
        raise Malformed(f"Send the header {header.name}: it {header.rule}.")
    return value


def order_of_path(text: Annotated[str, _ORDER_ID]) -> UUID:
    """The id of the order that a path names. What is no id names nothing: raises `NotFound`."""
    if not _ORDER_ID.holds(text):
        raise NotFound("There is no such order.")
    about(text)
    return UUID(text)
