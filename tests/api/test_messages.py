"""Messages outlive the code that published them: readers understand older ones, and ignore what is new."""

import json
from typing import Any

import pytest

from common.errors import Invalid
from common.events import read_payment_created
from common.events.message import read_event
from local.contracts.published import samples

SAMPLES = dict(samples())


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_ever_published_is_still_read(name: str) -> None:
    """Each form that a message had, in this major version and the one before it."""
    message = json.loads(SAMPLES[name])
    read = read_payment_created(SAMPLES[name])
    assert str(read.data.order_id) == message["subject"]
    assert read.data.payment_id == message["data"]["payment_id"]
    assert read.data.amount.amount == message["data"]["amount"]["amount"]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_newer_one_has_more_is_ignored(name: str) -> None:
    """At every depth, whatever it is."""

    def with_more(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {**{key: with_more(one) for key, one in value.items()}, "newer": {"a": [1]}, "another": None}

    newer = json.dumps(with_more(json.loads(SAMPLES[name])))
    assert read_payment_created(newer) == read_payment_created(SAMPLES[name])


def test_a_field_with_a_default_may_be_missing() -> None:
    """As in a message that was published before there was such a field."""
    message = json.loads(next(iter(SAMPLES.values())))
    del message["data"]["reason"]
    assert read_payment_created(json.dumps(message)).data.reason == ""


def test_a_reader_knows_the_version_before_its_own() -> None:
    """Each type is read by its own reader, to what it would be today; any other type is refused."""

    def of_v1(event: dict[str, Any]) -> int:
        return int(event["data"]["dollars"]) * 100

    def of_v2(event: dict[str, Any]) -> int:
        return int(event["data"]["cents"])

    readers = {"paid.v2": of_v2, "paid.v1": of_v1}
    assert read_event('{"type": "paid.v2", "data": {"cents": 1999}}', readers) == 1999
    assert read_event('{"type": "paid.v1", "data": {"dollars": 19}}', readers) == 1900
    with pytest.raises(Invalid, match=r"paid\.v2 or paid\.v1"):
        read_event('{"type": "paid.v3", "data": {"cents": 1999}}', readers)
    with pytest.raises(Invalid, match=r"paid\.v2"):
        read_event('{"type": "paid.v1", "data": {"dollars": 19}}', {"paid.v2": of_v2})
