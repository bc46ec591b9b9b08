"""What AWS, the payment provider and the mail service do, simulated in a world where they fail."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from attrs import define, evolve, field

from common.aws.functions import unwrap
from common.codec import write
from common.domain.invoice import PREFIX
from common.domain.money import Money
from common.domain.order import Order, OrderLine
from common.errors import ShopError, Unavailable
from common.events import Message
from common.logging import correlation_id
from common.ports.archive import OrderCopy
from common.ports.mail import Mail
from common.ports.objects import StoredObject
from common.ports.provider import Checkout
from common.repositories.memory.archive import MemoryArchive
from common.repositories.memory.objects import MemoryObjects
from common.repositories.postgres.database import Database
from tests.faults.world import World

VISIBILITY = timedelta(minutes=3)
MAX_RECEIVES = 5
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
            self.world.plan(self.world.soon(400), lambda: self._quietly(handler, event))
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
        self.world.plan(after, self.deliver)

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
        try:
            with self.world.invocation():
                answer = self.consumer(event)
        except ShopError:
            return batch
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}

    def redrive(self) -> None:
        """What an operator does about dead letters."""
        bodies, self.dead_letters = self.dead_letters, []
        for body in bodies:
            self._send(body)

    def is_empty(self) -> bool:
        return not self._waiting and not self.dead_letters


@define
class SimulatedTopic:
    """`Publisher`: an SNS topic with the queues that subscribed."""

    world: World
    queues: Sequence[SimulatedQueue]

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
            for queue in self.queues:
                queue.send(message.body)
        return [message.message_id for message in taken]


@define
class SimulatedBucket:
    """`ObjectStore`: S3, with conditional puts, and an event for each new invoice.

    An event that its handler fails three times is given up, as Lambda gives up asynchronous invocations.
    """

    world: World
    on_invoice: Handler
    objects: MemoryObjects

    def _do(self, act: Callable[[], Any]) -> Any:
        return self.world.effect(
            "The store of files",
            "a file operation fails before it is done",
            "a file operation is not answered",
            act,
        )

    def add(self, key: str, body: bytes, content_type: str) -> bool:
        return bool(self._do(lambda: self._add(key, body, content_type)))

    def _add(self, key: str, body: bytes, content_type: str) -> bool:
        added = self.objects.add(key, body, content_type)
        if added and key.startswith(PREFIX):
            for _ in range(2 if self.world.strikes("an event comes twice") else 1):
                late = self.world.strikes("an event comes late")
                self.world.plan(self.world.soon(3600 if late else 2), lambda: self._tell(key, 3))
        return added

    def _tell(self, key: str, tries: int) -> None:
        event = {"Records": [{"s3": {"bucket": {"name": "invoices"}, "object": {"key": key}}}]}
        try:
            with self.world.invocation():
                self.on_invoice(event)
        except ShopError:
            if tries > 1:
                self.world.plan(timedelta(minutes=1), lambda: self._tell(key, tries - 1))

    def replace(self, key: str, body: bytes, content_type: str, version: str) -> bool:
        return bool(self._do(lambda: self.objects.replace(key, body, content_type, version)))

    def get(self, key: str) -> StoredObject | None:
        found: StoredObject | None = self._do(lambda: self.objects.get(key))
        return found

    def remove(self, key: str) -> None:
        self._do(lambda: self.objects.remove(key))

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(self._do(lambda: list(self.objects.keys(prefix))))

    def link(self, key: str, file_name: str, valid: timedelta) -> str | None:
        return str(self._do(lambda: self.objects.link(key, file_name, valid)))


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
class SimulatedMail:
    """`Mailer`. `sent` counts the mails of each order; `unheard` those that went out once more because
    whoever sent the one before died, or heard nothing, before it could be noted."""

    world: World
    objects: MemoryObjects
    sent: Counter[str] = field(factory=Counter)
    unheard: Counter[str] = field(factory=Counter)
    _sender: dict[str, int] = field(factory=dict)

    def send(self, mail: Mail) -> None:
        self.world.effect(
            "The mail service",
            "a mail fails before it is taken",
            "a mail is not answered",
            lambda: self._take(mail.headers["X-Shop-Order"]),
        )

    def _take(self, order_id: str) -> None:
        noted = self.objects.get(f"mails/sent/{order_id}") is not None
        alive = self._sender.get(order_id) in self.world.running
        if self.sent[order_id] and not noted and not alive:
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
    unanswered: Counter[str] = field(factory=Counter)
    _count: Iterator[int] = field(factory=lambda: iter(range(1, 10**9)))

    def _do(self, act: Callable[[], Any]) -> Any:
        return self.world.effect(
            "The payment provider",
            "the provider fails before it acts",
            "the provider is not answered",
            act,
        )

    def open_checkout(
        self, order_id: UUID, lines: Sequence[OrderLine], total: Money, email: str, expires_at: datetime
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
        self._do(lambda: self.refunded.setdefault(payment_id, amount))

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
            paid = Money(paid.amount + self.world.random.choice([-1, 1]), paid.currency)
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
        event = {
            "id": event_id,
            "object": "event",
            "type": kind,
            "created": int(self.world.now().timestamp()),
            "livemode": False,
            "data": {"object": about},
        }
        body = json.dumps(event).encode()
        self.unanswered[event_id] = 1
        for _ in range(2 if self.world.strikes("a webhook comes twice") else 1):
            late = self.world.strikes("a webhook comes late")
            wait = self.world.soon(3 * 3600 if late else 5)
            self.world.plan(wait, lambda: self._post(event_id, body, timedelta(minutes=1)))

    def _post(self, event_id: str, body: bytes, pause: timedelta) -> None:
        at = int(self.world.now().timestamp())
        signature = hmac.new(WEBHOOK_SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        status = self.webhook(body, f"t={at},v1={signature}")
        if 200 <= status < 300 and not self.world.strikes("a webhook is not answered"):
            self.unanswered.pop(event_id, None)
        else:
            again = min(pause * 3, timedelta(hours=12))
            self.world.plan(pause, lambda: self._post(event_id, body, again))


def received_by_order(provider: SimulatedProvider) -> dict[UUID, list[str]]:
    """The payments that the provider took, by order."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for intent, order_id in provider.orders.items():
        found[order_id].append(intent)
    return found
