"""What holds every answer in the tests against docs/api sees an answer that is none."""

import json
from typing import Any

import pytest

from tests.api.answers import check
from tests.api.test_documents import OPENAPI

PLACE = OPENAPI["paths"]["/orders"]["post"]
CART = PLACE["requestBody"]["content"]["application/json"]["example"]
ORDER = PLACE["responses"]["201"]["content"]["application/json"]["example"]
HEADERS = {
    "Content-Type": "application/json",
    "X-Correlation-Id": "c",
    "Location": f"/orders/{ORDER['order_id']}",
}
CONFLICTS = PLACE["responses"]["409"]["content"]["application/problem+json"]["examples"]
REUSED = CONFLICTS["idempotency-key-reused"]["value"]


def placed(
    order: Any = ORDER, status: int = 201, sent: Any = CART, headers: dict[str, str] | None = None
) -> None:
    check(
        "POST", "/orders", json.dumps(sent).encode(), status, headers or HEADERS, json.dumps(order).encode()
    )


def test_a_described_answer_passes() -> None:
    """A success and a problem of the route's own, both as the document has them."""
    placed()
    placed(REUSED, 409, headers={"content-type": "application/problem+json", "x-correlation-id": "c"})


@pytest.mark.parametrize(
    "case",
    [
        {"order": {**ORDER, "secret": 1}},
        {"order": {name: value for name, value in ORDER.items() if name != "total"}},
        {"order": {**ORDER, "status": "lost"}},
        {"order": {**ORDER, "placed_at": "yesterday"}},
        {"order": {**ORDER, "total": {**ORDER["total"], "rate": 2}}},
        {"status": 200},
        {"status": 418},
        {"headers": {"Content-Type": "application/json", "X-Correlation-Id": "c"}},
        {"headers": {**HEADERS, "Content-Type": "text/html"}},
        {"sent": {**CART, "total": 1}},
        {"sent": {"lines": [{"product_id": "tea", "quantity": 0}]}},
        {
            "order": {**REUSED, "type": "/problems/not-payable", "code": "not_payable"},
            "status": 409,
            "headers": {**HEADERS, "Content-Type": "application/problem+json"},
        },
    ],
    ids=lambda case: next(iter(case)),
)
def test_an_answer_that_is_not_described_fails(case: dict[str, Any]) -> None:
    """A field more, less or wrong, another status, header or problem; a request that was to be refused."""
    with pytest.raises(AssertionError):
        placed(**case)


@pytest.mark.parametrize(
    ("path", "status"), [("/orders?limit=0", 200), ("/orders/X", 200), ("/nothing", 200)]
)
def test_a_request_that_is_not_described_is_not_answered(path: str, status: int) -> None:
    """What breaks a rule of query or path, or has no route, is no success."""
    page = OPENAPI["paths"]["/orders"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    body = ORDER if path == "/orders/X" else page
    with pytest.raises(AssertionError):
        check("GET", path, b"", 200, HEADERS, json.dumps(body).encode())
