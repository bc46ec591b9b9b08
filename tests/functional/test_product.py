"""The product service through its routes and internal functions."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import define, field, frozen
from chalice.test import Client
from chalicelib.product.wiring import ProductWiring

from common.domain.money import Money
from common.domain.product import Product
from common.errors import Unavailable
from common.repositories.memory.products import MemoryProducts
from tests.api.answers import check
from tests.apps import load_app
from tests.fakes import FakeInventory, FakeTokens, token_of

ALICE = {"Authorization": token_of("alice")}


@frozen
class Shop:
    client: Client
    products: MemoryProducts
    inventory: FakeInventory
    orders: "FakeOrders"

    def get(self, path: str, headers: dict[str, str] = ALICE, **query: str) -> tuple[int, Any]:
        """The status and the JSON body of an answer, which must be one that docs/api/openapi.json has."""
        target = f"{path}?{urlencode(query)}" if query else path
        answer = self.client.http.get(target, headers=headers)
        check("GET", target, b"", answer.status_code, answer.headers, answer.body)
        return answer.status_code, json.loads(answer.body)


@pytest.fixture
def shop() -> Iterator[Shop]:
    products, inventory, orders = MemoryProducts(), FakeInventory({"lamp-1": 7}), FakeOrders()
    products.put(
        [
            Product(
                f"lamp-{n}", f"Måne {n}", "lamps", "Brass lamp", Money(4900 + n, "USD"), {"lumens": 100 * n}
            )
            for n in range(1, 6)
        ]
    )
    products.put([Product("book-1", "Η θάλασσα", "books", "", Money(1299, "USD"), {"author": "Ελένη"})])
    module = load_app("product")
    wired = module.shop
    module.shop = ProductWiring(products=products, inventory=inventory, orders=orders, tokens=FakeTokens())
    with Client(module.app) as client:
        yield Shop(client, products, inventory, orders)
    module.shop = wired


def ids(body: dict[str, Any]) -> list[str]:
    return [item["product_id"] for item in body["items"]]


def test_products_are_listed(shop: Shop) -> None:
    """In the order of their ids, each with all that the catalog knows of it."""
    status, body = shop.get("/products")
    assert status == 200
    assert ids(body) == ["book-1", "lamp-1", "lamp-2", "lamp-3", "lamp-4", "lamp-5"]
    assert body["next"] is None
    assert body["items"][1] == {
        "product_id": "lamp-1",
        "name": "Måne 1",
        "category": "lamps",
        "description": "Brass lamp",
        "price": {"amount": 4901, "currency": "USD"},
        "attributes": {"lumens": 100},
    }


def test_categories_are_listed(shop: Shop) -> None:
    """What lists can be narrowed to, in alphabetical order, and for customers only."""
    assert shop.get("/categories") == (200, {"items": ["books", "lamps"]})
    assert shop.get("/categories", headers={})[0] == 401


def test_a_list_is_narrowed_by_category_and_words(shop: Shop) -> None:
    """Case and accents do not matter for words; blank parameters narrow nothing."""
    assert ids(shop.get("/products", category="books")[1]) == ["book-1"]
    assert ids(shop.get("/products", q="ελενη θαλ")[1]) == ["book-1"]
    assert ids(shop.get("/products", q="MANE 3", category="lamps")[1]) == ["lamp-3"]
    assert ids(shop.get("/products", q="mane", category="books")[1]) == []
    assert len(shop.get("/products", q=" ", category="")[1]["items"]) == 6


def test_pages_follow_their_cursors(shop: Shop) -> None:
    """Each product is on one page, and the last page has no next one, be it full or not."""
    seen: list[str] = []
    cursor: dict[str, str] = {}
    sizes = []
    while True:
        _, body = shop.get("/products", limit="2", q="lamp", **cursor)
        seen += ids(body)
        sizes.append(len(body["items"]))
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert seen == [f"lamp-{n}" for n in range(1, 6)]
    assert sizes == [2, 2, 1]
    assert shop.get("/products", limit="6")[1]["next"] is None


def test_a_page_may_be_empty_and_go_on(shop: Shop) -> None:
    """Where the store has looked at as much as it does for a page: the cursor leads on, to the end."""
    shop.products.looked_at = 2
    _, body = shop.get("/products", q="mane 5")
    assert (body["items"], body["next"] is None) == ([], False)
    seen = []
    while body["next"]:
        _, body = shop.get("/products", q="mane 5", cursor=body["next"])
        seen += ids(body)
    assert seen == ["lamp-5"]


def test_a_cursor_belongs_to_its_list(shop: Shop) -> None:
    """With another filter it is refused; with the same words written otherwise it is the same list."""
    cursor = shop.get("/products", limit="2", q="lamp")[1]["next"]
    assert shop.get("/products", q="LÂMP ", cursor=cursor)[0] == 200
    for other in ({}, {"q": "brass"}, {"q": "lamp", "category": "lamps"}, {"category": "lamps"}):
        status, body = shop.get("/products", cursor=cursor, **other)
        assert (status, body["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"q": "x" * 10_000}, 400),
        ({"q": " ".join(f"w{n}" for n in range(50))}, 400),
        ({"q": "?!...***"}, 400),
        ({"q": "a\0b"}, 400),
        ({"q": "(.*)+$ ^[a-"}, 200),
        ({"q": "$where"}, 200),
        ({"q": '{"$gt": ""}'}, 200),
        ({"q": "\ud83d\udca1 💡 lamp".encode("utf-16", "surrogatepass").decode("utf-16")}, 200),
        ({"category": '{"$ne": null}'}, 200),
        ({"category": "x" * 10_000}, 200),
        ({"limit": "0"}, 400),
        ({"limit": "101"}, 400),
        ({"limit": "1e1"}, 400),
        ({"limit": "100"}, 200),
        ({"cursor": ""}, 400),
        ({"cursor": "nonsense"}, 400),
        ({"cursor": "bGFtcC0x"}, 400),
        ({"cursor": "x" * 10_000}, 400),
        ({"sort": "price"}, 400),
    ],
)
def test_whatever_is_asked_has_a_clear_answer(shop: Shop, query: dict[str, str], status: int) -> None:
    """A list, or a problem that says what to do: never an error of ours."""
    answered, body = shop.get("/products", **query)
    assert answered == status
    if status != 200:
        assert body["status"] == status
        assert body["detail"]


@pytest.mark.parametrize("parameter", ["q", "category", "cursor"])
def test_text_that_no_store_takes_is_refused(shop: Shop, parameter: str) -> None:
    """Half a surrogate pair, which JSON can escape and UTF-8 cannot write, reaches no driver."""
    event: dict[str, Any] = {
        "httpMethod": "GET",
        "headers": ALICE,
        "multiValueHeaders": {},
        "multiValueQueryStringParameters": {parameter: ["lamp \udcff"]},
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": None,
        "requestContext": {"httpMethod": "GET", "resourcePath": "/products", "requestId": "r"},
    }
    assert load_app("product").app(event, None)["statusCode"] == 400
    event["multiValueQueryStringParameters"] = None
    event["pathParameters"] = {"product_id": "lamp\udcff"}
    event["requestContext"] = {
        "httpMethod": "GET",
        "resourcePath": "/products/{product_id}",
        "requestId": "r",
    }
    assert load_app("product").app(event, None)["statusCode"] == 404


def test_a_parameter_that_stands_twice_is_refused(shop: Shop) -> None:
    """Which of the two would count?"""
    assert shop.get("/products?q=lamp&q=book")[0] == 400


def test_a_product_is_described_with_what_is_left_of_it(shop: Shop) -> None:
    """The catalog's product, and the inventory's count; one that was never stocked has none."""
    status, body = shop.get("/products/lamp-1")
    assert status == 200
    assert body["name"] == "Måne 1"
    assert body["price"] == {"amount": 4901, "currency": "USD"}
    assert body["available"] == 7
    assert shop.get("/products/lamp-2")[1]["available"] == 0


def test_a_product_is_described_while_the_inventory_is_down(shop: Shop) -> None:
    """How many there are is not known then, and null says so."""
    shop.inventory.down = True
    status, body = shop.get("/products/lamp-1")
    assert (status, body["available"]) == (200, None)


@pytest.mark.parametrize("product_id", ["nothing", "LAMP-1", "%00", "%24ne", "x" * 2000, "%F0%9F%92%A1"])
def test_what_is_no_product_is_not_found(shop: Shop, product_id: str) -> None:
    """Whatever stands in the path."""
    status, body = shop.get(f"/products/{product_id}")
    assert (status, body["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("path", ["/products", "/products/lamp-1"])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "a.e30.b"}, {"Authorization": f"Basic {token_of('alice')}"}]
)
def test_only_customers_look(shop: Shop, path: str, headers: dict[str, str]) -> None:
    """Without a valid token there is nothing to see."""
    assert shop.get(path, headers=headers)[0] == 401


def test_other_services_get_products_by_their_ids(shop: Shop) -> None:
    """Those that exist, each as the catalog has it; a request that is malformed is told so."""
    answer = shop.client.lambda_.invoke("get_products", {"arguments": {"product_ids": ["lamp-1", "none"]}})
    assert list(answer.payload["value"]) == ["lamp-1"]
    assert answer.payload["value"]["lamp-1"]["price"] == {"amount": 4901, "currency": "USD"}
    refused = shop.client.lambda_.invoke("get_products", {"arguments": {"product_ids": "lamp-1"}})
    assert refused.payload["error"]["kind"] == "Invalid"


@define
class FakeOrders:
    """`BoughtTogether` that knows what it was given, or does not answer."""

    together: dict[str, list[str]] = field(factory=dict)
    down: bool = False

    def bought_together(self, product_id: str) -> list[str]:
        if self.down:
            raise Unavailable("The order service does not answer. Please try again.")
        return self.together.get(product_id, [])


def test_what_others_bought_is_suggested(shop: Shop) -> None:
    """The best first, as the catalog describes it now; what is no longer for sale is left out."""
    shop.orders.together = {"lamp-1": ["book-1", "gone", "lamp-3"]}
    status, body = shop.get("/products/lamp-1/suggestions")
    assert (status, ids(body), body["incomplete"]) == (200, ["book-1", "lamp-3"], False)
    assert body["items"][0]["name"] == "Η θάλασσα"
    assert body["items"][0]["price"] == {"amount": 1299, "currency": "USD"}
    assert shop.get("/products/lamp-2/suggestions") == (200, {"items": [], "incomplete": False})


def test_nothing_is_suggested_beside_what_is_not_there(shop: Shop) -> None:
    """An unknown product is not found, also while nothing else answers."""
    assert shop.get("/products/nothing/suggestions")[0] == 404
    shop.orders.down = True
    assert shop.get("/products/nothing/suggestions")[0] == 404


def test_a_product_is_shown_also_where_suggestions_are_not_known(shop: Shop) -> None:
    """The list is empty then, and says that there may be more later."""
    shop.orders.down = True
    assert shop.get("/products/lamp-1/suggestions") == (200, {"items": [], "incomplete": True})


def test_suggestions_are_for_customers(shop: Shop) -> None:
    """Nobody else is answered."""
    assert shop.get("/products/lamp-1/suggestions", headers={})[0] == 401
