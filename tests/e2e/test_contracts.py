"""What the shop says of itself, used by others: a client made from its document orders, pages explain it."""

import importlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from local.contracts.published import FOLDER
from tests.e2e.running import RunningShop, found, is_problem


def get(shop: RunningShop, path: str, method: str = "GET") -> httpx.Response:
    with httpx.Client(base_url=shop.described["api"], trust_env=False, timeout=30) as client:
        return client.request(method, path)


@pytest.fixture(scope="module")
def generated(running_shop: RunningShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that openapi-python-client makes of the document that the shop serves."""
    folder = tmp_path_factory.mktemp("generated")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--url", f"{running_shop.described['api']}/openapi.json", "--output-path", "shop_client"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    sys.path.append(str(folder))
    yield importlib.import_module("shop_client")
    sys.path.remove(str(folder))


def call(package: ModuleType, operation: str, **arguments: Any) -> Any:
    """What an operation of the generated package gives: the answer, read into a class of its own."""
    return importlib.import_module(f"{package.__name__}.api.{operation}").sync(**arguments)


def test_a_generated_client_orders(generated: ModuleType, shop: RunningShop) -> None:
    """It finds a product, orders it once however often it asks, opens a checkout, and reads refusals."""
    models = importlib.import_module(f"{generated.__name__}.models")
    person, product = shop.person(), shop.product()
    client = generated.AuthenticatedClient(
        shop.described["api"], token=person.shop.token, httpx_args={"trust_env": False}
    )
    assert call(generated, "product.get_product", client=client, product_id=product).available >= 30
    cart = models.Cart(lines=[models.CartLine(product_id=product, quantity=2)])
    key = str(uuid.uuid4())
    order, again = (
        call(generated, "order.place_order", client=client, body=cart, idempotency_key=key) for _ in range(2)
    )
    assert isinstance(order, models.OrderBody)
    assert (order.status, again.order_id) == (models.OrderStatus.AWAITING_PAYMENT, order.order_id)
    body = models.CheckoutBody(order_id=order.order_id)
    assert call(generated, "payment.open_checkout", client=client, body=body).url

    cart.lines[0].quantity = 3
    reused = call(generated, "order.place_order", client=client, body=cart, idempotency_key=key)
    assert isinstance(reused, models.KeyReusedProblem)
    missing = call(generated, "order.get_order", client=client, order_id=uuid.uuid4())
    assert isinstance(missing, models.NotFoundProblem)
    stranger = generated.AuthenticatedClient(
        shop.described["api"], token="none", httpx_args={"trust_env": False}
    )
    assert isinstance(call(generated, "order.list_orders", client=stranger), models.UnauthenticatedProblem)
    assert call(generated, "order.cancel_order", client=client, order_id=order.order_id).reason


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_the_documents_are_served(name: str, shop: RunningShop) -> None:
    """As they are in docs/api, for anybody."""
    assert found(get(shop, f"/{name}")) == json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_what_the_gateway_answers_itself_is_a_problem(shop: RunningShop) -> None:
    """No token, no such path, no such method: each by the type that the document has, with its page."""
    refused = {
        ("GET", "/orders"): 401,
        ("GET", "/nothing"): 404,
        ("GET", "/orders/a/b/c"): 404,
        ("DELETE", "/orders"): 405,
        ("PUT", "/webhooks/stripe"): 405,
    }
    for (method, path), status in refused.items():
        answer = get(shop, path, method)
        assert is_problem(answer, status)
        assert answer.headers["x-correlation-id"]
        assert answer.json()["title"] in get(shop, answer.json()["type"]).text
    assert get(shop, "/orders", "DELETE").headers["allow"] == "GET, POST"
