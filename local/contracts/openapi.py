"""The shop's HTTP interface as OpenAPI 3.1: one document for its one address."""

from itertools import groupby
from string import Formatter
from typing import Any, get_type_hints

import attrs

from common.errors import Conflict, ShopError
from common.payments.stripe_webhooks import SIGNATURE_HEADER
from common.web.endpoints import CORRELATION, IF_NONE_MATCH
from common.web.problems import MEDIA_TYPE, PROBLEM_TYPES, Problem, ProblemType, problem, type_of
from common.web.requests import Header
from local.contracts import examples
from local.contracts.apps import load_app
from local.contracts.routes import PathParameter, Route, routes
from local.contracts.shapes import Schema, Schemas, keywords, text_of

# Raised where a change breaks a client: docs/decisions/0081.
MAJOR = 1

_JSON = "application/json"
_ABOUT = """A serverless shop: browse the catalog, order, pay, download the invoice.

Customers sign in to the shop's Cognito user pool and send the id token with every request. Errors are problem
details as in RFC 9457; their types are addresses of pages that say what to do. Times are RFC 3339 in UTC,
money is an amount of minor units with its ISO 4217 code, lists are read page by page.

Fields may be added to answers at any time: ignore those that you do not know. In what you send, a field that
is not described here is an error."""

_HEADERS: dict[str, Schema] = {
    "Cache-Control": {
        "description": "Whether, and for how many seconds, the answer may be shown again without asking.",
        "schema": {"type": "string"},
    },
    "ETag": {"description": "Names this answer, for If-None-Match.", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made can be had.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}},
    "X-Correlation-Id": {
        "description": "Names the request in the shop's logs: give it to whoever looks into a problem.",
        "schema": {"type": "string"},
    },
}


def document() -> dict[str, Any]:
    """The whole document, from the code as it is."""
    schemas, found = Schemas(), routes()
    operations: dict[str, Any] = {}
    for route in found:
        operations.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    for kind in PROBLEM_TYPES:
        schemas.named[_name(kind)] = _problem_schema(kind, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "The serverless shop", "version": f"{MAJOR}", "description": _joined(_ABOUT)},
        "externalDocs": {"url": "/asyncapi.json", "description": "What the services tell each other"},
        "servers": [{"url": "/", "description": "Where this document is served."}],
        "tags": [
            {"name": service, "description": text_of(load_app(service))}
            for service in dict.fromkeys(route.service for route in found)
        ],
        "paths": dict(sorted(operations.items())),
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "responses": {_name(kind): _problem_response([kind]) for kind in PROBLEM_TYPES},
            "parameters": {
                "CorrelationId": _header_parameter(CORRELATION, required=False),
                "IfNoneMatch": _header_parameter(IF_NONE_MATCH, required=False),
            },
            "headers": _HEADERS,
            "securitySchemes": {
                "IdToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The id token of a user of the shop's Cognito user pool.",
                },
                "StripeSignature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": SIGNATURE_HEADER,
                    "description": "Stripe's signature over the time and the raw body.",
                },
            },
        },
    }


def _operation(route: Route, schemas: Schemas) -> Schema:
    summary, _, description = text_of(route.view).partition("\n\n")
    parameters = [_path_parameter(one, schemas) for one in route.reads.path]
    if route.reads.query:
        parameters += _query_parameters(route.reads.query, schemas)
    parameters += [_header_parameter(header) for header in route.reads.headers]
    if route.answers.max_age is not None:
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
    parameters.append({"$ref": "#/components/parameters/CorrelationId"})
    operation: Schema = {"operationId": route.view.__name__, "tags": [route.service], "summary": summary}
    if description:
        operation["description"] = description
    operation["security"] = [{"IdToken" if route.is_for_customers else "StripeSignature": []}]
    operation["parameters"] = parameters
    if route.reads.body:
        operation["requestBody"] = {
            "required": True,
            "content": {
                _JSON: {
                    "schema": schemas.of(route.reads.body, closed=True),
                    "example": examples.BODIES[route.reads.body],
                }
            },
        }
    elif not route.is_for_customers:
        operation["requestBody"] = {
            "required": True,
            "description": "An event, as Stripe writes it.",
            "content": {_JSON: {"schema": {"type": "object"}, "example": examples.STRIPE_EVENT}},
        }
    operation["responses"] = _responses(route, schemas)
    return operation


