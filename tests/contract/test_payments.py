"""What every store of payments does: one in memory, and Postgres."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import evolve

from common.domain.payment import Payment, PaymentStatus
from common.events import Message, payment_created
from common.ports.audit import OrderRange
from common.ports.payments import PaymentRecord, PaymentRepository
from common.ports.provider import Checkout
from common.repositories.memory.payments import MemoryPayments
from common.repositories.postgres.database import Database
from common.repositories.postgres.payments import PostgresPayments
from tests.fakes import START, FakeIds
from tests.samples import new_order, payment_of


@pytest.fixture(params=["memory", "postgres"])
def payments(request: pytest.FixtureRequest) -> PaymentRepository:
    if request.param == "memory":
        return MemoryPayments()
    new_database: Callable[[str], Database] = request.getfixturevalue("new_database")
    return PostgresPayments(new_database("payment"))


@pytest.fixture
def payment(ids: FakeIds) -> Payment:
    return payment_of(new_order(ids))


def record(payments: PaymentRepository, event_id: str, payment: Payment, ids: FakeIds) -> bool:
    return payments.record(event_id, payment, payment_created(ids.new(START), payment, START, ""), START)


def published(payments: PaymentRepository, limit: int = 100) -> list[Message]:
    taken: list[Message] = []

    def send(messages: Sequence[Message]) -> list[UUID]:
        taken.extend(messages)
        return [message.message_id for message in messages]

    assert payments.publish(send, limit, START) == len(taken)
    return taken


def test_a_payment_is_found_as_it_was_recorded(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """Every field, by its order; an order without payments has none."""
    payment = evolve(payment, reason="'quoted' ☕")
    assert record(payments, "evt_1", payment, ids)
    assert payments.of_order(payment.order_id) == [payment]
    assert payments.of_order(UUID(int=9)) == []


def test_an_event_is_taken_in_once(payments: PaymentRepository, payment: Payment, ids: FakeIds) -> None:
    """The same event again, whatever it says then, changes nothing and makes no message."""
    assert record(payments, "evt_1", payment, ids)
    assert not record(payments, "evt_1", payment, ids)
    assert not record(payments, "evt_1", evolve(payment, payment_id="pi_2"), ids)
    assert payments.of_order(payment.order_id) == [payment]
    assert len(published(payments)) == 1


@pytest.mark.parametrize("first", [PaymentStatus.FAILED, PaymentStatus.EXPIRED])
def test_what_failed_may_succeed(
    payments: PaymentRepository, payment: Payment, ids: FakeIds, first: PaymentStatus
) -> None:
    """A success after a failure is news, with a message of its own, and stands for the payment."""
    assert record(payments, "evt_1", evolve(payment, status=first, reason="card_declined"), ids)
    assert record(payments, "evt_2", payment, ids)
    assert payments.of_order(payment.order_id) == [payment]
    assert len(published(payments)) == 2


def test_what_succeeded_is_never_undone_by_an_event(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """Later or late events for it are taken in and change nothing: no payment, no message."""
    record(payments, "evt_1", payment, ids)
    for number, status in enumerate((PaymentStatus.FAILED, PaymentStatus.EXPIRED, PaymentStatus.SUCCEEDED)):
        assert not record(payments, f"evt_{number + 2}", evolve(payment, status=status), ids)
    assert payments.of_order(payment.order_id) == [payment]
    assert len(published(payments)) == 1


def test_a_failure_again_is_no_news(payments: PaymentRepository, payment: Payment, ids: FakeIds) -> None:
    """A second failure of the same payment makes no second message."""
    failed = evolve(payment, status=PaymentStatus.FAILED)
    assert record(payments, "evt_1", failed, ids)
    assert not record(payments, "evt_2", evolve(failed, reason="another"), ids)
    assert payments.of_order(payment.order_id) == [failed]


def test_the_payments_of_an_order_are_told_oldest_first(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """By when they happened, not by when the shop heard of them."""
    later = evolve(payment, payment_id="pi_0", occurred_at=START + timedelta(minutes=1))
    record(payments, "evt_1", later, ids)
    record(payments, "evt_2", payment, ids)
    assert payments.of_order(payment.order_id) == [payment, later]


def test_the_first_checkout_stands(payments: PaymentRepository, payment: Payment) -> None:
    """An order has one checkout: who comes second is given the first one's."""
    first = Checkout("cs_1", "https://provider.example/cs_1", START)
    assert payments.checkout(payment.order_id) is None
    assert payments.keep_checkout(payment.order_id, first) == first
    assert payments.keep_checkout(payment.order_id, evolve(first, checkout_id="cs_2")) == first
    assert payments.checkout(payment.order_id) == first


