"""`make demo`: a customer walks an order through the shop, over HTTP, and every step tells what happened.

The steps have the numbers of the documents. Steps that happen inside the shop are told from what can be
seen of them: the log line that each handler writes, the order's story, the bucket, the mailbox.
"""

import email.policy
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import httpx
from attrs import define, field, frozen

from common.repositories.postgres.database import Database, Login
from local import cassandra, postgres, up
from local.customer import Customer, sign_in
from local.emulator.clients import client
from local.emulator.credentials import ACCOUNT_ID, REGION
from local.errors import LocalError
from local.paths import HOME
from local.provision import ARCHIVE_KEYSPACE, STAGE
from local.services import CONSUMERS
from local.traces import Handled, Traces

T = TypeVar("T")

# What the customer is looking for: a category, and words of which the last may be a beginning.
WANTED = (("coffee", "da lat"), ("lenses", "aurelia 35"))

# Long enough for a message that failed, on a machine that is busy, to come again after three minutes.
PATIENCE_SECONDS = 240


class NotAsItShouldBe(LocalError):
    """A step of the walk had another outcome than it must have."""


def main() -> int:
    """Starts the shop if it does not run, walks an order that is paid and delivered, and one whose payment
    fails; returns 0 if all is well.

    Raises LocalError where a step is not as it should be.
    """
    up.up()
    shop = json.loads(up.SHOP_FILE.read_text(encoding="utf-8"))
    walk = Walk(shop, Traces())
    try:
        walk.browse()
        walk.delivered(walk.paid_order())
        walk.failed_payment()
    except httpx.HTTPError as error:
        raise NotAsItShouldBe(f"The shop stopped answering ({error}). 'make up' mends it.") from error
    print(f"\nAll is as it should be. The shop stays up at {shop['api']}; 'make down' stops it.")
    user = shop["customers"][0]["user"]
    print(f"Visit it in a browser: {shop['storefront']} as {user}, whose orders are there already.")
    print(f"See what happens to an order, as it happens: {shop['api']}/live")
    print(f"Its addresses, users and passwords: {up.SHOP_FILE}   Its mails: {shop['mailbox']}")
    return 0


@frozen
class Piece:
    """A product that the customer likes, and how many of it there were."""

    product_id: str
    name: str
    available: int