def _responses(route: Route, schemas: Schemas) -> Schema:
    cached = [] if route.answers.max_age is None else ["Cache-Control", "ETag"]
    headers = _headers("X-Correlation-Id", *(["Location"] if route.answers.location else []), *cached)
    success: Schema = {
        "description": text_of(route.shape).partition("\n\n")[0],
        "headers": headers,
        "content": {_JSON: {"schema": schemas.of(route.shape), "example": examples.BODIES[route.shape]}},
    }
    if route.answers.location:
        success["links"] = _links(route)
    found = {f"{route.answers.status}": success}
    if cached:
        found["304"] = {"description": "It is still as If-None-Match names it.", "headers": headers}
    for status, group in groupby(map(type_of, route.refusals), key=lambda kind: kind.status):
        kinds = list(dict.fromkeys(group))
        found[f"{status}"] = (
            {"$ref": f"#/components/responses/{_name(kinds[0])}"}
            if len(kinds) == 1
            else _problem_response(kinds)
        )
    return found


def _links(maker: Route) -> Schema:
    """The operations on what was made, by the field of the answer that its address has."""
    ((_, field, _, _),) = [part for part in Formatter().parse(maker.answers.location) if part[1]]
    return {
        route.view.__name__: {
            "operationId": route.view.__name__,
            "parameters": {field: f"$response.body#/{field}"},
        }
        for route in routes()
        if field in [parameter.name for parameter in route.reads.path]
    }


def _problem_response(kinds: list[ProblemType]) -> Schema:
    """An answer that is a problem of one of these types, which have one status."""
    refs = [{"$ref": f"#/components/schemas/{_name(kind)}"} for kind in kinds]
    return {
        "description": " Or: ".join(text_of(kind.error).partition("\n\n")[0] for kind in kinds),
        "headers": _headers("X-Correlation-Id", *kinds[0].headers),
        "content": {
            MEDIA_TYPE: {
                "schema": refs[0] if len(refs) == 1 else {"oneOf": refs},
                "examples": {
                    kind.name: {"summary": kind.title, "value": problem(_example(kind.error)).body}
                    for kind in kinds
                },
            }
        },
    }


def _problem_schema(kind: ProblemType, schemas: Schemas) -> Schema:
    properties = schemas.fields(Problem)
    for name in ("type", "title", "status"):
        value = kind.uri if name == "type" else getattr(kind, name)
        properties[name] = {**properties[name], "const": value}
    hints = get_type_hints(kind.error)
    for name in kind.members:
        properties[name] = schemas.of(hints[name])
    if issubclass(kind.error, Conflict):
        properties["code"]["const"] = kind.error.code
    return {
        "description": text_of(kind.error),
        "type": "object",
        "properties": properties,
        "required": [field.name for field in attrs.fields(Problem)] + list(kind.members),
    }


def _path_parameter(parameter: PathParameter, schemas: Schemas) -> Schema:
    schema = schemas.of(get_type_hints(parameter.read_by)["return"])
    return {
        "name": parameter.name,
        "in": "path",
        "required": True,
        "description": text_of(parameter.read_by).partition(". ")[0] + ".",
        "schema": {**schema, **keywords(parameter.rule)},
    }


def _query_parameters(shape: type, schemas: Schemas) -> list[Schema]:
    """A parameter that may be missing is never null: it is left out."""
    found = []
    for name, schema in schemas.fields(shape).items():
        default = getattr(attrs.fields_dict(shape)[name], "default", None)
        kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
        description = schema.pop("description")
        shown = {**schema, "type": kind, **({} if default is None else {"default": default})}
        found.append({"name": name, "in": "query", "description": description, "schema": shown})
    return found


def _header_parameter(header: Header, *, required: bool = True) -> Schema:
    # What is not required is not refused either: a value of another form is as none.
    limits = keywords(header.rule) if required else {}
    return {
        "name": header.name,
        "in": "header",
        "required": required,
        "description": header.about,
        "schema": {"type": "string", **limits},
        "example": examples.NAME,
    }


def _headers(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _example(error: type[ShopError]) -> ShopError:
    return next(one for kind, one in examples.PROBLEMS.items() if issubclass(kind, error))


def _name(kind: ProblemType) -> str:
    return f"{kind.error.__name__}Problem"


def _joined(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