def test_messages_are_published_oldest_first_and_once(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """As many as the limit says; what was published is not handed out again."""
    for number in range(5):
        record(payments, f"evt_{number}", evolve(payment, payment_id=f"pi_{number}"), ids)
    first, rest = published(payments, 2), published(payments)
    assert [message.message_id for message in first + rest] == sorted(m.message_id for m in first + rest)
    assert (len(first), len(rest)) == (2, 3)
    assert [f'"pi_{number}"' in message.body for number, message in enumerate(first + rest)] == [True] * 5
    assert published(payments) == []


def test_what_was_not_taken_is_published_later(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """Only messages whose ids come back are marked; the others are handed out again."""
    for number in range(3):
        record(payments, f"evt_{number}", evolve(payment, payment_id=f"pi_{number}"), ids)
    seen: list[Message] = []

    def take_the_second(messages: Sequence[Message]) -> list[UUID]:
        seen.extend(messages)
        return [messages[1].message_id]

    assert payments.publish(take_the_second, 10, START) == 1
    assert published(payments) == [seen[0], seen[2]]


def test_a_sender_that_breaks_marks_nothing(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """The error reaches the caller, and every message is handed out again."""
    record(payments, "evt_1", payment, ids)

    def broken(messages: Sequence[Message]) -> list[UUID]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        payments.publish(broken, 10, START)
    assert len(published(payments)) == 1


def test_money_goes_back_once(payments: PaymentRepository, payment: Payment, ids: FakeIds) -> None:
    """Due, then refunded, then due no more; a payment that did not succeed is never due."""
    failed = evolve(payment, payment_id="pi_2", status=PaymentStatus.FAILED)
    record(payments, "evt_1", payment, ids)
    record(payments, "evt_2", failed, ids)
    for payment_id in ("pi_2", "pi_unknown"):
        payments.refund_due(payment_id, START)
        payments.refunded(payment_id, START)
    payments.refunded("pi_1", START)
    assert payments.refunds_due(10) == []
    payments.refund_due("pi_1", START)
    payments.refund_due("pi_1", START)
    assert payments.refunds_due(10) == [evolve(payment, status=PaymentStatus.REFUND_DUE)]
    payments.refunded("pi_1", START)
    payments.refund_due("pi_1", START)
    assert payments.refunds_due(10) == []
    assert payments.of_order(payment.order_id) == [evolve(payment, status=PaymentStatus.REFUNDED), failed]


def test_who_waits_longest_is_given_back_first(
    payments: PaymentRepository, payment: Payment, ids: FakeIds
) -> None:
    """Refunds are handed out in the order in which they fell due, at most as many as asked."""
    for number in range(3):
        record(payments, f"evt_{number}", evolve(payment, payment_id=f"pi_{number}"), ids)
    for number in (2, 0, 1):
        payments.refund_due(f"pi_{number}", START + timedelta(minutes=3 - number))
    assert [due.payment_id for due in payments.refunds_due(2)] == ["pi_2", "pi_1"]


def test_an_audit_sees_payments_by_their_orders(payments: PaymentRepository, ids: FakeIds) -> None:
    """With what became of each, and whether it was told; those of one order come together."""
    orders = [new_order(ids) for _ in range(3)]
    first, second = orders[0].order_id, orders[1].order_id
    paid = [payment_of(orders[0]), payment_of(orders[0], payment_id="pi_2")]
    other = payment_of(orders[1], payment_id="pi_0")
    for number, payment in enumerate((*paid, other)):
        record(payments, f"evt_{number}", payment, ids)
    payments.refund_due("pi_2", START)
    payments.refunded("pi_2", START + timedelta(minutes=1))
    published(payments, limit=2)
    back = evolve(paid[1], status=PaymentStatus.REFUNDED)
    both = [
        PaymentRecord(paid[0], None, None, True),
        PaymentRecord(back, START, START + timedelta(minutes=1), True),
    ]
    untold = PaymentRecord(other, None, None, False)
    assert payments.audit(OrderRange(first, orders[2].order_id, 10)) == [*both, untold]
    assert payments.audit(OrderRange(first, second, 1)) == both
    assert payments.audit(OrderRange(second, second, 10)) == [untold]
