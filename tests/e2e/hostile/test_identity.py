"""Who is not who they say: refused by the gateway and, with no gateway before it, by each app; and who is,
but may not do what they ask."""

import json
import socket
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.contracts.published import FOLDER
from local.deploy import STAGE, deployed
from local.gateway import OWNERS
from tests.e2e.hostile.stores import function_names, nothing_changes
from tests.e2e.hostile.tally import Tally
from tests.e2e.hostile.tokens import Forger, of_others, true_again
from tests.e2e.running import Person, RunningShop, eventually, is_problem

DOCUMENT = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
ROUTES = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if {"IdToken": []} in operation["security"]
]
# One of each app, which verifies tokens alike for all of its own.
ROUTE_OF_EACH_APP = [
    ("GET", "/products"),
    ("GET", "/orders"),
    ("GET", "/payments/{order_id}"),
    ("GET", "/invoices/{order_id}"),
]


@pytest.mark.parametrize("by", ["the gateway", "the app itself"])
def test_a_token_that_is_not_the_shops_opens_nothing(shop: RunningShop, tally: Tally, by: str) -> None:
    """401 for each, from the gateway, and from each app where a gateway let it in."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    tokens = [*Forger.of(shop, person).forged(), *of_others(shop, person)]
    ask = _through_the_gateway if by == "the gateway" else _past_the_gateway
    let_in = []
    with nothing_changes(shop):
        for what, token in tokens:
            for method, path in ROUTE_OF_EACH_APP:
                status = ask(shop, method, path.format(order_id=order_id), token)
                tally.note(f"forged tokens, to {by}", status, admitted=status != 401)
                if status != 401:
                    let_in.append(f"{what}, {method} {path}: {status}")
        for method, path in ROUTE_OF_EACH_APP:
            expected = 404 if "invoices" in path else 200
            assert ask(shop, method, path.format(order_id=order_id), true_again(shop, person)) == expected
    assert not let_in, "\n".join(let_in)


@pytest.mark.parametrize("by", ["the gateway", "the app itself"])
def test_every_route_asks_who_it_is(shop: RunningShop, tally: Tally, by: str) -> None:
    """401 without a token, with one in another place, or of another scheme, on each route for customers."""
    person = shop.person()
    order_id, token = str(uuid.uuid4()), person.shop.token
    ask = _through_the_gateway if by == "the gateway" else _past_the_gateway
    for method, path in ROUTES:
        target = path.format(order_id=order_id, product_id="none")
        for given in (
            None,
            "",
            "Bearer",
            "Basic " + token,
            "bearer",
            "Token " + token,
            f"{token}, {token}",
        ):
            status = ask(shop, method, target, given)
            tally.note(f"no token where there must be one, to {by}", status, admitted=status != 401)
            assert status == 401, f"{method} {path} with {given!r:.20}"


@pytest.mark.parametrize(
    "claims",
    [
        {"custom:groups": "operators"},
        {"custom:cognito:groups": ["operators"]},
        {"groups": ["operators"]},
        {"roles": ["operators"], "scope": "operators"},
        {"cognito:roles": ["operators"], "cognito:preferred_role": "operators"},
        {"cognito:groups": ["Operators", "operator", "operators2"]},
        {"cognito:groups": {"operators": True}},
        {"cognito:username": "operators", "name": "operators"},
    ],
    ids=str,
)
def test_a_group_in_another_place_is_none(
    shop: RunningShop, tally: Tally, paid: tuple[Person, str], claims: dict[str, Any]
) -> None:
    """403 to who claims to be an operator anywhere but where the pool says it; the order stays as it is."""
    person, order_id = paid
    token = Forger.of(shop, person).signed(**claims)
    for ask in (_through_the_gateway, _past_the_gateway):
        status = ask(shop, "POST", f"/orders/{order_id}/deliver", token)
        tally.note("who may not do what they ask", status, admitted=status != 403)
        assert status == 403
    assert person.order(order_id)["status"] == "delivering"


def test_what_is_anothers_does_not_exist(shop: RunningShop, tally: Tally, paid: tuple[Person, str]) -> None:
    """404 to see, cancel, pay and download it, paid or not, in the words for what there is not."""
    owner, paid_order = paid
    stranger, open_order = shop.person(), owner.ordered((shop.product(), 1))
    nothing = stranger.shop.get(f"/orders/{uuid.uuid4()}").json()
    with nothing_changes(shop):
        for order_id in (paid_order, open_order):
            for answer in (
                stranger.shop.get(f"/orders/{order_id}"),
                stranger.shop.post(f"/orders/{order_id}/cancel"),
                stranger.shop.post("/payments/checkout", {"order_id": order_id}),
                stranger.shop.get(f"/payments/{order_id}"),
                stranger.shop.get(f"/invoices/{order_id}"),
            ):
                tally.note("who may not do what they ask", answer.status_code, admitted=answer.is_success)
                assert is_problem(answer, 404)
                assert answer.json() == nothing
            for person in (owner, stranger):
                answer = person.shop.post(f"/orders/{order_id}/deliver")
                tally.note("who may not do what they ask", answer.status_code, admitted=answer.is_success)
                assert is_problem(answer, 403)


def test_an_invoice_is_had_by_its_signed_address_only(
    shop: RunningShop, tally: Tally, paid: tuple[Person, str]
) -> None:
    """403 without the signature, with a changed one, or with one for another invoice."""
    owner, order_id = paid
    answer = eventually(
        "the invoice",
        lambda: (lambda a: a if a.is_success else None)(owner.shop.get(f"/invoices/{order_id}")),
    )
    link = answer.json()["url"]
    assert httpx.get(link, trust_env=False).content.startswith(b"%PDF-")
    for changed in (
        link.split("?")[0],
        link.replace("Signature=", "Signature=0"),
        link.replace(order_id, str(uuid.uuid4())),
        link.replace("Expires=", "Expires=9"),
        link.split("invoices/")[0],
    ):
        status = httpx.get(changed, trust_env=False).status_code
        tally.note("who may not do what they ask", status, admitted=status < 400)
        assert changed != link
        assert status in (403, 404)


def test_internal_functions_have_no_address(
    shop: RunningShop, tally: Tally, paid: tuple[Person, str]
) -> None:
    """Not by name, by Lambda's own paths, or by going up from a service's: 4xx, to an operator, too."""
    token, order_id = shop.operator().token, paid[1]
    names = function_names(shop)
    assert {"order-local-apply_payment", "inventory-local-set_stock", "payment-local-migrate"} <= set(names)
    body = json.dumps({"arguments": {"order_id": order_id}}).encode()
    with nothing_changes(shop):
        for name in names:
            service, _, function = name.partition(f"-{STAGE}")
            function = function.lstrip("-") or service
            lambdas = f"2015-03-31/functions/{name}/invocations"
            for path in (
                f"/{function}",
                f"/{service}/{function}",
                f"/{lambdas}",
                f"/orders/../../../../{lambdas}",
                f"/orders/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{lambdas}",
                f"/orders/..%2f..%2f..%2f..%2f{lambdas}",
                f"/_aws/execute-api/{name}",
            ):
                status = _raw_post(shop, path, token, body)
                tally.note("internal functions over HTTP", status, admitted=not 400 <= status < 500)
                assert 400 <= status < 500, path


def test_the_gateway_serves_what_the_document_has(shop: RunningShop) -> None:
    """Each API has the paths of the document that are its service's, and asks for tokens where it says so."""
    gateway = shop.aws("apigateway")
    served = {}
    for service, one in deployed(shop.home).items():
        if not one.rest_api_id:
            continue
        pages = gateway.get_paginator("get_resources").paginate(
            restApiId=one.rest_api_id, embed=["methods"], PaginationConfig={"PageSize": 500}
        )
        for resource in (item for page in pages for item in page["items"]):
            for method, how in resource.get("resourceMethods", {}).items():
                if method not in ("ANY", "OPTIONS"):
                    served[method, resource["path"]] = (service, how.get("authorizationType", "NONE"))
    told = {
        (method.upper(), path): (
            OWNERS[path.split("/")[1]],
            "COGNITO_USER_POOLS" if {"IdToken": []} in operation["security"] else "NONE",
        )
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
    }
    assert served == told


