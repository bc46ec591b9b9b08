"""What a traced function calls is a part of its trace: the header that Lambda gave it goes along."""

import json
from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest

from common.aws.bucket import S3Bucket
from common.aws.clients import client
from common.aws.functions import LambdaFunctions
from common.aws.topic import SnsTopic
from common.events import Message
from tests.listener import listening

FIRST, SECOND = (
    f"Root=1-5759e988-bd862e3fe1be46a99427279{n};Parent=53995c3f42cd8ad8;Sampled=1" for n in "34"
)
PUBLISHED = (
    b'<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>'
    b"<Failed/><Successful/></PublishBatchResult></PublishBatchResponse>"
)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The trace headers that an AWS on this machine was sent by this process, which is a function."""
    headers_of_calls: list[str] = []

    def answer(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        headers_of_calls.append(headers.get("x-amzn-trace-id", ""))
        if path.startswith("/invoices"):
            return 204, b""
        return 200, PUBLISHED if b"Publish" in body else json.dumps({"value": 1}).encode()

    with listening(answer) as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": "order-prod",
        }.items():
            monkeypatch.setenv(name, value)
        client.cache_clear()
        yield headers_of_calls
    client.cache_clear()


def call_everybody() -> None:
    LambdaFunctions("prod").call("inventory", "get_inventory", {})
    SnsTopic("arn:aws:sns:us-east-1:111122223333:cdc-payment-created").publish([Message(UUID(int=1), "{}")])
    S3Bucket("invoices").remove("invoices/1.pdf")


def test_each_call_is_of_the_trace_of_the_invocation(
    traced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm function has another one each time that it is called."""
    for header in (FIRST, SECOND):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
        call_everybody()
    assert [sent.replace("%3B", ";").replace("%3D", "=") for sent in traced] == [FIRST] * 3 + [SECOND] * 3


def test_without_a_trace_none_is_made_up(traced: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Lambda gives none, nothing is sent."""
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    call_everybody()
    assert traced == [""] * 3
