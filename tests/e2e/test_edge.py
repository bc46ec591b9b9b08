"""The running shop as a client meets it: signing in, looking for products, being told what is wrong."""

import uuid

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from pycognito import AWSSRP

from local.customer import Customer
from tests.e2e.running import RunningShop, found, is_problem


def test_signing_in_without_sending_the_password(shop: RunningShop) -> None:
    """A client of Cognito's SRP protocol gets a token that opens the shop; with a wrong password, none."""
    user = shop.described["customers"][0]
    tokens = _srp(shop, user["user"], user["password"])
    shop.secrets |= {tokens["IdToken"], tokens["AccessToken"], tokens["RefreshToken"]}
    assert found(Customer(shop.described["api"], tokens["IdToken"]).get("/products", limit=1))["items"]
    with pytest.raises(Exception, match="Incorrect username or password"):
        _srp(shop, user["user"], user["password"] + "x")


def test_only_an_id_token_opens_the_shop(shop: RunningShop) -> None:
    """Without a token, with a damaged one, or with the access token, the answer is 401."""
    user = shop.described["customers"][1]
    tokens = _srp(shop, user["user"], user["password"])
    shop.secrets |= {tokens["IdToken"], tokens["AccessToken"], tokens["RefreshToken"]}
    head, _, signature = tokens["IdToken"].rpartition(".")
    for token in ("nonsense", f"{head}.{signature[::-1]}", tokens["AccessToken"]):
        for path in ("/products", "/orders", f"/payments/{uuid.uuid4()}", f"/invoices/{uuid.uuid4()}"):
            assert Customer(shop.described["api"], token).get(path).status_code == 401, path
            assert httpx.get(shop.described["api"] + path, trust_env=False, timeout=30).status_code == 401


def test_every_product_stands_on_one_page(shop: RunningShop) -> None:
    """The pages of the list hold the whole catalog: more than a thousand products, of eight kinds or more."""
    person = shop.person()
    page = found(person.shop.get("/products", limit=100))
    products = list(page["items"])
    while page["next"]:
        page = found(person.shop.get("/products", limit=100, cursor=page["next"]))
        products += page["items"]
    ids = [product["product_id"] for product in products]
    assert len(ids) == len(set(ids)) >= 1000
    assert ids == sorted(ids)
    kinds = {product["category"]: set(product["attributes"]) for product in products}
    assert len(kinds) >= 8
    assert len({frozenset(attributes) for attributes in kinds.values()}) >= 8


def test_products_are_found_by_words_and_by_category(shop: RunningShop) -> None:
    """Each find has the words and is of the category; a cursor goes on in the same list and in no other."""
    person = shop.person()
    some = found(person.shop.get("/products", limit=1))["items"][0]
    in_category = found(person.shop.get("/products", category=some["category"], limit=50))
    assert {product["category"] for product in in_category["items"]} == {some["category"]}
    hits = found(person.shop.get("/products", q=some["name"].upper(), category=some["category"]))["items"]
    assert some["product_id"] in [product["product_id"] for product in hits]
    assert found(person.shop.get("/products", q="nosuchthingatall"))["items"] == []
    other = person.shop.get("/products", category="no-such-kind", cursor=in_category["next"])
    assert is_problem(other, 400)


def test_a_product_tells_how_many_there_are(shop: RunningShop) -> None:
    """The detail has what the list has, and the pieces that can be ordered now."""
    person, product = shop.person(), shop.product()
    detail = found(person.shop.get(f"/products/{product}"))
    assert detail["available"] == shop.available(product)
    person.ordered((product, 1))
    assert found(person.shop.get(f"/products/{product}"))["available"] == detail["available"] - 1
    assert is_problem(person.shop.get("/products/no-such-product"), 404)


def test_what_is_wrong_is_told_as_a_problem(shop: RunningShop) -> None:
    """Whatever is sent, the answer is problem+json with a status that fits, never a 500."""
    person = shop.person()
    key = {"Idempotency-Key": "k"}
    for answer, status in (
        (person.shop.get("/products", limit=0), 400),
        (person.shop.get("/products", limit="many"), 400),
        (person.shop.get("/products", cursor="tampered"), 400),
        (person.shop.get("/products", colour="red"), 400),
        (person.shop.get("/orders/not-an-id"), 404),
        (person.shop.get(f"/orders/{uuid.uuid4()}"), 404),
        (person.shop.get("/nothing/here"), 404),
        (person.shop.post("/orders", {"lines": []}, **key), 422),
        (person.shop.post("/orders", {"lines": [{"product_id": "x", "quantity": 0}]}, **key), 422),
        (person.shop.post("/orders", {"lines": [{"product_id": "x", "quantity": 1}]}, **key), 422),
    ):
        assert is_problem(answer, status), answer.text


def test_the_correlation_id_comes_back(shop: RunningShop) -> None:
    """The one that the client gave, on success and on error; else a new one each time."""
    person = shop.person()
    for path in ("/products?limit=1", "/orders/not-an-id"):
        given = str(uuid.uuid4())
        headers = {"Authorization": f"Bearer {person.shop.token}", "X-Correlation-Id": given}
        answer = httpx.get(shop.described["api"] + path, headers=headers, trust_env=False, timeout=30)
        assert answer.headers["X-Correlation-Id"] == given
    made = {person.shop.get("/products", limit=1).headers["X-Correlation-Id"] for _ in range(3)}
    assert len(made) == 3


def _srp(shop: RunningShop, name: str, password: str) -> dict[str, str]:
    pool = boto3.client(
        "cognito-idp",
        endpoint_url=shop.described["user_pool_endpoint"],
        region_name=shop.described["region"],
        config=Config(signature_version=UNSIGNED),
    )
    protocol = AWSSRP(
        username=name,
        password=password,
        pool_id=shop.described["user_pool_id"],
        client_id=shop.described["client_id"],
        client=pool,
    )
    tokens: dict[str, str] = protocol.authenticate_user()["AuthenticationResult"]
    return tokens
