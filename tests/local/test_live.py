"""The live view: what is read of the record, what is told of an order, and what a browser is given."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from local.live.pages import Queue, routes
from local.live.record import Record
from local.live.story import Story, orders, story
from local.live.terminal import lines
from local.services import CONSUMERS

ORDER, OTHER = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
BEGAN = 1_800_000_000.0


def line(message: str, after: float, order_id: str = ORDER, **more: Any) -> dict[str, Any]:
    """A line of a function's log, as it is logged so many seconds after the order began."""
    # 1,800,000,000 s are 2027-01-15 08:00:00 UTC.
    stamp = f"2027-01-15T08:00:{after:06.3f}+00:00"
    return {"message": message, "timestamp": stamp, "order_id": order_id, "level": "INFO", **more}


def call(function: str, after: float, *said: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A call of a function that took a quarter of a second."""
    told = {"kind": "call", "at": BEGAN + after, "name": function, "milliseconds": 250.0, "lines": list(said)}
    defaults = {"cause": "call", "trace": "1-a", "span": function, "parent": "", "failed": False}
    return {**told, **defaults, "signed_in_at": None, **more}


def handled(service: str, handler: str, after: float, order_id: str = ORDER) -> dict[str, Any]:
    told = {"service": service, "handler": handler, "correlation_id": "visit-1"}
    return line("Handled", after, order_id, **told)


def state(status: str, after: float, cause: str = "so it is") -> dict[str, Any]:
    return line("An order came to a new state", after, status=status, cause=cause)


PLACED = [
    call(
        "inventory-local-reserve_stock", 1, handled("inventory", "reserve_stock", 1.2), parent="order-local"
    ),
    call(
        "order-local",
        0,
        state("reserving", 0.5),
        state("awaiting_payment", 1.5),
        handled("order", "place_order", 1.6),
        cause="POST /orders",
        milliseconds=1700.0,
        signed_in_at=BEGAN - 60,
    ),
]
PAID = [
    call(
        "payment-local",
        5,
        line("A payment was saved", 5.1, status="succeeded"),
        handled("payment", "receive_webhook", 5.2),
    ),
    {"kind": "published", "at": BEGAN + 5.15, "name": "cdc-payment-created", "order_id": ORDER},
    *(
        {"kind": "queued", "at": BEGAN + 5.2, "name": f"{one}-payments", "order_id": ORDER}
        for one in CONSUMERS
    ),
]
HEARD = [
    call("inventory-local-on_payment", 6, handled("inventory", "on_payment", 6.1)),
    call("order-local-on_payment", 6, state("delivering", 6.1), handled("order", "on_payment", 6.2)),
    call("invoice-local-on_payment", 6, handled("invoice", "on_payment", 6.2)),
    {"kind": "stored", "at": BEGAN + 6.2, "name": f"mails/due/{ORDER}", "order_id": ORDER},
    {"kind": "stored", "at": BEGAN + 6.3, "name": f"invoices/{ORDER}.pdf", "order_id": ORDER},
]
MAILED = [
    {"kind": "mailed", "at": BEGAN + 7.2, "name": "m-1", "order_id": ORDER, "correlation_id": "visit-1"},
    call("notification-local-on_invoice", 7, handled("notification", "on_invoice", 7.2)),
]


def told(*happened: dict[str, Any]) -> Story:
    return story(ORDER, orders(happened)[ORDER])


def taken(one: Story) -> list[str]:
    """The numbers of the steps that were taken."""
    return [step.number for step in one.steps if step.at is not None]


def test_each_of_the_twenty_steps_is_seen() -> None:
    """In the order in which they are taken, the sign-in first, which was before the order began."""
    whole = told(*PLACED, *PAID, *HEARD, *MAILED)
    numbers = [*map(str, range(1, 16)), *["16"] * len(CONSUMERS), *map(str, range(17, 21))]
    assert [step.number for step in whole.steps] == numbers
    assert taken(whole) == numbers
    times = [step.at for step in whole.steps if step.at is not None]
    assert times[0] == BEGAN - 60
    assert times[1:] == sorted(times[1:])
    assert (whole.status, whole.correlation_id, whole.began) == ("delivering", "visit-1", BEGAN)


def test_an_order_stands_where_it_is() -> None:
    """What did not happen yet has no time; where something is waited for, the step says so."""
    assert taken(told(*PLACED)) == [*map(str, range(1, 11))]
    paid = told(*PLACED, *PAID)
    assert taken(paid) == [*map(str, range(1, 16))]
    assert [step.detail for step in paid.steps if step.number == "16"] == [
        f"waits in {service}-payments" for service in CONSUMERS
    ]
    assert (paid.steps[13].detail, paid.status) == ("succeeded", "awaiting_payment")


def test_a_refused_order_ends_with_its_answer() -> None:
    """Too little stock: the state says so, and nothing is paid."""
    why = "there was too little stock"
    refused = told(
        PLACED[0],
        call(
            "order-local",
            0,
            state("reserving", 0.5),
            state("canceled", 1.5, why),
            handled("order", "place_order", 2),
        ),
    )
    assert taken(refused) == [*map(str, range(2, 11))]
    assert (refused.status, refused.steps[8].detail) == ("canceled", "canceled")
    assert f"the order is canceled: {why}" in [one.text for one in refused.told]


def test_who_waits_for_whom_is_seen() -> None:
    """A call within a call is deeper than it; one of the same trace belongs there, if it names no order."""
    asked = call("product-local-get_products", 0.2, parent="order-local")
    elsewhere = call("product-local", 0.3, trace="1-b")
    assert [(one.function, one.depth) for one in told(*PLACED, asked, elsewhere).calls] == [
        ("order-local", 0),
        ("product-local-get_products", 1),
        ("inventory-local-reserve_stock", 1),
    ]


def test_a_batch_tells_each_order_its_own() -> None:
    """A function that worked on two orders' messages at once stands in both stories, with their own lines."""
    batch = call(
        "order-local-on_payment",
        6,
        state("delivering", 6.1),
        handled("order", "on_payment", 6.1),
        line("An order came to a new state", 6.2, OTHER, status="canceled", cause="the payment failed"),
        handled("order", "on_payment", 6.2, OTHER),
    )
    of_each = {order_id: story(order_id, of_one) for order_id, of_one in orders([batch]).items()}
    assert {order_id: one.status for order_id, one in of_each.items()} == {
        ORDER: "delivering",
        OTHER: "canceled",
    }
    assert [one.text for one in of_each[OTHER].told if one.kind == "state"] == [
        "the order is canceled: the payment failed"
    ]


def test_the_newest_order_comes_first() -> None:
    """By when it began, not by when something happened for it last."""
    newer = call("order-local", 3, handled("order", "place_order", 3, OTHER))
    assert list(orders([*PLACED, newer, *MAILED])) == [OTHER, ORDER]


def test_the_terminal_says_what_and_of_which_order() -> None:
    """A line each, in time's order; but no schedule that had nothing to do."""
    idle = call("payment-local-publish_outbox", 0.1, cause="schedule")
    busy = call("order-local-expire_unpaid", 0.2, state("canceled", 0.3), cause="schedule")
    said = list(lines([*PLACED, idle, busy]))
    assert any(one.endswith("the order is reserving: so it is") for one in said)
    assert not any("publish_outbox" in one for one in said)
    assert any("expire_unpaid" in one for one in said)
    assert all(one.split()[1] == ORDER[-12:] for one in said)
    assert said == sorted(said, key=lambda one: one.split()[0])


def test_a_record_is_read_as_it_grows(tmp_path: Path) -> None:
    """Each whole line once, also when the file is put aside for a new one; nothing where there is none."""
    file = tmp_path / "happened.jsonl"
    record = Record(file)
    assert list(record.more()) == []
    with file.open("w", encoding="utf-8") as out:
        out.write('{"n": 1}\n{"n": 2}\n{"n"')
        out.flush()
        assert [one["n"] for one in record.more()] == [1, 2]
        out.write(": 3}\n")
    assert [one["n"] for one in record.more()] == [3]
    with file.open("a", encoding="utf-8") as out:
        out.write('{"n": 4}\n')
    file.rename(tmp_path / "happened.jsonl.1")
    file.write_text('{"n": 5}\n', encoding="utf-8")
    assert [one["n"] for one in record.more()] == [4, 5]
    assert [one["n"] for one in record.all()] == [1, 2, 3, 4, 5]
    assert [one["n"] for one in Record(file).all()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("path", "status", "has"),
    [
        ("/live", 200, "Twenty steps"),
        ("/live/live.js", 200, "/live/orders"),
        ("/live/live.css", 200, "--paper"),
        ("/live/orders", 200, ORDER),
        (f"/live/orders/{ORDER}", 200, "visit-1"),
        ("/live/queues", 200, "order-payments"),
    ],
)
def test_a_browser_is_given_what_it_asks_for(tmp_path: Path, path: str, status: int, has: str) -> None:
    """And may fetch from nowhere else."""
    file = tmp_path / "happened.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in PLACED), encoding="utf-8")
    app = Starlette(routes=routes(Record(file), lambda: [Queue("order-payments", 1, 2, 3)]))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
        ) as client:
            return await client.get(path)

    answer = asyncio.run(ask())
    assert answer.status_code == status
    assert has in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
