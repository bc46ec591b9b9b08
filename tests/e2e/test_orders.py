"""Placing orders on the running shop: what is accepted, once, and for whom."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.running import Person, RunningShop, found, is_problem


def test_twenty_customers_at_once_for_the_last_ten_pieces(shop: RunningShop) -> None:
    """Ten get them; the others are told 409 out_of_stock; none is left, and none was sold twice."""
    product, pieces = shop.product(), 10
    shop.person().ordered((product, shop.available(product) - pieces))
    with ThreadPoolExecutor(20) as crowd:
        people = list(crowd.map(lambda _: shop.person(), range(20)))
        answers = list(crowd.map(lambda person: person.shop.order([(product, 1)]), people))

    accepted = [answer for answer in answers if answer.status_code == 201]
    assert len(accepted) == pieces
    assert all(answer.json()["status"] == "awaiting_payment" for answer in accepted)
    refused = [answer for answer in answers if answer.status_code != 201]
    assert all(is_problem(answer, 409, "out_of_stock") for answer in refused)
    assert shop.available(product) == 0
    detail = found(people[0].shop.get(f"/products/{product}"))
    assert detail["available"] == 0


def test_all_lines_or_none(shop: RunningShop) -> None:
    """An order of which one line is not to be had takes nothing of the others either."""
    plenty, little = shop.product(), shop.product()
    before = shop.available(plenty), shop.available(little)
    answer = shop.person().shop.order([(plenty, 1), (little, before[1] + 1)])
    assert is_problem(answer, 409, "out_of_stock")
    assert (shop.available(plenty), shop.available(little)) == before


def test_prices_are_the_catalogs(shop: RunningShop) -> None:
    """The order costs what the catalog says; a body that names a price is refused."""
    product, person = shop.product(), shop.person()
    price = found(person.shop.get(f"/products/{product}"))["price"]
    order = person.order(person.ordered((product, 3)))
    assert order["total"] == {"amount": 3 * price["amount"], "currency": price["currency"]}
    lines = [{"product_id": product, "quantity": 1, "price": {"amount": 1, "currency": "USD"}}]
    answer = person.shop.post("/orders", {"lines": lines}, **{"Idempotency-Key": str(uuid.uuid4())})
    assert is_problem(answer, 400) if answer.status_code == 400 else is_problem(answer, 422)


def test_the_same_request_again_is_the_same_order(shop: RunningShop) -> None:
    """Under one Idempotency-Key there is one order, asked again or at once; stock is taken once."""
    product, person, key = shop.product(), shop.person(), str(uuid.uuid4())
    before = shop.available(product)
    with ThreadPoolExecutor(5) as crowd:
        answers = list(crowd.map(lambda _: person.shop.order([(product, 2)], key), range(5)))
    answers.append(person.shop.order([(product, 2)], key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert shop.available(product) == before - 2


def test_a_key_names_one_order_only(shop: RunningShop) -> None:
    """The key of another order is refused with 409, a missing one with 400; another customer may use it."""
    product, person, key = shop.product(), shop.person(), str(uuid.uuid4())
    first = person.shop.order([(product, 1)], key)
    assert first.status_code == 201
    assert is_problem(person.shop.order([(product, 2)], key), 409, "idempotency_key_reused")
    body = {"lines": [{"product_id": product, "quantity": 1}]}
    assert is_problem(person.shop.post("/orders", body), 400)
    other = shop.person().shop.order([(product, 1)], key)
    assert other.status_code == 201
    assert other.json()["order_id"] != first.json()["order_id"]


def test_an_order_is_its_customers_alone(shop: RunningShop) -> None:
    """For anybody else it does not exist, by whichever way they ask; and it stays as it was."""
    owner, stranger = shop.person(), shop.person()
    order_id = owner.ordered((shop.product(), 1))
    before = owner.order(order_id)
    for answer in (
        stranger.shop.get(f"/orders/{order_id}"),
        stranger.shop.post(f"/orders/{order_id}/cancel"),
        stranger.shop.post("/payments/checkout", {"order_id": order_id}),
        stranger.shop.get(f"/payments/{order_id}"),
        stranger.shop.get(f"/invoices/{order_id}"),
    ):
        assert is_problem(answer, 404)
    assert found(stranger.shop.get("/orders"))["items"] == []
    assert owner.order(order_id) == before


def test_orders_are_listed_newest_first_page_by_page(shop: RunningShop) -> None:
    """Every order stands on one page, once, the newest first."""
    person, product = shop.person(), shop.product()
    placed = [person.ordered((product, 1)) for _ in range(5)]
    assert _paged(person, limit=2) == placed[::-1]


def _paged(person: Person, limit: int) -> list[str]:
    page = found(person.shop.get("/orders", limit=limit))
    listed = list(page["items"])
    while page["next"]:
        page = found(person.shop.get("/orders", limit=limit, cursor=page["next"]))
        assert 1 <= len(page["items"]) <= limit
        listed += page["items"]
    return [order["order_id"] for order in listed]
