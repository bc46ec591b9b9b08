"""How to see what happens: one order in the live view, under one correlation id, in one trace."""

import os
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.paths import ROOT
from tests.e2e.running import Person, RunningShop, eventually

pytestmark = pytest.mark.recorded_aws

Shown = dict[str, Any]


def shown(shop: RunningShop, order_id: str) -> Shown:
    """What the live view has of the order."""
    answer = httpx.get(f"{shop.described['api']}/live/orders/{order_id}", trust_env=False)
    assert answer.status_code == 200, answer.text
    found: Shown = answer.json()
    return found


def all_taken(shop: RunningShop, order_id: str) -> Shown:
    """The same, as soon as each step was taken: a call is seen when it has ended."""

    def look() -> Shown | None:
        seen = shown(shop, order_id)
        return seen if all(step["at"] for step in seen["steps"]) else None

    return eventually(f"all steps of order {order_id}", look)


def test_all_steps_of_an_order_are_seen(shop: RunningShop) -> None:
    """A paid order takes all twenty; its customer's id of the request stands in the mail at their end."""
    person, visit = shop.person(), f"visit-{uuid.uuid4()}"
    order_id = _placed(shop, person, visit)
    before = shown(shop, order_id)
    person.pay(order_id)
    seen = all_taken(shop, order_id)
    assert [step["number"] for step in before["steps"] if step["at"]] == [str(n) for n in range(1, 11)]
    assert (before["status"], seen["status"]) == ("awaiting_payment", "delivering")
    assert before["correlation_id"] == visit
    [mail] = shop.mails(person.email)
    assert mail["X-Correlation-Id"] == visit
    states = [told["text"].split(":")[0] for told in seen["told"] if told["kind"] == "state"]
    assert [text for text in states if text.startswith("the order")] == [
        f"the order is {status}" for status in ("reserving", "awaiting_payment", "delivering")
    ]


def test_a_trace_goes_from_the_webhook_to_the_mail(shop: RunningShop) -> None:
    """Through the topic, three queues and the bucket: each call is of the trace of the one that caused it."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    calls = all_taken(shop, order_id)["calls"]

    def together_with(function: str) -> set[str]:
        traces = {call["trace"] for call in calls if call["function"] == function}
        return {call["function"] for call in calls if call["trace"] in traces}

    assert together_with("inventory-local-reserve_stock") >= {"order-local", "product-local-get_products"}
    assert together_with("notification-local-on_invoice") >= {
        "payment-local",
        "invoice-local-on_payment",
        "order-local-apply_payment",
    }


def test_a_terminal_tells_an_order_as_it_happens(shop: RunningShop, tmp_path: Path) -> None:
    """`make watch` has a line for each state of an order, as far as its mail; Ctrl-C ends only this."""
    told = tmp_path / "told"
    with told.open("wb") as output:
        watching = subprocess.Popen(
            shop.command("watch"),
            cwd=ROOT,
            env=shop.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            eventually("make watch", lambda: "Ctrl-C" in told.read_text("utf-8"))
            person = shop.person()
            order_id = person.ordered((shop.product(), 1))
            person.pay(order_id)

            def mailed() -> list[str] | None:
                lines = [line for line in told.read_text("utf-8").splitlines() if order_id[-12:] in line]
                return lines if any("mailed to the customer" in line for line in lines) else None

            seen = eventually(f"the mail of order {order_id}", mailed)
        finally:
            assert watching.poll() is None, "make watch ended by itself"
            # What Ctrl-C sends to a whole group.
            os.killpg(watching.pid, signal.SIGINT)
            watching.wait(20)
    states = [line.partition("the order is ")[2].split(":")[0] for line in seen if "the order is" in line]
    assert states == ["reserving", "awaiting_payment", "delivering"]
    assert "Traceback" not in told.read_text("utf-8")
    assert shop.is_up()


def _placed(shop: RunningShop, person: Person, visit: str) -> str:
    named = {"Idempotency-Key": str(uuid.uuid4()), "X-Correlation-Id": visit}
    lines = [{"product_id": shop.product(), "quantity": 1}]
    answer = person.shop.post("/orders", {"lines": lines}, **named)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["order_id"])
