"""The gate: each kind of change that would break somebody is told, and no other; one break of each kind."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from common.events.payment_created import TYPE
from local.contracts import asyncapi
from local.contracts.changes import broken_api, broken_messages
from local.contracts.published import CONTRACTS, FOLDER, Contract, samples, write
from local.errors import LocalError

API: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))

Change = Callable[[dict[str, Any]], object]


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def field(document: dict[str, Any], name: str, of: str) -> dict[str, Any]:
    found: dict[str, Any] = schema(document, name)["properties"][of]
    return found


def place_order(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/orders"]["post"]
    return found


def in_success(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = place_order(document)["responses"]["201"]
    return found


def another_status(document: dict[str, Any], status: str) -> None:
    place_order(document)["responses"][status] = in_success(document)


def another_parameter(document: dict[str, Any], *, required: bool) -> None:
    parameter = {"name": "gift", "in": "query", "required": required, "schema": {"type": "boolean"}}
    place_order(document)["parameters"].append(parameter)


def another_field(document: dict[str, Any], name: str, *, required: bool) -> None:
    schema(document, name)["properties"]["gift"] = {"type": "boolean"}
    if required:
        schema(document, name)["required"].append("gift")


BREAKS: dict[str, tuple[Change, str]] = {
    "a path is gone": (lambda d: d["paths"].pop("/invoices/{order_id}"), "GET /invoices/{order_id} is gone."),
    "a method is gone": (lambda d: d["paths"]["/orders"].pop("get"), "GET /orders is gone."),
    "an operation has another name": (
        lambda d: place_order(d).update(operationId="order"),
        "POST /orders has another operationId",
    ),
    "another sign-in is asked for": (
        lambda d: place_order(d).update(security=[{"StripeSignature": []}]),
        "POST /orders asks for another kind of sign-in.",
    ),
    "a parameter is gone": (
        lambda d: d["paths"]["/products"]["get"]["parameters"].pop(0),
        "GET /products query parameter limit is gone.",
    ),
    "a further parameter is required": (
        lambda d: another_parameter(d, required=True),
        "POST /orders query parameter gift must be sent now.",
    ),
    "a parameter is made required": (
        lambda d: d["paths"]["/orders"]["get"]["parameters"][0].update(required=True),
        "GET /orders query parameter limit must be sent now.",
    ),
    "a parameter takes less": (
        lambda d: d["paths"]["/orders"]["get"]["parameters"][0]["schema"].update(maximum=50),
        "GET /orders query parameter limit has the maximum 50 now. It was 100.",
    ),
    "a header must be shorter": (
        lambda d: place_order(d)["parameters"][0]["schema"].update(maxLength=36),
        "POST /orders header parameter Idempotency-Key has the maxLength 36 now. It was 255.",
    ),
    "a further field must be sent": (
        lambda d: another_field(d, "CartLine", required=True),
        "POST /orders body.lines[] must have the field gift now.",
    ),
    "a field is no longer taken": (
        lambda d: schema(d, "CartLine")["properties"].pop("quantity"),
        "POST /orders body.lines[] has the field quantity no more.",
    ),
    "a field that is sent has another type": (
        lambda d: field(d, "CartLine", "quantity").update(type="string"),
        "POST /orders body.lines[].quantity may be integer no more.",
    ),
    "a field that is sent has a form": (
        lambda d: field(d, "CartLine", "product_id").update(format="uuid"),
        "POST /orders body.lines[].product_id has the format 'uuid' now. It was none.",
    ),
    "a number that is sent must be larger": (
        lambda d: field(d, "CartLine", "quantity").update(minimum=5),
        "POST /orders body.lines[].quantity has the minimum 5 now. It was 1.",
    ),
    "a list that is sent must be shorter": (
        lambda d: field(d, "Cart", "lines").update(maxItems=10),
        "POST /orders body.lines has the maxItems 10 now. It was 100.",
    ),
    "a text that is sent is one of a few": (
        lambda d: field(d, "CartLine", "product_id").update(enum=["a"]),
        "POST /orders body.lines[].product_id may be 'else' no more.",
    ),
    "a shape that was open is closed": (
        lambda d: d["paths"]["/webhooks/stripe"]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ].update(additionalProperties=False),
        "POST /webhooks/stripe body may have no other fields now.",
    ),
    "a body is read no more": (
        lambda d: place_order(d).pop("requestBody"),
        "POST /orders body is read no more.",
    ),
    "a body must be sent": (
        lambda d: d["paths"]["/orders/{order_id}/cancel"]["post"].update(
            requestBody=place_order(d)["requestBody"]
        ),
        "POST /orders/{order_id}/cancel body must be sent now.",
    ),
    "a body is of another media type": (
        lambda d: place_order(d)["requestBody"].update(content={"text/xml": {"schema": {}}}),
        "POST /orders body can be application/json no more.",
    ),
    "a status is answered no more": (
        lambda d: place_order(d)["responses"].pop("422"),
        "POST /orders answers 422 no more.",
    ),
    "another success is answered": (
        lambda d: another_status(d, "202"),
        "POST /orders answers 202, which clients do not expect.",
    ),
    "a header is answered no more": (
        lambda d: in_success(d)["headers"].pop("Location"),
        "POST /orders 201 has the header Location no more.",
    ),
    "an answer is of another media type": (
        lambda d: in_success(d).update(content={"text/xml": {"schema": {}}}),
        "POST /orders 201 is application/json no more.",
    ),
    "a field is answered no more": (
        lambda d: schema(d, "OrderBody")["properties"].pop("total"),
        "GET /orders/{order_id} 200 has the field total no more.",
    ),
    "a field may be missing": (
        lambda d: schema(d, "OrderBody")["required"].remove("total"),
        "GET /orders/{order_id} 200 may not have the field total now.",
    ),
    "a field that is answered has another type": (
        lambda d: field(d, "Money", "amount").update(type="string"),
        "GET /orders 200.items[].total.amount may be string now.",
    ),
    "a field that is answered may be null": (
        lambda d: field(d, "PaymentBody", "reason").update(type=["string", "null"]),
        "GET /payments/{order_id} 200.payments[].reason may be null now.",
    ),
    "a field that is answered has another form": (
        lambda d: field(d, "OrderBody", "placed_at").pop("format"),
        "GET /orders/{order_id} 200.placed_at has the format none now. It was 'date-time'.",
    ),
    "a number that is answered may be larger": (
        lambda d: field(d, "Money", "amount").pop("maximum"),
        "GET /products 200.items[].price.amount has the maximum none now.",
    ),
    "a state is added to those that are answered": (
        lambda d: schema(d, "OrderStatus")["enum"].append("lost"),
        "GET /orders/{order_id} 200.status may be 'lost' now.",
    ),
    "values in an object have another type": (
        lambda d: field(d, "ProductBody", "attributes").update(additionalProperties={"type": "null"}),
        "GET /products 200.items[].attributes[] may be null now.",
    ),
    "a type of problem is told no more": (
        lambda d: place_order(d)["responses"]["409"]["content"]["application/problem+json"]["schema"][
            "oneOf"
        ].pop(),
        "POST /orders 409 tells of /problems/out-of-stock no more.",
    ),
    "a problem tells less": (
        lambda d: schema(d, "OutOfStockProblem")["properties"].pop("products"),
        "POST /orders 409 /problems/out-of-stock has the field products no more.",
    ),
}

ADDITIONS: dict[str, Change] = {
    "a field is answered more": lambda d: another_field(d, "OrderBody", required=True),
    "a field may be sent more": lambda d: another_field(d, "CartLine", required=False),
    "a parameter may be sent": lambda d: another_parameter(d, required=False),
    "a path is added": lambda d: d["paths"].update({"/news": d["paths"]["/orders"]}),
    "another error is answered": lambda d: another_status(d, "418"),
    "another problem is answered": lambda d: d["components"]["responses"]["NotFoundProblem"]["content"][
        "application/problem+json"
    ].update(
        schema={"oneOf": [{"$ref": f"#/components/schemas/{n}Problem"} for n in ("NotFound", "Invalid")]}
    ),
    "more may be ordered": lambda d: field(d, "CartLine", "quantity").update(maximum=20_000),
    "a field must be sent no more": lambda d: schema(d, "CartLine")["required"].remove("quantity"),
    "a state is never answered again": lambda d: schema(d, "OrderStatus")["enum"].remove("reserving"),
    "a field that was null never is": lambda d: field(d, "OrderBody", "paid_at").update(type="string"),
    "words are others": lambda d: place_order(d).update(summary="Order", description="Anything."),
}

BROKEN_MESSAGES: dict[str, tuple[Change, str]] = {
    "the topic is gone": (
        lambda d: d["channels"].pop("cdc-payment-created"),
        "The channel cdc-payment-created is gone.",
    ),
    "a queue has another address": (
        lambda d: d["channels"]["order-payments"].update(address="orders"),
        "The channel order-payments is gone.",
    ),
    "a consumer is gone": (
        lambda d: d["operations"].pop("invoice_on_payment"),
        "The operation invoice_on_payment is gone.",
    ),
    "the message is gone": (
        lambda d: d["components"]["messages"].pop("PaymentCreated"),
        "The message PaymentCreated is gone.",
    ),
    "the message is of another media type": (
        lambda d: d["components"]["messages"]["PaymentCreated"].update(contentType="text/xml"),
        "PaymentCreated has another content type.",
    ),
    "a field is published no more": (
        lambda d: schema(d, "Payment")["properties"].pop("reason"),
        "PaymentCreated.data has the field reason no more.",
    ),
    "a field has another type": (
        lambda d: field(d, "Payment", "payment_id").update(type="integer"),
        "PaymentCreated.data.payment_id may be integer now.",
    ),
    "a state is added": (
        lambda d: schema(d, "PaymentStatus")["enum"].append("lost"),
        "PaymentCreated.data.status may be 'lost' now.",
    ),
    "the version is another": (
        lambda d: field(d, "PaymentCreated", "type").update(const="shop.payment.created.v2"),
        "PaymentCreated.type has the const 'shop.payment.created.v2' now.",
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_a_client_is_told(what: str) -> None:
    """By where it is, and what is other there; with the old document in the new one's place, it is not."""
    change, sentence = BREAKS[what]
    changed = deepcopy(API)
    change(changed)
    told = broken_api(API, changed)
    assert any(one.startswith(sentence) for one in told), told
    assert broken_api(API, API) == []


