"""Values to JSON and back: what goes out comes in again, and what strangers send is named or refused."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from attrs import evolve, field, frozen

from common.codec import plain, read, read_strictly, write
from common.domain.money import Money
from common.domain.order import CancelReason, Order, OrderLine, OrderStatus
from common.domain.payment import Payment
from common.domain.product import Product
from common.errors import Invalid, OutOfStock
from common.events import payment_created, read_payment_created
from common.web.problems import Malformed, problem
from common.web.requests import parse_json
from tests.fakes import START, FakeIds
from tests.samples import POT, TEA, new_order, payment_of


@frozen
class Shape:
    """One field of each kind."""

    text: str
    number: int = 0
    share: float = 0.0
    flag: bool = False
    at: datetime = START
    name: UUID | None = None
    status: OrderStatus = OrderStatus.RESERVING
    maybe: Money | None = None
    many: tuple[Money, ...] = ()
    counts: dict[str, int] = field(factory=dict)


def test_an_order_comes_back_as_it_went() -> None:
    """Through JSON text, with every optional field empty and filled."""
    order = new_order(FakeIds())
    paid = evolve(
        order, status=OrderStatus.CANCELED, reason=CancelReason.PAYMENT_FAILED, payment_id="pi", paid_at=START
    )
    for value in (order, paid):
        assert read(json.loads(write(value)), Order) == value


@pytest.mark.parametrize(
    "product", [TEA, POT, evolve(TEA, attributes={"a": 1, "b": 1.5, "c": True, "d": ["x"], "e": ""})]
)
def test_a_product_comes_back_as_it_went(product: Product) -> None:
    """Each kind of attribute keeps its type: true is not 1, and 1.0 is not 1."""
    again = read(json.loads(write(product)), Product)
    assert again == product
    assert [type(value) for value in again.attributes.values()] == [
        type(v) for v in product.attributes.values()
    ]


def test_a_message_comes_back_as_it_went() -> None:
    """The CloudEvent has the names of CloudEvents 1.0, and the payment within."""
    payment = payment_of(new_order(FakeIds()))
    message = payment_created(UUID(int=5), payment, START, "corr")
    event = json.loads(message.body)
    assert event["specversion"] == "1.0"
    assert event["id"] == str(UUID(int=5))
    assert event["type"] == "shop.payment.created.v1"
    assert read_payment_created(message.body).data == payment


def test_times_are_utc() -> None:
    """Whatever zone a time was in, it goes out and comes in as the same moment in UTC."""
    east = datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert plain(east) == "2026-01-31T12:00:00Z"
    assert read("2026-01-31T14:00:00+02:00", datetime) == START
    assert read("2026-01-31T12:00:00.000001Z", datetime) == START + timedelta(microseconds=1)
    assert read("2026-01-31T14:00:00+02:00", datetime).tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("text", 1, "must be text"),
        ("text", None, "must be text"),
        ("text", ["a"], "must be text"),
        ("number", "1", "must be a whole number"),
        ("number", 1.0, "must be a whole number"),
        ("number", True, "must be a whole number"),
        ("share", "1", "must be a number"),
        ("share", True, "must be a number"),
        ("flag", 1, "must be true or false"),
        ("flag", "true", "must be true or false"),
        ("at", "2026-01-31", "must be a time with its offset from UTC, such as 2026-01-31T12:00:00Z"),
        (
            "at",
            "2026-01-31T12:00:00",
            "must be a time with its offset from UTC, such as 2026-01-31T12:00:00Z",
        ),
        ("at", "yesterday", "must be a time of RFC 3339"),
        ("at", 5, "must be a time of RFC 3339"),
        ("name", "x", "must be a UUID"),
        ("name", "{01910d8e-0000-7000-8000-000000000000}", "must be a UUID"),
        ("name", "urn:uuid:01910d8e-0000-7000-8000-000000000000", "must be a UUID"),
        ("name", "01910d8e000070008000000000000000", "must be a UUID"),
        ("name", 5, "must be a UUID"),
        ("status", "lost", "must be one of reserving, awaiting_payment, delivering, delivered, canceled"),
        ("status", 5, "must be one of reserving, awaiting_payment, delivering, delivered, canceled"),
        ("status", [], "must be one of reserving, awaiting_payment, delivering, delivered, canceled"),
        ("many", {}, "must be a list"),
        ("many", "ab", "must be a list"),
        ("many", None, "must be a list"),
        ("counts", [], "must be an object"),
        ("counts", "ab", "must be an object"),
    ],
    ids=repr,
)
def test_a_wrong_field_is_named(name: str, value: object, detail: str) -> None:
    """Its path, and what it must be; the value itself is not repeated."""
    with pytest.raises(Invalid) as caught:
        read({"text": "a", name: value}, Shape)
    [error] = caught.value.errors
    assert (error.field, error.detail) == (name, detail)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (
            {"text": "a", "many": [{"amount": 1, "currency": "USD"}, {"amount": "1", "currency": "USD"}]},
            "many[1].amount",
        ),
        ({"text": "a", "many": [None]}, "many[0]"),
        ({"text": "a", "many": [{"currency": "USD"}]}, "many[0].amount"),
        ({"text": "a", "maybe": {"amount": 1}}, "maybe.currency"),
        ({"text": "a", "maybe": "USD 1"}, "maybe"),
        ({}, "text"),
    ],
    ids=repr,
)
def test_a_wrong_field_within_is_named_by_its_path(value: object, path: str) -> None:
    """Lists by number, objects by name."""
    with pytest.raises(Invalid) as caught:
        read(value, Shape)
    assert [error.field for error in caught.value.errors] == [path]


@pytest.mark.parametrize("value", [None, [], "text", 5, True])
def test_an_object_must_be_one(value: object) -> None:
    """A whole value of another kind is refused in words."""
    with pytest.raises(Invalid, match="must be a JSON object"):
        read(value, Shape)


@pytest.mark.parametrize(
    "money",
    [
        {"amount": -1, "currency": "USD"},
        {"amount": 2**63, "currency": "USD"},
        {"amount": 1, "currency": "usd"},
        {"amount": 1, "currency": "US"},
    ],
)
def test_money_that_is_none_is_refused(money: object) -> None:
    """The domain's own rules count for what is read."""
    with pytest.raises(Invalid):
        read({"text": "a", "maybe": money}, Shape)


