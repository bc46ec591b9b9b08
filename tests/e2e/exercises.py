"""What each function of the running shop does with each of its permissions, as a program that asks it to.

An exercise says whether the function did all that it should. It prepares what it needs, and leaves the books
as they were, whether the function could do its work or not.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from attrs import define, field

from local.customer import Customer
from local.emulator.server import mail_folder
from tests.e2e.permissions import Permission, lambda_name
from tests.e2e.running import BUCKET, Person, Row, RunningShop, eventually, found

NOBODY = str(uuid.UUID(int=0))


@define
class Trial:
    """A shop with somebody's orders in it, and what a call of each kind of function looks like."""

    shop: RunningShop
    person: Person
    operator: Customer
    product: str
    canceled: str
    """An order that was canceled before anybody paid it."""
    paid: list[str]
    """Orders that were paid, invoiced and mailed."""
    key: str = field(factory=lambda: str(uuid.uuid4()))

    @property
    def order(self) -> str:
        """A paid order that is only looked at."""
        return self.paid[0]

    def unused(self) -> str:
        """A paid order that no exercise has touched."""
        return self.paid.pop()

    def call(self, function: str, **arguments: Any) -> bool:
        """Calls an internal function; whether it answered, be it with an error of the shop's own."""
        return self.invoke(function, {"arguments": arguments, "correlation_id": "permissions"})

    def invoke(self, function: str, event: object) -> bool:
        """Hands a function an event; whether it did not fail, nor reported a message that failed."""
        answer = self.shop.aws("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read())
        return "FunctionError" not in answer and not (
            isinstance(payload, dict) and payload.get("batchItemFailures")
        )

    def get(self, path: str) -> Row:
        """What a GET answers; nothing where that is no success."""
        answer = self.person.shop.get(path)
        return dict(answer.json()) if answer.is_success else {}

    def message(self, order_id: str) -> str:
        """The message about the order's payment, as the queues had it."""
        rows = self.shop.rows("payment", "SELECT body FROM outbox WHERE strpos(body, :id) > 0", id=order_id)
        return str(rows[0]["body"])

    def is_there(self, key: str) -> bool:
        return bool(self.shop.aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents"))

    def put(self, key: str) -> None:
        self.shop.aws("s3").put_object(Bucket=BUCKET, Key=key, Body=b"")

    def remove(self, key: str) -> None:
        self.shop.aws("s3").delete_object(Bucket=BUCKET, Key=key)


Exercise = Callable[[Trial], bool]

_EVERY_ORDER = {"first": NOBODY, "last": str(uuid.UUID(int=2**128 - 1)), "limit": 1}


def exercise_of(permission: Permission) -> Exercise:
    """What the function does with the permission; KeyError where nobody has said it."""
    service, function, statement = permission.service, permission.function, permission.statement
    by_action = (service, function, statement, permission.action)
    special = _SPECIAL.get(by_action) or _SPECIAL.get((service, function, statement))
    if special:
        return special
    plain = _PLAIN.get((service, function))
    return plain or (_paid if function == "on_payment" else _scheduled)(lambda_name(service, function))


def _scheduled(function: str) -> Exercise:
    event = {"version": "0", "id": "1", "account": "0", "region": "us-east-1", "time": "", "resources": []}
    event |= {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    return lambda trial: trial.invoke(function, event)


def _queued(function: str, body: Callable[[Trial], str]) -> Exercise:
    def exercise(trial: Trial) -> bool:
        record = {"messageId": "1", "receiptHandle": "1", "body": body(trial), "eventSource": "aws:sqs"}
        return trial.invoke(function, {"Records": [record]})

    return exercise


def _paid(function: str) -> Exercise:
    return _queued(function, lambda trial: trial.message(trial.order))


def _strangers_message(trial: Trial) -> str:
    """Of a payment and an order that there are not: the archive is asked, and the money is to go back."""
    return _changed_message(trial, order_id=NOBODY, payment_id="nobody's")


def _failures_message(trial: Trial) -> str:
    """Of a payment that failed, of an order that was canceled anyway: its stock is given back, once more."""
    return _changed_message(trial, order_id=trial.canceled, payment_id="nobody's", status="failed")


def _changed_message(trial: Trial, **changed: str) -> str:
    message = json.loads(trial.message(trial.order))
    message["data"] |= changed
    return json.dumps(message)


# The order service


def _places(trial: Trial, key: str | None = None) -> str:
    """An order that was placed, or nothing. Under the same key, the same order goes on from where it was."""
    answer = trial.person.shop.order([(trial.product, 1)], key)
    return str(answer.json()["order_id"]) if answer.status_code == 201 else ""


def _places_and_cancels(trial: Trial) -> bool:
    order_id = _places(trial)
    found(trial.person.shop.post(f"/orders/{order_id}/cancel"))
    return _has_its_stock_back(trial, order_id)


def _returns_stock(trial: Trial) -> bool:
    # Giving it back again changes nothing at the inventory, but has to be done again.
    sql = "UPDATE orders SET stock_returned_at = NULL WHERE order_id = :id"
    trial.shop.rows("order", sql, id=trial.canceled)
    _scheduled("order-local-return_stock")(trial)
    return _has_its_stock_back(trial, trial.canceled)


def _has_its_stock_back(trial: Trial, order_id: str) -> bool:
    sql = "SELECT 1 FROM orders WHERE order_id = :id AND stock_returned_at IS NOT NULL"
    return bool(trial.shop.rows("order", sql, id=order_id))


def _archives(trial: Trial) -> bool:
    order_id = trial.unused()
    found(trial.operator.post(f"/orders/{order_id}/deliver"))
    _scheduled("order-local-archive_delivered")(trial)
    return not trial.shop.rows("order", "SELECT 1 FROM orders WHERE order_id = :id", id=order_id)


def _ranks(trial: Trial) -> bool:
    sql = """
        INSERT INTO suggestions_due (product_id) VALUES (:id)
        ON CONFLICT (product_id) DO UPDATE SET taken_until = '-infinity'
    """
    trial.shop.rows("order", sql, id=trial.product)
    _scheduled("order-local-rank_suggestions")(trial)
    left = trial.shop.rows("order", "SELECT 1 FROM suggestions_due WHERE product_id = :id", id=trial.product)
    return not left


# The payment service


def _opens_a_checkout(trial: Trial) -> bool:
    asked = trial.person.shop.post("/payments/checkout", {"order_id": _places(trial)})
    return asked.status_code == 201


def _publishes_at_once(trial: Trial) -> bool:
    order_id = _places(trial)
    trial.person.pay(order_id)

    def is_told() -> bool:
        deliveries = [one for event in trial.shop.events(order_id) for one in event["deliveries"]]
        return bool(deliveries) and all(delivery["delivered"] for delivery in deliveries)

    eventually("the webhooks to be answered", is_told)
    return _is_published(trial, order_id)


def _publishes_later(trial: Trial) -> bool:
    sql = "UPDATE outbox SET published_at = NULL WHERE strpos(body, :id) > 0"
    trial.shop.rows("payment", sql, id=trial.order)
    _scheduled("payment-local-publish_outbox")(trial)
    return _is_published(trial, trial.order)


def _is_published(trial: Trial, order_id: str) -> bool:
    sql = "SELECT 1 FROM outbox WHERE strpos(body, :id) > 0 AND published_at IS NULL"
    return not trial.shop.rows("payment", sql, id=order_id)


def _refunds(trial: Trial) -> bool:
    order_id = _places(trial)
    page = trial.person.shop.checkout(order_id)
    found(trial.person.shop.post(f"/orders/{order_id}/cancel"))
    trial.person.shop.press(page, "pay")

    def status() -> str:
        rows = trial.shop.rows("payment", "SELECT status FROM payments WHERE order_id = :id", id=order_id)
        return str(rows[0]["status"]) if rows else ""

    eventually("the refund to be due", lambda: status() == "refund_due")
    _scheduled("payment-local-send_refunds")(trial)
    return status() == "refunded"


# The invoice and the notification service


def _told_of_invoice(order_id: str) -> Row:
    return {"Records": [{"s3": {"bucket": {"name": BUCKET}, "object": {"key": f"invoices/{order_id}.pdf"}}}]}


def _mails(function: str, *, for_the_first_time: bool) -> Exercise:
    """Takes up a due mail: one that was never sent, or one whose sender died before it said so."""
    name = lambda_name("notification", function)

    def exercise(trial: Trial) -> bool:
        due, sent = f"mails/due/{trial.order}", f"mails/sent/{trial.order}"
        mails = mail_folder(trial.shop.home)
        before = set(mails.iterdir())
        if for_the_first_time:
            trial.remove(sent)
        trial.put(due)
        try:
            if function == "on_invoice":
                trial.invoke(name, _told_of_invoice(trial.order))
            else:
                _scheduled(name)(trial)
            return trial.is_there(sent) and not trial.is_there(due)
        finally:
            # It was mailed long ago, and the customer gets no second one.
            trial.put(sent)
            trial.remove(due)
            for mail in set(mails.iterdir()) - before:
                mail.unlink()

    return exercise


def _tells_that_there_is_no_invoice(trial: Trial) -> bool:
    return trial.person.shop.get(f"/invoices/{trial.canceled}").status_code == 404


def _puts_a_product(trial: Trial) -> bool:
    """The one that the trial is about, as it is."""
    get = {"arguments": {"product_ids": [trial.product]}, "correlation_id": "permissions"}
    answer = trial.shop.aws("lambda").invoke(
        FunctionName="product-local-get_products", Payload=json.dumps(get).encode()
    )
    [product] = json.loads(answer["Payload"].read())["value"].values()
    return trial.call("product-local-put_products", products=[product])


_LINES = {"lines": [{"product_id": "nobody-sells-this", "quantity": 0}]}
_BOUNCE = {"notificationType": "Bounce", "mail": {"headers": [{"name": "X-Shop-Order", "value": NOBODY}]}}
_BOUNCED = {"Records": [{"Sns": {"Subject": None, "Message": json.dumps(_BOUNCE), "MessageAttributes": {}}}]}

# The simplest that a function does; a schedule of which nothing is said here is told that it is time.
_PLAIN: dict[tuple[str, str], Exercise] = {
    ("product", "api_handler"): lambda t: bool(t.get(f"/products/{t.product}")),
    ("product", "get_products"): lambda t: t.call("product-local-get_products", product_ids=[t.product]),
    ("product", "put_products"): _puts_a_product,
    ("product", "migrate"): lambda t: t.call("product-local-migrate"),
    ("inventory", "get_inventory"): lambda t: t.call(
        "inventory-local-get_inventory", product_ids=[t.product]
    ),
    ("inventory", "reserve_stock"): lambda t: t.call(
        "inventory-local-reserve_stock",
        order_id=str(uuid.uuid4()),
        lines=[{"product_id": "nobody-sells-this", "quantity": 1}],
    ),
    ("inventory", "release_stock"): lambda t: t.call("inventory-local-release_stock", order_id=t.canceled),
    ("inventory", "set_stock"): lambda t: t.call("inventory-local-set_stock", **_LINES),
    ("inventory", "stock_new_products"): lambda t: t.call("inventory-local-stock_new_products", **_LINES),
    ("inventory", "list_stock"): lambda t: t.call(
        "inventory-local-list_stock", after=None, below=None, limit=1
    ),
    ("inventory", "audit_reservations"): lambda t: t.call(
        "inventory-local-audit_reservations", **_EVERY_ORDER
    ),
    ("inventory", "on_payment"): _queued("inventory-local-on_payment", _failures_message),
    ("inventory", "migrate"): lambda t: t.call("inventory-local-migrate"),
    ("order", "api_handler"): lambda t: bool(t.get(f"/orders/{t.order}")),
    ("order", "get_order"): lambda t: t.call("order-local-get_order", order_id=t.order),
    ("order", "bought_together"): lambda t: t.call("order-local-bought_together", product_id=t.product),
    ("order", "apply_payment"): lambda t: t.call(
        "order-local-apply_payment", payment=json.loads(t.message(t.order))["data"]
    ),
    ("order", "audit_orders"): lambda t: t.call("order-local-audit_orders", **_EVERY_ORDER),
    ("order", "find_stuck"): lambda t: t.call("order-local-find_stuck", minutes=5),
    ("order", "migrate"): lambda t: t.call("order-local-migrate"),
    ("payment", "api_handler"): lambda t: bool(t.get(f"/payments/{t.order}")),
    ("payment", "request_refund"): lambda t: t.call("payment-local-request_refund", payment_id="nobody's"),
    ("payment", "audit_payments"): lambda t: t.call("payment-local-audit_payments", **_EVERY_ORDER),
    ("payment", "migrate"): lambda t: t.call("payment-local-migrate"),
    ("invoice", "api_handler"): lambda t: bool(t.get(f"/invoices/{t.order}")),
    ("notification", "on_invoice"): _mails("on_invoice", for_the_first_time=False),
    ("notification", "on_mail_event"): lambda t: t.invoke("notification-local-on_mail_event", _BOUNCED),
    ("notification", "resend_mails"): _mails("resend_mails", for_the_first_time=False),
}

# What needs more than that: by statement, or by one action of it.
_SPECIAL: dict[tuple[str, ...], Exercise] = {
    ("product", "api_handler", "CallInventoryGetInventory"): lambda t: (
        t.get(f"/products/{t.product}").get("available") is not None
    ),
    ("product", "api_handler", "CallOrderBoughtTogether"): lambda t: (
        t.get(f"/products/{t.product}/suggestions").get("incomplete") is False
    ),
    ("order", "api_handler", "ReadTheLoginOfTheArchive"): lambda t: (
        t.get("/orders").get("incomplete") is False
    ),
    ("order", "api_handler", "CallProductGetProducts"): lambda t: bool(_places(t)),
    ("order", "api_handler", "CallInventoryReserveStock"): lambda t: bool(_places(t, t.key)),
    ("order", "api_handler", "CallInventoryReleaseStock"): _places_and_cancels,
    ("order", "get_order", "ReadTheLoginOfTheArchive"): lambda t: t.call(
        "order-local-get_order", order_id=NOBODY
    ),
    ("order", "apply_payment", "ReadTheLoginOfTheArchive"): lambda t: t.call(
        "order-local-apply_payment", payment=json.loads(_strangers_message(t))["data"]
    ),
    ("order", "on_payment", "ReadTheLoginOfTheArchive"): _queued(
        "order-local-on_payment", _strangers_message
    ),
    ("order", "on_payment", "CallPaymentRequestRefund"): _queued(
        "order-local-on_payment", _strangers_message
    ),
    ("order", "return_stock", "CallInventoryReleaseStock"): _returns_stock,
    ("order", "archive_delivered", "ReadTheLoginOfTheArchive"): _archives,
    ("order", "rank_suggestions", "ReadTheLoginOfTheArchive"): _ranks,
    ("payment", "api_handler", "ReadTheKeysOfTheProvider"): _opens_a_checkout,
    ("payment", "api_handler", "TellTheOthers"): _publishes_at_once,
    ("payment", "publish_outbox", "TellTheOthers"): _publishes_later,
    ("payment", "send_refunds", "ReadTheKeysOfTheProvider"): _refunds,
    ("invoice", "api_handler", "TellAMissingFileFromAForbiddenOne"): _tells_that_there_is_no_invoice,
    ("notification", "on_invoice", "TellAMissingFileFromAForbiddenOne"): lambda t: t.invoke(
        "notification-local-on_invoice", _told_of_invoice(NOBODY)
    ),
    **{
        ("notification", function, *statement): _mails(function, for_the_first_time=True)
        for function in ("on_invoice", "resend_mails")
        for statement in (("CallOrderGetOrder",), ("NoteMails", "s3:PutObject"), ("SendMail",))
    },
}
