"""The operators' command, on the running shop."""

import json
import subprocess
import uuid
from typing import Any

import pytest
from attrs import frozen

from local.paths import ROOT
from tests.e2e.running import RunningShop, eventually


@frozen
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.status in (0, 3), self.err
        return json.loads(self.out)


def command(shop: RunningShop, *words: str, width: int = 110, typed: str | None = None) -> Ended:
    """Runs `./shop WORDS`, without a terminal; it must never show a traceback."""
    done = subprocess.run(
        [str(ROOT / "shop"), *words],
        env=shop.environment() | {"COLUMNS": str(width), "PYTHONDONTWRITEBYTECODE": "1"},
        input=typed or "",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


def test_the_story_of_a_paid_order(shop: RunningShop) -> None:
    """All five services tell their part, for people in the width that there is, and for programs."""
    person, product = shop.person(), shop.product()
    order_id = person.ordered((product, 2))
    person.pay(order_id)

    def mailed() -> dict[str, Any] | None:
        story: dict[str, Any] = command(shop, "order", "show", order_id, "--json").json()
        return story if any(one["what"] == "the mail is sent" for one in story["moments"]) else None

    story = eventually("the mail", mailed)
    tellers = {one["service"] for one in story["moments"]}
    assert tellers == {"order", "inventory", "payment", "invoice", "notification"}
    assert story["order"]["order_id"] == order_id
    for width in (80, 110):
        told = command(shop, "order", "show", order_id, width=width)
        assert told.status == 0
        assert max(map(len, told.out.splitlines())) <= width
        for words in (f"holds 2 × {product}", "the provider took", "wrote INV-", "the mail is sent"):
            assert words in " ".join(told.out.split()), told.out
    lines = command(shop, "logs", "--order", order_id, "--json").json()
    assert {"place_order", "on_payment"} <= {line["handler"] for line in lines}
    assert {line["order_id"] for line in lines} == {order_id}


def test_stuck_orders_are_listed(shop: RunningShop) -> None:
    """None in a shop that works; one whose schedule does not run is, with that schedule, and status 3."""
    order_id = shop.person().ordered((shop.product(), 1))
    rule = "order-local-expire_unpaid-event"
    events = shop.aws("events")
    events.disable_rule(Name=rule)
    try:
        assert order_id not in command(shop, "orders", "stuck").out
        late = "UPDATE orders SET expires_at = now() - interval '6 minutes' WHERE order_id = :id"
        shop.rows("order", late, id=order_id)
        listed = command(shop, "orders", "stuck", "--json")
        assert [one["schedule"] for one in listed.json() if one["order_id"] == order_id] == ["expire_unpaid"]
        told = command(shop, "orders", "stuck")
        assert order_id in told.out
        assert listed.status == told.status == 3
    finally:
        events.enable_rule(Name=rule)


def test_the_doctor_finds_what_is_missing(shop: RunningShop) -> None:
    """Nothing in a shop that works; a queue that nobody reads is told, with its mend."""
    assert command(shop, "doctor").status == 0
    functions = shop.aws("lambda")
    [mapping] = functions.list_event_source_mappings(FunctionName="invoice-local-on_payment")[
        "EventSourceMappings"
    ]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        found = command(shop, "doctor", "--json")
        missing = {one["name"]: one for one in found.json() if one["state"] == "missing"}
        assert missing.keys() == {"Queue of invoice"}
        assert missing["Queue of invoice"]["mend"] == "make up"
        assert found.status == 3
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["order", "show", "12"], 1, "is no order's id"),
        (["order", "show", str(uuid.UUID(int=7))], 1, "knows no order"),
        (["order", "show"], 2, "requires an argument"),
        (["sing"], 2, "sing"),
        (["orders", "stuck", "--minutes", "soon"], 2, "minutes"),
        (["doctor", "--profile", "nobody"], 3, "--stage"),
        (["orders", "stuck", "--stage", "prod", "--profile", "nobody-at-all"], 1, "nobody-at-all"),
    ],
)
def test_what_was_typed_wrong_is_told(shop: RunningShop, words: list[str], status: int, says: str) -> None:
    """By a sentence and the exit status."""
    ended = command(shop, *words)
    assert ended.status == status, ended
    assert says in ended.out + ended.err


def test_every_command_explains_itself(shop: RunningShop) -> None:
    """By --help, in 80 columns."""
    for words in ([], ["order", "show"], ["orders", "stuck"], ["logs"], ["doctor"]):
        ended = command(shop, *words, "--help", width=80)
        assert ended.status == 0
        assert max(map(len, ended.out.splitlines())) <= 80
