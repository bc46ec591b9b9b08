"""docs/api says what the code does, in the form that the standards ask for."""

import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from openapi_spec_validator import validate

from common.errors import Conflict
from common.web.problems import PROBLEM_TYPES
from local.contracts.published import CONTRACTS, FOLDER, Contract, breaks, stale
from local.services import SERVICES
from tests.api.answers import holds
from tests.apps import load_app
from tests.npm import packed

OPENAPI: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
}


def test_the_files_are_as_the_code_is() -> None:
    """What is in docs/api is what `make contracts` writes."""
    assert stale() == [], "run 'make contracts', and read what it says"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_what_was_published_still_holds(contract: Contract) -> None:
    """No client, and no reader of messages, is broken within a major version."""
    assert breaks(contract) == [], "run 'make contracts', which says what to do"


def test_the_api_is_described_as_openapi_asks() -> None:
    """By the validator of those who make OpenAPI's tools for Python."""
    validate(OPENAPI)


def test_the_messages_are_described_as_asyncapi_asks() -> None:
    """By AsyncAPI's own schema of version 3.0."""
    with tarfile.open(packed("@asyncapi/specs@6.11.1")) as package:
        file = package.extractfile("package/schemas/3.0.0-without-$id.json")
        assert file is not None
        schema = json.load(file)
    messages = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(messages)] == []


def test_every_route_is_described() -> None:
    """Each route of each service, once, by the name of its view; and each queue's handler."""
    routes = {
        f"{method} {path}"
        for service in SERVICES
        for path, methods in load_app(service).app.routes.items()
        for method in methods
    }
    assert OPERATIONS.keys() == routes
    assert len({operation["operationId"] for operation in OPERATIONS.values()}) == len(routes)


def test_every_thing_is_told_in_words() -> None:
    """Operations, parameters and schemas: nobody has to guess what one is for."""
    for name, operation in OPERATIONS.items():
        assert operation["summary"], name
        assert all("$ref" in one or one["description"] for one in operation["parameters"]), name
    for name, schema in OPENAPI["components"]["schemas"].items():
        assert schema["description"], name


def test_what_customers_send_is_bounded() -> None:
    """No field but those that are named, no list and no text without an end."""
    bodies = [o["requestBody"]["content"] for o in OPERATIONS.values() if "requestBody" in o]
    sent = [body["application/json"]["schema"]["$ref"] for body in bodies if "$ref" in str(body)]
    assert {ref.rpartition("/")[2] for ref in sent} == {"Cart", "CheckoutBody"}
    for name in ("Cart", "CartLine", "CheckoutBody"):
        schema = OPENAPI["components"]["schemas"][name]
        assert schema["additionalProperties"] is False
        for field in schema["properties"].values():
            assert field.keys() & {"maximum", "maxLength", "maxItems", "format", "$ref"}, field


def test_every_example_is_one() -> None:
    """Each is what the schema beside it asks for, and every body and every status with a body has one."""
    for name, operation in OPERATIONS.items():
        contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        for response in [told for status, told in operation["responses"].items() if status != "304"]:
            named = response.get("$ref", "").rpartition("/")[2]
            contents.append(OPENAPI["components"]["responses"].get(named, response)["content"])
        for told in [told for content in contents for told in content.values()]:
            examples = told.get("examples", {"": {"value": told.get("example")}}).values()
            assert examples, name
            for example in examples:
                holds(example["value"], told["schema"])


def test_every_problem_has_a_type_that_is_explained() -> None:
    """Each error that is a conflict has a type of its own, and no type stands for two."""
    types = [kind.error for kind in PROBLEM_TYPES]
    assert set(_leaves(Conflict)) <= set(types)
    assert len({kind.name for kind in PROBLEM_TYPES}) == len(types)
    assert all(kind.error.__doc__ for kind in PROBLEM_TYPES)


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_the_gateway_answers_is_described_everywhere(name: str) -> None:
    """A firewall, too many requests, a function that fails or takes too long: any request may meet them."""
    assert {"403", "429", "500", "503", "504"} <= OPERATIONS[name]["responses"].keys()


def _leaves(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _leaves(below)
