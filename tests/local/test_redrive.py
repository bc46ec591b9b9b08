"""Dead letters are counted, and sent back to the queues that they came from."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.errors import Unavailable
from local.errors import sentence
from local.paths import ROOT
from local.provision import PAYMENT_QUEUES
from local.redrive import Moved, redrive
from tests.local.emulators import Emulator, until
from tests.local.shop_homes import new_home


@pytest.fixture
def sqs(home: Path) -> Any:
    """The queues of the shop in an emulator, without services that read them."""
    queues = Emulator(home, corrected=True).start().client("sqs")
    for name in PAYMENT_QUEUES.values():
        dead = queues.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
        queues.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})
    return queues


def _url(sqs: Any, name: str) -> str:
    return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])


def test_dead_letters_go_back_to_where_they_came_from(sqs: Any) -> None:
    """Messages that were received too often are told of, moved back whole, and can be received again."""
    bodies = {f"order {number}" for number in range(3)}
    work = _url(sqs, "order-payments")
    for body in bodies:
        sqs.send_message(QueueUrl=work, MessageBody=body)

    def all_dead() -> bool:
        # Received once without being deleted is once too often here.
        sqs.receive_message(QueueUrl=work)
        return _count(sqs, "order-payments-dead-letters") == 3

    until(all_dead)
    told: list[str] = []
    assert redrive(sqs, told.append) == [
        Moved("inventory-payments", 0, 0),
        Moved("invoice-payments", 0, 0),
        Moved("order-payments", 3, 3),
    ]
    assert any("order-payments-dead-letters" in line and "3 waiting" in line for line in told), told
    assert any("3 sent back to order-payments" in line for line in told), told
    assert any("invoice-payments-dead-letters" in line and "empty" in line for line in told), told
    received = sqs.receive_message(QueueUrl=work, MaxNumberOfMessages=10)["Messages"]
    assert {message["Body"] for message in received} == bodies


def _count(sqs: Any, name: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=_url(sqs, name), AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_a_shop_that_does_not_run_is_told(tmp_path: Path) -> None:
    """`python -m local redrive` without an emulator: one sentence that says what to do."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "local", "redrive"],
        cwd=ROOT,
        env={**kept, "SHOP_HOME": str(new_home(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The AWS emulator does not answer; run make up.")
    assert "Traceback" not in done.stderr


def test_an_error_of_the_shop_is_told_by_its_sentence(sqs: Any) -> None:
    """What the shop or AWS says is said; of an error that nobody foresaw nothing is known."""
    assert sentence(Unavailable("The order service failed.")) == "The order service failed."
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
        sqs.get_queue_url(QueueName="nothing")
    told = sentence(refused.value)
    assert told is not None
    assert told.startswith("The AWS emulator refused GetQueueUrl: ")
    assert sentence(KeyError("x")) is None