@pytest.mark.parametrize("what", ADDITIONS)
def test_what_breaks_nobody_is_let_pass(what: str) -> None:
    """Clients ignore what they do not know, and may send what they always sent."""
    changed = deepcopy(API)
    ADDITIONS[what](changed)
    assert changed != API
    assert broken_api(API, changed) == []


@pytest.mark.parametrize("what", BROKEN_MESSAGES)
def test_what_breaks_a_reader_of_messages_is_told(what: str) -> None:
    """Also where a message is only readable in another way than before."""
    change, sentence = BROKEN_MESSAGES[what]
    changed = deepcopy(MESSAGES)
    change(changed)
    told = broken_messages(MESSAGES, changed)
    assert any(one.startswith(sentence) for one in told), told
    another_field(changed := deepcopy(MESSAGES), "Payment", required=True)
    assert broken_messages(MESSAGES, changed) == []


def contracts(change: Change, **more: Any) -> tuple[Contract, ...]:
    """The shop's contracts, with this change in the API."""

    def make() -> dict[str, Any]:
        changed = deepcopy(API)
        change(changed)
        return changed

    api, messages = CONTRACTS
    return evolve(api, make=make, **more), messages


def test_a_break_is_written_down_and_not_published(tmp_path: Path) -> None:
    """`make contracts` says what broke and what to do; what was published stays as it was."""
    write(tmp_path)
    published = (tmp_path / "published" / "openapi-1.json").read_text(encoding="utf-8")
    broken = contracts(BREAKS["a field is answered no more"][0])
    with pytest.raises(LocalError, match=r"200 has the field total no more(.|\n)*raise\nMAJOR in"):
        write(tmp_path, broken)
    assert (tmp_path / "published" / "openapi-1.json").read_text(encoding="utf-8") == published
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") != published


