"""What AWS, the payment provider and the mail service do, simulated in a world where they fail."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from uuid import UUID

from attrs import define, evolve, field

from common.aws.clients import Answer, CallFailed
from common.aws.functions import unwrap
from common.codec import write
from common.domain.invoice import PREFIX, invoice_key
from common.domain.money import Money
from common.domain.order import Order, OrderLine
from common.domain.suggestions import Purchase
from common.errors import ShopError, Unavailable
from common.events import Message
from common.logging import correlation_id
from common.ports.archive import OrderCopy
from common.ports.mail import Mail
from common.ports.provider import Checkout
from common.repositories.memory.archive import MemoryArchive
from common.repositories.memory.suggestions import MemoryPurchases
from common.repositories.postgres.database import Database
from tests.faults.world import World

VISIBILITY = timedelta(minutes=3)
MAX_RECEIVES = 5
GATHERING = timedelta(minutes=4)
BATCH = 10
WEBHOOK_SECRET = "whsec_of_the_simulated_provider"

T = TypeVar("T")

# Takes an event, returns what the handler returns. Raises what the handler raises.
Handler = Callable[[dict[str, Any]], Any]


@define
class FaultyDatabase(Database):
    """A real database whose statements may fail before they run, be lost after they ran, or run twice."""

    world: World = field(kw_only=True)

    def transaction(self, work: Any, *, begin: bool = True) -> Any:
        return self.world.effect(
            "The database",
            "a statement fails before it runs",
            "a statement is not answered",
            lambda: self._run(work, begin),
        )

    def _run(self, work: Any, begin: bool) -> Any:
        with self.world.transaction():
            result = super().transaction(work, begin=begin)
            # As `Database` does where the connection breaks before the answer to a commit.
            if self.world.strikes("a statement runs twice"):
                result = super().transaction(work, begin=begin)
        return result


@define
class SimulatedFunctions:
    """`Functions`: Lambda's synchronous invocation. `handlers` by service and function."""

    world: World
    handlers: Mapping[tuple[str, str], Handler]

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> Any:
        event = json.loads(write({"arguments": arguments, "correlation_id": correlation_id()}))
        handler = self.handlers[service, function]
        if self.world.strikes("a call arrives late"):
            self.world.plan(self.world.soon(1200), lambda: self._quietly(handler, event))
            self.world.blows += 1
            raise Unavailable(f"The {service} service does not answer.")
        answer = self.world.effect(
            f"The {service} service",
            "a call fails before it is made",
            "a call is not answered",
            lambda: self._invoke(handler, event),
        )
        return unwrap(answer)

    def _invoke(self, handler: Handler, event: dict[str, Any]) -> Any:
        try:
            with self.world.invocation():
                return json.loads(json.dumps(handler(event)))
        except ShopError as error:
            raise Unavailable("The function failed.") from error

    def _quietly(self, handler: Handler, event: dict[str, Any]) -> None:
        try:
            self._invoke(handler, event)
        except Unavailable:
            return


