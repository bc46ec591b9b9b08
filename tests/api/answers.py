"""Every answer that a test is given is held against docs/api/openapi.json, and every request that succeeded.

A field, a status, a header or a problem that the document does not have fails the test that met it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft202012Validator

from local.contracts.published import FOLDER

Json = Mapping[str, Any]


def check(
    method: str, target: str, sent: bytes, status: int, headers: Mapping[str, str], answered: bytes
) -> None:
    """Raises AssertionError where the document does not have this answer to this request.

    `target` is path and query as they were sent, `sent` and `answered` are the bodies.
    """
    url = urlsplit(target)
    found = _operation(method, url.path)
    if found is None:
        assert status in (403, 404, 405), f"{method} {url.path} is not in the document: {status}"
        return
    operation, names = found
    assert str(status) in operation["responses"], f"{method} {url.path} answers {status}: {answered!r}"
    response = _at(operation["responses"][str(status)])
    given = {name.lower(): value for name, value in headers.items()}
    assert {name.lower() for name in response["headers"]} <= given.keys(), headers
    if "content" not in response:
        assert answered == b""
        return
    media_type = given["content-type"].split(";")[0]
    assert media_type in response["content"], f"{status} is {media_type}"
    holds(json.loads(answered), response["content"][media_type]["schema"])
    if status < 400:
        _check_request(operation, names, dict(parse_qsl(url.query, keep_blank_values=True)), sent)


def _check_request(operation: Json, path: Json, query: Mapping[str, str], sent: bytes) -> None:
    """What was taken is what may be sent."""
    parameters = {(p["in"], p["name"]): p["schema"] for p in map(_at, operation["parameters"])}
    for name, value in path.items():
        holds(value, parameters["path", name])
    for name, value in query.items():
        schema = parameters["query", name]
        holds(int(value) if schema["type"] == "integer" else value, schema)
    if "requestBody" in operation:
        holds(json.loads(sent), operation["requestBody"]["content"]["application/json"]["schema"])


def _operation(method: str, path: str) -> tuple[Json, Json] | None:
    """The operation of a request, and what stands in its path for each parameter.

    The first path that fits decides, as at the gateway, whichever methods it has.
    """
    for pattern, operations in _paths().items():
        if match := pattern.fullmatch(path):
            operation = operations.get(method.lower())
            return operation and (operation, {k: unquote(v) for k, v in match.groupdict().items()})
    return None


def holds(value: object, schema: Json) -> None:
    """Raises AssertionError where a value is not as a schema of the document says, or has more fields."""
    whole = {**schema, "components": _closed()["components"]}
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(
            whole, format_checker=Draft202012Validator.FORMAT_CHECKER
        ).iter_errors(value)
    ]
    assert errors == [], value


@cache
def _paths() -> dict[re.Pattern[str], Json]:
    """The operations by what paths look like; those without a parameter come first."""
    paths = sorted(_document()["paths"].items(), key=lambda item: "{" in item[0])
    return {
        re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))): item for path, item in paths
    }


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    return document


@cache
def _closed() -> dict[str, Any]:
    """The document, in which no object has a field more than it says: clients may ignore it, tests do not."""
    document: dict[str, Any] = json.loads(json.dumps(_document()))
    for schema in _objects(document["components"]["schemas"]):
        schema.setdefault("additionalProperties", False)
    return document


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "properties" in value and value.get("type") == "object":
            yield value
        for part in value.values():
            yield from _objects(part)


def _at(one: Json) -> Json:
    if "$ref" not in one:
        return one
    found: Any = _document()
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _at(found)
