"""What an internal call does: the caller is given the function's value, or its error, as its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice import Chalice

from common import errors
from common.aws.functions import unwrap
from common.codec import plain
from common.logging import correlation_id
from common.web.functions import internal
from common.web.problems import Malformed, TooLarge

app = Chalice(app_name="contract")


def called(function: Callable[[dict[str, Any]], object], arguments: object = None) -> Any:
    """What a caller sees of the function, over JSON both ways, as Lambda does it."""
    event = {"arguments": plain(arguments or {}), "correlation_id": "corr-1"}
    return unwrap(json.loads(json.dumps(internal(app)(function)(json.loads(json.dumps(event)), None))))


def failing(error: Exception) -> Callable[[dict[str, Any]], object]:
    def function(arguments: dict[str, Any]) -> object:
        raise error

    return function


@pytest.mark.parametrize("value", [None, 0, "", [], {}, {"tea": 3}, [1, "two", None], "ünïcode ☕", True])
def test_a_value_comes_back_as_it_was(value: object) -> None:
    """Also those that are false: null, zero and what is empty."""
    assert called(lambda arguments: value) == value


def test_arguments_arrive_as_they_were_given() -> None:
    """And with them the correlation id of the caller."""
    assert called(lambda arguments: arguments, {"product_ids": ["tea"]}) == {"product_ids": ["tea"]}
    assert called(lambda arguments: correlation_id()) == "corr-1"


@pytest.mark.parametrize(
    "error",
    [
        errors.OutOfStock(("tea", "pot")),
        errors.NotFound("There is no such order."),
        errors.Invalid("An order has 1 to 100 lines."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_raised_as_the_same_one(error: errors.ShopError) -> None:
    """Its kind, its sentence, and what it names."""
    with pytest.raises(type(error)) as caught:
        called(failing(error))
    assert type(caught.value) is type(error)
    assert str(caught.value) == str(error)
    assert getattr(caught.value, "products", None) == getattr(error, "products", None)


@pytest.mark.parametrize("error", [Malformed("No JSON."), TooLarge("Too large.")], ids=["form", "size"])
def test_a_finer_error_is_told_as_its_kind(error: errors.Invalid) -> None:
    """What the edge tells apart is one thing between services."""
    with pytest.raises(errors.Invalid, match=str(error)):
        called(failing(error))


@pytest.mark.parametrize(
    "error",
    [
        errors.Unavailable("The store is busy."),
        ZeroDivisionError(),
        errors.Forbidden("No."),
        errors.NotPayable("canceled"),
    ],
    ids=repr,
)
def test_any_other_error_fails_the_call(error: Exception) -> None:
    """Lambda then answers with a FunctionError, which the caller sees as `Unavailable`: it may ask again."""
    with pytest.raises(type(error)):
        called(failing(error))


@pytest.mark.parametrize(
    "arguments", [{"payment": None}, {"payment": []}, {"order_id": [1]}, {"order_id": {}}]
)
def test_arguments_of_a_wrong_shape_reach_the_function(arguments: dict[str, Any]) -> None:
    """It is the function that reads them and says what is wrong; what stands around it does not stumble."""
    assert called(lambda given: given, arguments) == arguments