@define(eq=False)
class SimulatedQueue:
    """An SQS queue with a consumer, and its dead-letter queue."""

    world: World
    consumer: Handler
    dead_letters: list[str] = field(factory=list)
    _waiting: dict[str, tuple[datetime, int, str]] = field(factory=dict)
    _count: int = 0

    def send(self, body: str) -> None:
        for _ in range(2 if self.world.strikes("a message comes twice") else 1):
            self._send(body)

    def _send(self, body: str) -> None:
        if self.world.strikes("a message comes only when it is redriven"):
            self.dead_letters.append(body)
            return
        late = self.world.strikes("a message comes late")
        self._count += 1
        self._wait(f"message-{self._count}", 0, body, self.world.soon(3600 if late else 5))

    def _wait(self, message_id: str, receives: int, body: str, after: timedelta) -> None:
        self._waiting[message_id] = self.world.now() + after, receives, body
        # The poller lets some gather: a batch of one has no others that its failure could take along.
        self.world.plan(after + self.world.soon(GATHERING.total_seconds()), self.deliver)

    def deliver(self) -> None:
        """Hands some of the visible messages to the consumer, in any order; those that fail come again."""
        now = self.world.now()
        visible = [message_id for message_id, (at, _, _) in self._waiting.items() if at <= now]
        self.world.random.shuffle(visible)
        batch = visible[: self.world.random.randint(1, BATCH)]
        if not batch:
            return
        received = {message_id: self._waiting[message_id] for message_id in batch}
        for message_id, (_, receives, body) in received.items():
            self._wait(message_id, receives + 1, body, VISIBILITY)
        records = [
            {"messageId": message_id, "receiptHandle": message_id, "body": received[message_id][2]}
            for message_id in batch
        ]
        failed = self._consume({"Records": records}, set(batch))
        for message_id in batch:
            if message_id not in failed and not self.world.strikes("an acknowledgement is lost"):
                self._waiting.pop(message_id, None)
            elif message_id in self._waiting and self._waiting[message_id][1] >= MAX_RECEIVES:
                self.dead_letters.append(self._waiting.pop(message_id)[2])

    def _consume(self, event: dict[str, Any], batch: set[str]) -> set[str]:
        before = self.world.blows
        try:
            with self.world.invocation():
                answer = self.consumer(event)
        except ShopError:
            return batch
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        if len(failed) > self.world.blows - before:
            self.world.surprises.append(f"{len(failed)} messages of a batch failed, more than met a fault.")
        return failed

    def redrive(self) -> None:
        """What an operator does about dead letters."""
        bodies, self.dead_letters = self.dead_letters, []
        for body in bodies:
            self._send(body)

    def is_empty(self) -> bool:
        return not self._waiting and not self.dead_letters


@define
class SimulatedTopic:
    """`Publisher`: an SNS topic with the queues that subscribed. `is_saved` looks from outside."""

    world: World
    queues: Sequence[SimulatedQueue]
    is_saved: Callable[[str], bool]

    def publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        try:
            return self.world.effect(
                "The topic",
                "publishing fails before it is done",
                "publishing is not answered",
                lambda: self._publish(messages),
            )
        except Unavailable:
            return []

    def _publish(self, messages: Sequence[Message]) -> Sequence[UUID]:
        taken = messages[::2] if self.world.strikes("the topic takes only a part") else messages
        for message in taken:
            payment_id = json.loads(message.body)["data"]["payment_id"]
            if not self.is_saved(payment_id):
                self.world.surprises.append(f"Payment {payment_id} was told of before it was saved.")
            for queue in self.queues:
                queue.send(message.body)
        return [message.message_id for message in taken]