@define
class Walk:
    """One visit of one customer."""

    shop: Mapping[str, Any]
    traces: Traces
    customer: Customer = field(init=False)
    basket: list[Piece] = field(factory=list, init=False)

    def browse(self) -> None:
        user = self.shop["customers"][0]
        print(f"\n{user['name']} visits the shop")
        with _timed() as spent:
            self.customer = sign_in(self.shop, user["user"], user["password"])
        _tell("1", f"signed in to Cognito as {user['user']}, got an id token", spent())
        with _timed() as spent:
            refused = httpx.get(f"{self.shop['api']}/products", trust_env=False)
        _must(refused.status_code == 401, "The gateway let somebody in without a token.")
        _tell("2,3", "API Gateway refuses a call without that token (401), lets one with it pass", spent())
        for kind, words in WANTED:
            with _timed() as spent:
                found = _ok(self.customer.get("/products", category=kind, q=words))["items"]
            _tell("4", f"the product service found {len(found)} for '{words}' among {kind}", spent())
            self.basket.append(self._choose(found))
            with _timed() as spent:
                piece = self._look(self.basket[-1].product_id)
            _tell("4", f"{piece.name}: {piece.available} in stock, says the inventory", spent())

    def paid_order(self) -> str:
        print("\nAn order that is paid")
        order_id, trace = self._place()
        with _timed() as spent:
            self.customer.press(self.customer.checkout(order_id), "pay")
        _tell("11", "the customer paid on the provider's page", spent())
        self._told_of_payment(order_id, trace, "succeeded")
        order = self._settled(order_id, "delivering")
        _tell("16", f"the order is {order['status']}")
        link = _eventually("the invoice", lambda: _found(self.customer.get(f"/invoices/{order_id}")))
        pdf = self.customer.download(link["url"]).content
        _must(pdf.startswith(b"%PDF-"), "The invoice is no PDF.")
        file = HOME / "demo" / f"invoice-{order_id}.pdf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pdf)
        _tell("17", f"the PDF is in S3 ({len(pdf):,} bytes): {file}")
        mailed = trace.wait("notification", "on_invoice")
        _tell("18", "S3's event started the notification service", mailed.milliseconds)
        mail = _eventually("the mail", lambda: self._mail(order_id))
        _must(mail == [pdf], f"There should be one mail with the invoice, not {len(mail)}.")
        _tell("19,20", f"the email service mailed it, PDF attached: {self.shop['mailbox']}")
        self._stock_is({piece: piece.available - 1 for piece in self.basket})
        self._story(order_id)
        return order_id

    def delivered(self, order_id: str) -> None:
        print("\nThe order is delivered, and moves to the archive")
        before = _ok(self.customer.get(f"/orders/{order_id}"))
        user = self.shop["operators"][0]
        operator = sign_in(self.shop, user["user"], user["password"])
        refused = self.customer.post(f"/orders/{order_id}/deliver")
        _must(refused.status_code == 403, "A customer could mark an order delivered.")
        with _timed() as spent:
            order = _ok(operator.post(f"/orders/{order_id}/deliver"))
        _must(order["status"] == "delivered", f"The order is {order['status']}.")
        _tell("", f"{user['name']}, an operator, marked the order {order['status']}", spent())
        with _timed() as spent:
            _run_schedule("order", "archive_delivered")
            _eventually("the order to leave Postgres", lambda: not _in_postgres(order_id))
        _tell("", "the archiver copied it to Cassandra, read it back, removed it from Postgres", spent())
        archived = _in_cassandra(order_id)
        _must(archived is not None, "The order is not in Cassandra.")
        _tell("", f"in Cassandra: {archived}; in Postgres: {'still' if _in_postgres(order_id) else 'gone'}")
        with _timed() as spent:
            page = _ok(self.customer.get("/orders"))
        found = [listed["status"] for listed in page["items"] if listed["order_id"] == order_id]
        _must(found == ["delivered"] and not page["incomplete"], "The order is not in the customer's list.")
        _tell("", f"the customer's list still has it, {found[0]}, among {len(page['items'])}", spent())
        after = _ok(self.customer.get(f"/orders/{order_id}"))
        _must(after == order, f"The order is another one now: {after}.")
        _must(before["story"] == after["story"][:-1], "The order lost a part of its story.")
        _must(self.customer.get(f"/invoices/{order_id}").status_code == 200, "The invoice is gone.")
        self._story(order_id)

    def failed_payment(self) -> None:
        print("\nAn order whose payment fails")
        self.basket = [self._look(piece.product_id) for piece in self.basket]
        order_id, trace = self._place()
        with _timed() as spent:
            self.customer.press(self.customer.checkout(order_id), "decline")
        _tell("11", "the provider declined the customer's card", spent())
        self._told_of_payment(order_id, trace, "failed")
        order = self._settled(order_id, "canceled")
        _must(order["reason"] == "payment_failed", f"The order was canceled by {order['reason']}.")
        _tell("16", f"the order is {order['status']}: {order['reason']}")
        _eventually("the stock", lambda: self._stock() == {piece: piece.available for piece in self.basket})
        self._stock_is({piece: piece.available for piece in self.basket})
        trace.wait("invoice", "on_payment")
        _must(self.customer.get(f"/invoices/{order_id}").status_code == 404, "There is an invoice.")
        _must(not self._mail(order_id), "There is a mail.")
        _tell("17-20", "no invoice, no mail")
        self._story(order_id)

    def _place(self) -> tuple[str, "Trace"]:
        began = datetime.now(UTC)
        with _timed() as spent:
            answer = self.customer.order([(piece.product_id, 1) for piece in self.basket])
        order = _ok(answer, 201)
        trace = Trace(self.traces, began, order["order_id"])
        total = f"{order['total']['amount'] / 100:.2f} {order['total']['currency']}"
        _tell("2-4", "POST /orders went through the gateway to the order service", spent())
        placed = trace.wait("order", "place_order")
        _tell("5", f"it saved order {order['order_id']}, {total}", placed.milliseconds)
        reserved = trace.wait("inventory", "reserve_stock")
        _tell("6,7", "the inventory took the stock, in Postgres", reserved.milliseconds)
        _must(order["status"] == "awaiting_payment", f"The order is {order['status']}.")
        _tell("8-10", f"the answer travelled back: {answer.status_code}, {order['status']}", spent())
        self._stock_is({piece: piece.available - 1 for piece in self.basket})
        return order["order_id"], trace

    def _told_of_payment(self, order_id: str, trace: "Trace", status: str) -> None:
        received = trace.wait("payment", "receive_webhook")
        _tell("12,13", "the provider's signed webhook reached the payment service", received.milliseconds)
        payments = _eventually(
            "the payment", lambda: _ok(self.customer.get(f"/payments/{order_id}"))["payments"]
        )
        _must([payment["status"] for payment in payments] == [status], f"The payments are {payments}.")
        _tell("14,15", f"it saved the payment ({status}) and published it on cdc-payment-created")
        for service in CONSUMERS:
            consumed = trace.wait(service, "on_payment")
            _tell("16", f"the {service} service received it from its queue", consumed.milliseconds)

    def _settled(self, order_id: str, status: str) -> dict[str, Any]:
        def order() -> dict[str, Any] | None:
            found = _ok(self.customer.get(f"/orders/{order_id}"))
            return found if found["status"] == status else None

        return _eventually(f"the order to be {status}", order)

    def _choose(self, products: list[dict[str, Any]]) -> Piece:
        """The first product of which there is enough for both orders."""
        for product in products:
            piece = self._look(product["product_id"])
            if piece.available >= 2:
                return piece
        raise NotAsItShouldBe("What the demo buys is sold out. 'make clean' begins with full shelves.")

    def _look(self, product_id: str) -> Piece:
        def piece() -> Piece | None:
            # No number: the inventory did not answer the product service for a moment.
            detail = _ok(self.customer.get(f"/products/{product_id}"))
            known = detail["available"] is not None
            return Piece(product_id, detail["name"], detail["available"]) if known else None

        return _eventually(f"the stock of {product_id}", piece)

    def _stock(self) -> dict[Piece, int]:
        return {piece: self._look(piece.product_id).available for piece in self.basket}

    def _stock_is(self, wanted: Mapping[Piece, int]) -> None:
        for piece, now in self._stock().items():
            _must(now == wanted[piece], f"There are {now} of {piece.name}, not {wanted[piece]}.")
            _tell("", f"stock of {piece.name}: {piece.available} before, {now} now")

    def _mail(self, order_id: str) -> list[bytes]:
        """The invoices that were mailed for the order."""
        found = []
        for listed in _ok(self.customer.download(f"{self.shop['mailbox']}/messages")):
            raw = self.customer.download(f"{self.shop['mailbox']}/messages/{listed['id']}").content
            message = email.message_from_bytes(raw, policy=email.policy.default)
            if message["X-Shop-Order"] == order_id:
                found += [part.get_content() for part in message.iter_attachments()]
        return found

    def _story(self, order_id: str) -> None:
        steps = _ok(self.customer.get(f"/orders/{order_id}"))["story"]
        _tell("", "its story: " + ", ".join(f"{step['status']} ({step['cause']})" for step in steps))


