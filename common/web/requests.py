"""Reading a request. Whatever is sent, the answer is a value or a clear refusal."""

import json
from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from chalice.app import Request

from common.codec import read_strictly
from common.errors import NotFound
from common.logging import about
from common.web.problems import Malformed, TooLarge, UnsupportedMediaType

T = TypeVar("T")

LARGEST_BODY = 256 * 1024

# For the routes that take a body: this module judges its type, and answers as every refusal is answered.
ANY_TYPE = ["*/*"]


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


def query(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """The query parameters. Raises `Malformed` for one that is unknown, stands twice, or is no text."""
    found: dict[str, str] = {}
    given = request.query_params
    for name in given or ():
        values = given.getlist(name) if given else []
        if name not in allowed:
            raise Malformed(f"Unknown query parameter; this list knows {', '.join(sorted(allowed))}.")
        if len(values) != 1 or not is_text(values[0]):
            raise Malformed(f"Give the query parameter {name} once, in UTF-8 and without a NUL character.")
        found[name] = values[0]
    return found


def is_text(value: str) -> bool:
    """Whether every store takes this: it has no NUL, and no half of a surrogate pair."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def required_header(request: Request, name: str, longest: int) -> str:
    """The value of a header. Raises `Malformed` if it is missing, empty, too long or not printable."""
    value = str(request.headers.get(name.lower(), "")).strip()
    if not 1 <= len(value) <= longest or not value.isascii() or not value.isprintable():
        raise Malformed(f"Send the header {name}: 1 to {longest} printable ASCII characters.")
    return value


def order_of_path(text: str) -> UUID:
    """The id of the order that a path names. What is no id names nothing: raises `NotFound`."""
    try:
        found = UUID(text)
    except ValueError:
        raise NotFound("There is no such order.") from None
    if str(found) != text:
        raise NotFound("There is no such order.")
    about(found)
    return found