@define
class SimulatedS3:
    """What a client of S3 does: conditional puts, and an event for each new invoice.

    An event that its handler fails three times is given up, as Lambda gives up asynchronous invocations.
    """

    world: World
    on_invoice: Handler
    kept: dict[str, tuple[bytes, datetime]] = field(factory=dict)

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        return self._do(lambda: self._answer(operation, path[1:], query or {}, headers or {}, body))

    def _answer(
        self, operation: str, key: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        match operation:
            case "PutObject":
                self._put(key, body, headers)
            case "GetObject":
                body, at = self._get(key)
                return Answer({"etag": _etag(body), "last-modified": format_datetime(at, usegmt=True)}, body)
            case "DeleteObject":
                self.kept.pop(key, None)
            case "ListObjectsV2":
                contents = (f"<Contents><Key>{key}</Key></Contents>" for key in self.keys(query["prefix"]))
                return Answer({}, f"<ListBucketResult>{''.join(contents)}</ListBucketResult>".encode())
        return Answer({}, b"")

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with `prefix`; nothing fails here, the books look at it."""
        return sorted(key for key in self.kept if key.startswith(prefix))

    def _do(self, act: Callable[[], T]) -> T:
        return self.world.effect(
            "The store of files",
            "a file operation fails before it is done",
            "a file operation is not answered",
            act,
        )

    def _get(self, key: str) -> tuple[bytes, datetime]:
        if key not in self.kept:
            raise CallFailed("GetObject", "NoSuchKey", "")
        return self.kept[key]

    def _put(self, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        known, match = self.kept.get(key), headers.get("if-match")
        if ("if-none-match" in headers and known) or (match and known and _etag(known[0]) != match):
            raise CallFailed("PutObject", "PreconditionFailed", "")
        if match and not known:
            raise CallFailed("PutObject", "NoSuchKey", "")
        self.kept[key] = body, self.world.now()
        if key.startswith(PREFIX):
            if known:
                self.world.surprises.append(f"{key} was written a second time.")
            for _ in range(2 if self.world.strikes("an event comes twice") else 1):
                late = self.world.strikes("an event comes late")
                self.world.plan(self.world.soon(3600 if late else 2), lambda: self._tell(key, 3))

    def _tell(self, key: str, tries: int) -> None:
        event = {"Records": [{"s3": {"bucket": {"name": "invoices"}, "object": {"key": key}}}]}
        try:
            with self.world.invocation():
                self.on_invoice(event)
        except ShopError:
            if tries > 1:
                self.world.plan(timedelta(minutes=1), lambda: self._tell(key, tries - 1))


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@define
class FaultyArchive:
    """`OrderArchive` that refuses, does not answer, keeps only some of what it was given, or reads stale."""

    world: World
    kept: MemoryArchive = field(factory=MemoryArchive)

    def _do(self, act: Callable[[], T]) -> T:
        return self.world.effect(
            "The archive", "the archive fails before it acts", "the archive is not answered", act
        )

    def put(self, copies: Sequence[OrderCopy]) -> None:
        part = copies[::2] if self.world.strikes("the archive keeps only a part") else copies
        self._do(lambda: self.kept.put(part))

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        found = self._do(lambda: self.kept.read_back(copies))
        if self.world.strikes("the archive reads what was before"):
            return {order_id: evolve(copy, story="[]") for order_id, copy in found.items()}
        return found

    def get(self, order_id: UUID) -> Order | None:
        return self._do(lambda: self.kept.get(order_id))

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        return self._do(lambda: self.kept.page(customer_id, before, limit))


@define
class FaultyPurchases:
    """`Purchases` that refuse, do not answer, or keep only some of what they were given before they fail."""

    world: World
    kept: MemoryPurchases = field(factory=MemoryPurchases)

    def _do(self, act: Callable[[], T]) -> T:
        return self.world.effect(
            "The store of purchases",
            "the purchases fail before they act",
            "the purchases are not answered",
            act,
        )

    def put(self, purchases: Sequence[Purchase]) -> None:
        if self.world.strikes("the purchases keep only a part"):
            self.kept.put(purchases[::2])
            raise Unavailable("The store of purchases fails.")
        self._do(lambda: self.kept.put(purchases))

    def newest(self, product_id: str, limit: int) -> Sequence[Purchase]:
        return self._do(lambda: self.kept.newest(product_id, limit))

    def keep(self, suggestions: Mapping[str, Sequence[str]]) -> None:
        self._do(lambda: self.kept.keep(suggestions))

    def suggestions(self, product_id: str) -> Sequence[str]:
        return self._do(lambda: self.kept.suggestions(product_id))


@define
class SimulatedMail:
    """`Mailer`. `sent` counts the mails of each order; `unheard` those that went out once more because the
    world struck whoever sent the one before, after the yes and before it could be noted."""

    world: World
    s3: SimulatedS3
    sent: Counter[str] = field(factory=Counter)
    unheard: Counter[str] = field(factory=Counter)
    _sender: dict[str, int] = field(factory=dict)

    def send(self, mail: Mail) -> None:
        self.world.effect(
            "The mail service",
            "a mail fails before it is taken",
            "a mail is not answered",
            lambda: self._take(mail),
        )

    def _take(self, mail: Mail) -> None:
        order_id = mail.headers["X-Shop-Order"]
        invoice, _ = self.s3.kept[invoice_key(UUID(order_id))]
        if (mail.to, [attached.body for attached in mail.attachments]) != (
            json.loads(invoice)["customer_email"],
            [invoice],
        ):
            self.world.surprises.append(f"The mail of order {order_id} is not its invoice to its customer.")
        noted = f"mails/sent/{order_id}" in self.s3.kept
        if self.sent[order_id] and not noted and self._sender[order_id] in self.world.struck:
            self.unheard[order_id] += 1
        self.sent[order_id] += 1
        self._sender[order_id] = self.world.running[-1]


@define
class Session:
    """A checkout at the provider."""

    session_id: str
    order_id: UUID
    total: Money
    expires_at: datetime
    is_open: bool = True


@define
class SimulatedProvider:
    """`PaymentProvider`, and what people do on its page. Webhooks are signed, and sent until a 2xx comes."""

    world: World
    webhook: Callable[[bytes, str], int]
    sessions: dict[UUID, Session] = field(factory=dict)
    received: dict[str, Money] = field(factory=dict)
    refunded: dict[str, Money] = field(factory=dict)
    orders: dict[str, UUID] = field(factory=dict)
    _refunder: dict[str, int] = field(factory=dict)
    unanswered: Counter[str] = field(factory=Counter)
    acknowledged: set[str] = field(factory=set)
    _count: Iterator[int] = field(factory=lambda: iter(range(1, 10**9)))

    def _do(self, act: Callable[[], Any]) -> Any:
        return self.world.effect(
            "The payment provider",
            "the provider fails before it acts",
            "the provider is not answered",
            act,
        )

    def open_checkout(
        self,
        order_id: UUID,
        lines: Sequence[OrderLine],
        total: Money,
        email: str,
        expires_at: datetime,
        correlation_id: str = "",
    ) -> Checkout:
        session: Session = self._do(
            lambda: self.sessions.setdefault(
                order_id, Session(f"cs_{order_id.hex}", order_id, total, expires_at)
            )
        )
        return Checkout(session.session_id, f"https://pay.example/{session.session_id}", expires_at)

    def close_checkout(self, checkout_id: str) -> None:
        self._do(lambda: self._close(checkout_id))

    def _close(self, checkout_id: str) -> None:
        for session in self.sessions.values():
            if session.session_id == checkout_id and session.is_open:
                session.is_open = False
                self._tell("checkout.session.expired", self._session(session, "unpaid", None))

    def refund(self, payment_id: str, amount: Money) -> None:
        self._do(lambda: self._refund(payment_id, amount))

    def _refund(self, payment_id: str, amount: Money) -> None:
        # Whoever gave it back before had noted that before this run began, if nothing struck it.
        earlier = self._refunder.get(payment_id)
        *outer, this = self.world.running
        if earlier is not None and earlier < this and earlier not in {*outer, *self.world.struck}:
            self.world.surprises.append(f"Payment {payment_id} was given back a second time.")
        self._refunder[payment_id] = this
        self.refunded.setdefault(payment_id, amount)

    def pay(self, order_id: UUID) -> None:
        """A customer pays, if the page is still open; what is paid may be another amount.

        As at Stripe, a declined attempt and the success after it are one payment. Somebody who pays twice
        makes a second one.
        """
        session = self.sessions.get(order_id)
        if session is None or not session.is_open:
            return
        paid = session.total
        if self.world.strikes("another amount is paid"):
            more, currency = self.world.random.choice([(-1, paid.currency), (1, paid.currency), (0, "EUR")])
            paid = Money(paid.amount + more, currency)
        intent = self._intent_of(session)
        if intent in self.received:
            intent += "_again"
        self.received[intent] = paid
        self.orders[intent] = order_id
        self._tell("payment_intent.succeeded", self._intent(session, intent, paid, ""))
        self._tell("checkout.session.completed", self._session(session, "paid", intent, paid))

    def decline(self, order_id: UUID) -> None:
        """A customer's card is declined. The page stays open."""
        session = self.sessions.get(order_id)
        if session is not None and session.is_open:
            declined = self._intent(session, self._intent_of(session), session.total, "card_declined")
            self._tell("payment_intent.payment_failed", declined)

    def lie(self, order_id: UUID) -> None:
        """A stranger says that the order was paid; and a webhook of an hour ago is sent by somebody again."""
        session = self.sessions.get(order_id) or Session("cs", order_id, Money(1, "USD"), self.world.now())
        about = self._intent(session, f"pi_of_nobody_{order_id.hex}", session.total, "")
        at = int(self.world.now().timestamp())
        body = self._event(f"evt_{next(self._count)}", "payment_intent.succeeded", about)
        for signature in (_signed(body, at, "whsec_guessed"), _signed(body, at - 3600, WEBHOOK_SECRET)):
            if 200 <= self.webhook(body, signature) < 300:
                self.world.surprises.append("A stranger's webhook was believed.")

    def _intent_of(self, session: Session) -> str:
        return f"pi_{session.order_id.hex}"

    def _intent(self, session: Session, intent: str, paid: Money, declined: str) -> dict[str, Any]:
        return {
            "id": intent,
            "amount": paid.amount,
            "amount_received": 0 if declined else paid.amount,
            "currency": paid.currency.lower(),
            "metadata": {"order_id": str(session.order_id)},
            "last_payment_error": {"code": declined} if declined else None,
        }

    def _session(
        self, session: Session, status: str, intent: str | None, paid: Money | None = None
    ) -> dict[str, Any]:
        amount = paid or session.total
        return {
            "id": session.session_id,
            "payment_intent": intent,
            "payment_status": status,
            "amount_total": amount.amount,
            "currency": amount.currency.lower(),
            "metadata": {"order_id": str(session.order_id)},
        }

    def _tell(self, kind: str, about: dict[str, Any]) -> None:
        event_id = f"evt_{next(self._count)}"
        body = self._event(event_id, kind, about)
        self.unanswered[event_id] = 1
        for _ in range(2 if self.world.strikes("a webhook comes twice") else 1):
            late = self.world.strikes("a webhook comes late")
            wait = self.world.soon(3 * 3600 if late else 5)
            self.world.plan(wait, lambda: self._post(event_id, body, timedelta(minutes=1)))

    def _event(self, event_id: str, kind: str, about: dict[str, Any]) -> bytes:
        event = {
            "id": event_id,
            "object": "event",
            "type": kind,
            "created": int(self.world.now().timestamp()),
            "livemode": False,
            "data": {"object": about},
        }
        return json.dumps(event).encode()

    def _post(self, event_id: str, body: bytes, pause: timedelta) -> None:
        at = int(self.world.now().timestamp())
        status = self.webhook(body, _signed(body, at, WEBHOOK_SECRET))
        if 200 <= status < 300:
            self.acknowledged.add(event_id)
        if 200 <= status < 300 and not self.world.strikes("a webhook is not answered"):
            self.unanswered.pop(event_id, None)
        else:
            again = min(pause * 3, timedelta(hours=12))
            self.world.plan(pause, lambda: self._post(event_id, body, again))


def _signed(body: bytes, at: int, secret: str) -> str:
    """The Stripe-Signature header of a webhook."""
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signature}"


def received_by_order(provider: SimulatedProvider) -> dict[UUID, list[str]]:
    """The payments that the provider took, by order."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for intent, order_id in provider.orders.items():
        found[order_id].append(intent)
    return found
