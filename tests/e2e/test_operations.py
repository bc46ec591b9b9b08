"""The operators' command, on the running shop."""

import json
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from local.paths import ROOT
from tests.e2e.books import stock, waiting
from tests.e2e.running import BUCKET, PATIENCE_SECONDS, RunningShop, eventually, found


@frozen
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.status in (0, 3), self.err
        return json.loads(self.out)


def command(shop: RunningShop, *words: str, width: int = 110, answer: str | None = None) -> Ended:
    """Runs `./shop WORDS`, without a terminal, or at one where `answer` is typed; it must never show a
    traceback.
    """
    keyboard, terminal = os.openpty()
    if answer is not None:
        os.write(keyboard, f"{answer}\n".encode())
    done = subprocess.run(
        [str(ROOT / "shop"), *words],
        env=shop.environment() | {"COLUMNS": str(width), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL if answer is None else terminal,
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * PATIENCE_SECONDS,
    )
    os.close(terminal)
    os.close(keyboard)
    assert "Traceback" not in done.stderr, done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


def test_the_story_of_a_paid_order(shop: RunningShop) -> None:
    """All five services tell their part, for people in the width that there is, and for programs."""
    person, product = shop.person(), shop.product()
    order_id = person.ordered((product, 2))
    person.pay(order_id)
    eventually("the mail", lambda: shop.mails(person.email), 2 * PATIENCE_SECONDS)
    told_as_sent = "the mail is sent"

    def story_of_the_mail() -> dict[str, Any] | None:
        story: dict[str, Any] = command(shop, "order", "show", order_id, "--json").json()
        return story if any(one["what"] == told_as_sent for one in story["moments"]) else None

    story = eventually("the mail's marker", story_of_the_mail)
    tellers = {one["service"] for one in story["moments"]}
    assert tellers == {"order", "inventory", "payment", "invoice", "notification"}
    assert story["order"]["order_id"] == order_id
    for width in (80, 110):
        told = command(shop, "order", "show", order_id, width=width)
        assert told.status == 0
        assert max(map(len, told.out.splitlines())) <= width
        for words in (f"holds 2 × {product}", "the provider took", "wrote INV-", told_as_sent):
            assert words in " ".join(told.out.split()), told.out
    lines = command(shop, "logs", "--order", order_id, "--json").json()
    assert {"place_order", "on_payment"} <= {line.get("handler") for line in lines}
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


@pytest.mark.telling_aws
def test_the_doctor_finds_what_is_missing(shop: RunningShop) -> None:
    """Nothing in a shop that works; a queue that nobody reads is told, with its mend."""
    # What other tests left half-done, the schedules finish.
    eventually("nothing to be missing", lambda: command(shop, "doctor").status == 0)
    with deaf(shop, "invoice"):
        ended = command(shop, "doctor", "--json")
    missing = {one["name"]: one for one in ended.json() if one["state"] == "missing"}
    assert missing.keys() == {"Queue of invoice"}
    assert missing["Queue of invoice"]["mend"] == "make up"
    assert ended.status == 3


def test_dead_letters_are_shown_with_their_errors_and_sent_back(shop: RunningShop) -> None:
    """Each is counted, told of with what its last try said, and sent back: one by its id, or all."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    eventually("the mail", lambda: shop.mails(person.email))
    message = shop.rows("payment", "SELECT body FROM outbox WHERE strpos(body, :id) > 0", id=order_id)[0]
    sqs = shop.aws("sqs")
    url = sqs.get_queue_url(QueueName="invoice-payments-dead-letters")["QueueUrl"]
    sent = [sqs.send_message(QueueUrl=url, MessageBody=message["body"])["MessageId"] for _ in range(2)]
    broken = sqs.send_message(QueueUrl=url, MessageBody="this is no event")["MessageId"]
    record = {"messageId": broken, "receiptHandle": "1", "body": "this is no event"}
    shop.aws("lambda").invoke(
        FunctionName="invoice-local-on_payment",
        Payload=json.dumps({"Records": [record | {"eventSource": "aws:sqs"}]}),
    )
    try:
        counts = command(shop, "dlq", "list", "--json")
        assert {"queue": "invoice-payments-dead-letters", "waiting": 3} in counts.json()
        assert counts.status == 3
        shown = {one["message_id"]: one for one in command(shop, "dlq", "show", "--json").json()}
        assert shown.keys() == {*sent, broken}
        assert shown[sent[0]]["order_id"] == order_id
        assert "The message is not JSON" in shown[broken]["error"]
        told = command(shop, "dlq", "show", "--service", "invoice", width=80)
        assert "The message is not JSON" in " ".join(told.out.split())
        unasked = command(shop, "dlq", "redrive", sent[0])
        assert unasked.status == 1
        assert "--yes" in unasked.err
        assert command(shop, "dlq", "redrive", sent[0], "--yes").status == 0
        assert waiting(shop, "invoice-payments-dead-letters") == 2
        for letter in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
            handle = {"QueueUrl": url, "ReceiptHandle": letter["ReceiptHandle"]}
            if letter["MessageId"] == broken:
                sqs.delete_message(**handle)
            else:
                sqs.change_message_visibility(**handle, VisibilityTimeout=0)
        assert command(shop, "dlq", "redrive", "--service", "invoice", "--yes").status == 0
        assert command(shop, "dlq", "list").status == 0
        eventually("them to be handled", lambda: not waiting(shop, "invoice-payments"))
    finally:
        sqs.purge_queue(QueueUrl=url)


def test_stock_is_counted_anew(shop: RunningShop) -> None:
    """Shown before and after; nothing changes without a yes, nor for a product that is not sold."""
    product = shop.product()
    before = shop.available(product)
    try:
        for answer in (None, "", "n", "what?"):
            unasked = command(shop, "stock", "set", product, str(before + 7), answer=answer)
            assert (unasked.status, shop.available(product)) == (1, before)
            assert f"from {before} to {before + 7} pieces" in " ".join(unasked.out.split())
            assert "Nothing was done" in unasked.err
        assert command(shop, "stock", "set", product, str(before + 6), answer="y").status == 0
        assert shop.available(product) == before + 6
        assert command(shop, "stock", "set", product, str(before + 7), "--yes").status == 0
        assert command(shop, "stock", "show", product, "--json").json() == [
            {"product_id": product, "quantity": before + 7}
        ]
    finally:
        command(shop, "stock", "set", product, str(before), "--yes")
    listed = command(shop, "stock", "show", "--json").json()
    assert {one["product_id"]: one["quantity"] for one in listed} == stock(shop)
    assert all(one["quantity"] < 5 for one in command(shop, "stock", "show", "--below", "5", "--json").json())
    unknown = command(shop, "stock", "set", "nobody-sells-this", "1", "--yes")
    assert (unknown.status, "sells no product" in unknown.err) == (1, True)


def test_a_payment_that_no_order_accepted_is_given_back(shop: RunningShop) -> None:
    """Also where the order never hears of it; asked again, there is nothing more to give back."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    page = person.shop.checkout(order_id)
    found(person.shop.post(f"/orders/{order_id}/cancel"))
    assert "nothing to give back" in command(shop, "refund", order_id, "--yes").err
    with deaf(shop, "order"):
        person.shop.press(page, "pay")
        eventually("the payment", lambda: person.payments(order_id))
        ended = command(shop, "refund", order_id, "--yes")
        assert ended.status == 0, ended
        assert "No order accepted it" in ended.out
        eventually("the money back", lambda: person.payments(order_id)[0]["status"] == "refunded")
        assert "is refunded" in command(shop, "refund", order_id, "--yes").err
    moments = command(shop, "order", "show", order_id, "--json").json()["moments"]
    assert any("was given back" in one["what"] for one in moments)


def test_migrations_are_applied_once(shop: RunningShop) -> None:
    """In a shop that was started, nothing is missing; nothing is done without a yes."""
    assert command(shop, "migrate").status == 1
    applied = command(shop, "migrate", "--yes", "--json").json()
    assert applied == {"product": [], "inventory": [], "order": [], "payment": []}
    assert "invoice" in command(shop, "migrate", "invoice", "--yes").err


def test_the_books_are_compared(shop: RunningShop) -> None:
    """They balance in a shop that works; a mail that nobody knows of is told, with what to do about it."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    eventually("the mail", lambda: shop.mails(person.email))
    eventually("the books to balance", lambda: command(shop, "reconcile", "--settle", "1").status == 0)
    store, marker = shop.aws("s3"), {"Bucket": BUCKET, "Key": f"mails/sent/{order_id}"}
    noted = store.get_object(**marker)["Body"].read()
    store.delete_object(**marker)
    try:
        ended = command(shop, "reconcile", "--settle", "0", "--json")
        [told] = [one for one in ended.json() if one["order_id"] == order_id]
        assert (told["rule"], ended.status) == ("not_mailed", 3)
        assert "mails/due/" in told["mend"]
    finally:
        store.put_object(**marker, Body=noted)


def test_a_catalog_is_imported(shop: RunningShop, tmp_path: Path) -> None:
    """Its products can be ordered; again, nothing changes; with a line that is wrong, nothing is imported."""
    mark, person = uuid.uuid4().hex[:8], shop.person()
    head = "product_id,name,category,description,price,currency,stock,grams\n"
    file = tmp_path / "catalog.csv"
    file.write_text(
        f"{head}tea-{mark},Tea,imported,Sencha,12.50,USD,3,100\npot-{mark},Pot,imported,,7,USD,,\n"
    )
    assert command(shop, "catalog", "import", str(file)).status == 1
    for _ in range(2):
        ended = command(shop, "catalog", "import", str(file), "--yes")
        assert (ended.status, "2 products imported" in ended.out) == (0, True), ended
        product = found(person.shop.get(f"/products/tea-{mark}"))
        assert product["price"] == {"amount": 1250, "currency": "USD"}
        assert product["attributes"] == {"grams": 100}
        assert product["available"] == 3
    found(person.shop.post(f"/orders/{person.ordered((f'tea-{mark}', 1))}/cancel"))
    file.write_text(f"{head}cup-{mark},Cup,imported,,1.50,USD,1,\nmug-{mark},Mug,imported,,soon,USD,1,\n")
    wrong = command(shop, "catalog", "import", str(file), "--yes")
    assert wrong.status == 1
    assert "line 3" in wrong.out
    assert person.shop.get(f"/products/cup-{mark}").status_code == 404


def test_an_import_that_was_killed_goes_on(shop: RunningShop, tmp_path: Path) -> None:
    """Where it was, and every product is there in the end."""
    mark, count = uuid.uuid4().hex[:8], 3000
    file = tmp_path / "catalog.csv"
    file.write_text(
        "product_id,name,category,description,price,currency,stock\n"
        + "".join(f"killed-{mark}-{number},Cup {number},imported,,1,USD,\n" for number in range(count))
    )

    def markers() -> list[Path]:
        # One that is being written has another ending.
        return [path for path in (shop.home / "imports").glob("*") if not path.suffix]

    words = [str(ROOT / "shop"), "catalog", "import", str(file), "--yes"]
    with subprocess.Popen(words, env=shop.environment(), stdout=subprocess.DEVNULL) as importing:
        try:
            eventually("a part of the import", lambda: any(markers()))
        finally:
            importing.kill()
    assert importing.returncode == -signal.SIGKILL
    ended = command(shop, "catalog", "import", str(file), "--yes")
    assert (ended.status, "Going on after" in ended.out) == (0, True), ended
    product_ids = [f"killed-{mark}-{number}" for number in range(count)]
    there = json.loads(shop.call("product-local-get_products", {"product_ids": product_ids}))
    assert there["value"].keys() == set(product_ids)
    assert not any(markers())


@contextmanager
def deaf(shop: RunningShop, service: str) -> Iterator[None]:
    """Within the block the service takes no message out of its queue."""
    functions = shop.aws("lambda")
    listed = functions.list_event_source_mappings(FunctionName=f"{service}-local-on_payment")
    [mapping] = listed["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
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
    for words in (
        [],
        ["order", "show"],
        ["dlq", "redrive"],
        ["stock", "set"],
        ["reconcile"],
        ["catalog", "import"],
    ):
        ended = command(shop, *words, "--help", width=80)
        assert ended.status == 0
        assert max(map(len, ended.out.splitlines())) <= 80