def test_unknown_fields_are_ignored_or_refused() -> None:
    """Ignored in what services send each other, refused in what strangers send, at any depth."""
    line = {
        "product_id": "tea",
        "name": "Tea",
        "quantity": 1,
        "unit_price": {"amount": 1, "currency": "USD", "x": 1},
    }
    assert read({**line, "extra": 1}, OrderLine).quantity == 1
    with pytest.raises(Invalid) as caught:
        read_strictly(line, OrderLine)
    assert caught.value.errors
    with pytest.raises(Invalid):
        read_strictly({"amount": 1, "currency": "USD", "rate": 2}, Money)


@pytest.mark.parametrize("body", ["", "{", "[]", "5", '{"type": "shop.payment.created.v2"}', "[" * 100_000])
def test_a_message_of_another_kind_is_invalid(body: str) -> None:
    """One error for whatever is not a message of this type."""
    with pytest.raises(Invalid):
        read_payment_created(body)


@pytest.mark.parametrize("depth", [900, 50_000])
def test_deep_json_is_refused(depth: int) -> None:
    """As malformed, not as a crash; what is read can also be written."""
    try:
        json.dumps(parse_json(b"[" * depth + b"]" * depth))
    except Malformed:
        assert depth > 100


def test_an_error_of_stock_is_told_in_full() -> None:
    """The problem names the products; its type is the code with hyphens."""
    answer = problem(OutOfStock(("tea",)))
    assert answer.body["products"] == ["tea"]
    assert answer.body["type"] == "/problems/out-of-stock"


def test_a_payment_is_plain_json() -> None:
    """The one form: ids as text, times in UTC, money as an object."""
    payment: Payment = payment_of(new_order(FakeIds()))
    assert plain(payment) == {
        "payment_id": "pi_1",
        "order_id": str(payment.order_id),
        "status": "succeeded",
        "amount": {"amount": 7400, "currency": "USD"},
        "occurred_at": "2026-01-31T12:00:00Z",
        "reason": "",
    }