def test_a_higher_major_version_may_break(tmp_path: Path) -> None:
    """It is published beside the one before, which stays."""
    write(tmp_path)
    changed = write(tmp_path, contracts(BREAKS["a field is answered no more"][0], major=2))
    names = [str(path.relative_to(tmp_path)) for path in changed]
    assert names == ["openapi.json", "published/openapi-2.json"]
    assert (tmp_path / "published" / "openapi-1.json").exists()


def test_an_addition_is_published_and_then_relied_on(tmp_path: Path) -> None:
    """Once it is there, taking it away breaks those who use it."""
    write(tmp_path)
    write(tmp_path, contracts(ADDITIONS["a field is answered more"]))
    with pytest.raises(LocalError, match="has the field gift no more"):
        write(tmp_path)


def test_a_message_is_sampled_once_in_each_form(tmp_path: Path) -> None:
    """What is there is left alone, a form that is missing is added; of older majors only the last counts."""
    write(tmp_path)
    folder = tmp_path / "published" / "messages"
    (sample,) = folder.iterdir()
    message = json.loads(sample.read_text(encoding="utf-8"))
    assert write(tmp_path) == []
    older = {**message, "data": {**message["data"], "once": 1}}
    sample.write_text(json.dumps(older), encoding="utf-8")
    (added,) = write(tmp_path)
    assert added.name == f"{TYPE}.1.json"
    family = TYPE.rpartition(".v")[0]
    for major in (asyncapi.MAJOR - 1, asyncapi.MAJOR - 2):
        (folder / f"{family}.v{major}.0.json").write_text(json.dumps(older), encoding="utf-8")
    assert [name for name, _ in samples(tmp_path)] == [
        f"{family}.v{asyncapi.MAJOR - 1}.0.json",
        f"{TYPE}.0.json",
        f"{TYPE}.1.json",
    ]