@pytest.fixture(scope="module")
def paid(running_shop: RunningShop) -> tuple[Person, str]:
    """A customer with an order that is paid and on its way."""
    person = running_shop.person()
    order_id = person.ordered((running_shop.product(), 1))
    person.pay(order_id)
    person.sees(order_id, "delivering")
    return (person, order_id)


def _through_the_gateway(shop: RunningShop, method: str, path: str, token: str | None) -> int:
    headers = {} if token is None else {"Authorization": token}
    answer = httpx.request(method, shop.described["api"] + path, headers=headers, trust_env=False, timeout=60)
    return answer.status_code


def _past_the_gateway(shop: RunningShop, method: str, path: str, token: str | None) -> int:
    """The status of the app where a gateway let the request in, and took its sender for an operator."""
    template, parameters = _template(path)
    claims = {"sub": str(uuid.uuid4()), "email": "op@shop.example", "email_verified": "true"}
    claims |= {"cognito:groups": "operators", "token_use": "id"}
    event = {
        "resource": template,
        "path": path,
        "httpMethod": method,
        "headers": {} if token is None else {"Authorization": token},
        "multiValueHeaders": {} if token is None else {"Authorization": [token]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": template,
            "requestId": str(uuid.uuid4()),
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": {"claims": claims},
        },
        "body": None,
        "isBase64Encoded": False,
    }
    name = f"{OWNERS[path.split('/')[1]]}-{STAGE}"
    answer = shop.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return int(json.loads(answer["Payload"].read())["statusCode"])


def _template(path: str) -> tuple[str, dict[str, str] | None]:
    """The path of the document that a path is one of, and what stands for its parameter."""
    parts = path.split("/")
    for template in sorted(DOCUMENT["paths"], key=lambda one: "{" in one):
        names = template.split("/")
        if len(names) == len(parts) and all(
            n == p or n.startswith("{") for n, p in zip(names, parts, strict=True)
        ):
            found_here = {n[1:-1]: p for n, p in zip(names, parts, strict=True) if n.startswith("{")}
            return template, found_here or None
    raise KeyError(path)


def _raw_post(shop: RunningShop, path: str, token: str, body: bytes) -> int:
    """The status that a POST to exactly this path is answered with: a client would resolve its dots."""
    url = urlsplit(shop.described["api"])
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with socket.create_connection((url.hostname, url.port), timeout=60) as connection:
        connection.sendall("\r\n".join(head).encode() + body)
        answered = b""
        while part := connection.recv(65536):
            answered += part
    return int(answered.split()[1])