@frozen
class Trace:
    """What handlers did for one order since a moment."""

    traces: Traces
    since: datetime
    order_id: str

    def wait(self, service: str, handler: str) -> Handled:
        """The first time that the handler did something for the order. Raises LocalError if it never does."""
        return _eventually(
            f"{handler} of the {service} service",
            lambda: self.traces.first(service, handler, self.order_id, self.since),
        )


def _run_schedule(service: str, name: str) -> None:
    """Does at once what the schedule would do within the minute."""
    event = {
        "version": "0",
        "id": "demo",
        "account": ACCOUNT_ID,
        "region": REGION,
        "resources": [],
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "detail": {},
        "time": "",
    }
    answer = client("lambda").invoke(
        FunctionName=f"{service}-{STAGE}-{name}", Payload=json.dumps(event).encode()
    )
    _must("FunctionError" not in answer, f"The function {name} failed; 'make logs' may tell why.")


def _in_postgres(order_id: str) -> bool:
    database = Database(lambda _: Login(**postgres.ensure_database("order").application))
    try:
        return bool(database.run("SELECT 1 FROM orders WHERE order_id = :id ::uuid", id=order_id))
    finally:
        database.close()


def _in_cassandra(order_id: str) -> str | None:
    """The archived order's state and the number of its invoice, as the table has them."""
    from cassandra.cluster import Cluster

    address = cassandra.ensure_keyspace(ARCHIVE_KEYSPACE)
    with Cluster(address["contact_points"], port=address["port"]) as cluster:
        found = cluster.connect(address["keyspace"]).execute(
            "SELECT status, invoice_number FROM archived_orders WHERE order_id = %s", [UUID(order_id)]
        )
        row = found.one()
    return f"{row.status}, invoice {row.invoice_number}" if row else None


def _eventually(what: str, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise NotAsItShouldBe(f"Waited {PATIENCE_SECONDS} s for {what} in vain; 'make logs' may tell why.")


def _found(answer: httpx.Response) -> Any:
    return None if answer.status_code == 404 else _ok(answer)


def _ok(answer: httpx.Response, status: int = 200) -> Any:
    if answer.status_code != status:
        _fail(f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text}")
    return answer.json()


def _must(condition: bool, otherwise: str) -> None:
    if not condition:
        _fail(otherwise)


def _fail(sentence: str) -> NoReturn:
    raise NotAsItShouldBe(sentence)


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    """Yields a function that tells the milliseconds that the block took."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: ((ended[0] if ended else time.perf_counter()) - began) * 1000
    ended.append(time.perf_counter())


def _tell(step: str, what: str, milliseconds: float | None = None) -> None:
    spent = f"{milliseconds:9.1f} ms" if milliseconds is not None else ""
    print(f"{step:>6}  {what:<78}{spent}".rstrip(), flush=True)
