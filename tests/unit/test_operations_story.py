"""The story of an order, as the operators' command tells it."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from attrs import evolve

from common.domain.invoice import invoice_key
from common.domain.money import Money
from common.domain.order import CancelReason, Order, OrderEvent, OrderStatus
from common.domain.payment import PaymentStatus
from common.domain.stock import ReservationState, StockLine
from common.ports.payments import PaymentRecord
from common.ports.stock import ReservationRecord
from operations.dead_letters import Letter, read_letter
from operations.errors import OperationError
from operations.ids import after, first_of, made_at, order_id
from operations.logs import read_line
from operations.refund import choose
from operations.say import price, span
from operations.story import Mark, Moment, Story
from tests.fakes import START, FakeIds
from tests.samples import new_order, payment_of


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def paid_order(ids: FakeIds) -> Order:
    order = new_order(ids)
    states = (OrderStatus.AWAITING_PAYMENT, OrderStatus.DELIVERING)
    story = [OrderEvent(status, START + at(2 * n + 1), "so it was") for n, status in enumerate(states)]
    return evolve(
        order,
        status=OrderStatus.DELIVERING,
        payment_id="pi_1",
        paid_at=START + at(2),
        story=(*order.story, *story),
    )


def story_of(order: Order, **more: object) -> Story:
    known: dict[str, object] = {
        "stock_returned_at": None,
        "reservation": None,
        "payments": [],
        "files": {},
        "lines": [],
        "letters": [],
    }
    return Story(order, **(known | more))  # type: ignore[arg-type]


def test_all_services_tell_in_the_order_of_time(ids: FakeIds) -> None:
    """Each thing once, by whom it was done, and what went wrong is marked."""
    order = paid_order(ids)
    held = ReservationRecord(
        order.order_id, ReservationState.HELD, (StockLine("tea", 2),), START + at(0.5), None
    )
    failed = {
        "message": "Failed",
        "level": "ERROR",
        "handler": "on_payment",
        "exception": "Traceback\nBad: no",
    }
    told = {"message": "An order came to a new state", "handler": "on_payment", "status": "delivering"}
    handled = {"message": "Handled", "level": "INFO", "handler": "on_payment", "milliseconds": 3.5}
    millis = int(START.timestamp() * 1000)
    story = story_of(
        order,
        reservation=held,
        payments=[PaymentRecord(payment_of(order, at=START + at(2)), None, None, True)],
        files={
            invoice_key(order.order_id): START + at(6),
            f"mails/sent/{order.order_id}": START + at(7),
        },
        lines=[
            read_line("invoice", "on_payment", millis + 4000, json.dumps(failed)),
            read_line("order", "on_payment", millis + 4500, json.dumps(told)),
            read_line("invoice", "on_payment", millis + 5000, json.dumps(handled)),
        ],
    )
    assert [(one.service, one.mark, (one.at - START).total_seconds()) for one in story.moments()] == [
        ("order", Mark.WELL, 0),
        ("inventory", Mark.WELL, 0.5),
        ("order", Mark.WELL, 1),
        ("payment", Mark.WELL, 2),
        ("order", Mark.WELL, 3),
        ("invoice", Mark.BAD, 4),
        ("invoice", Mark.WELL, 5),
        ("invoice", Mark.WELL, 6),
        ("notification", Mark.WELL, 7),
    ]
    assert Moment(START + at(0.5), "inventory", "holds 2 × tea") in story.moments()
    assert Moment(START + at(4), "invoice", "on_payment: Failed: Bad: no", Mark.BAD) in story.moments()
    assert [one for one in story.open_ends(START + at(600)) if "deliver" not in one] == []


def test_what_is_open_is_told(ids: FakeIds) -> None:
    """What an order waits for, and each thing that did not happen as it should."""
    order = paid_order(ids)
    unaccepted = payment_of(order, payment_id="pi_2")
    due = payment_of(order, PaymentStatus.REFUND_DUE, payment_id="pi_3")
    letter = Letter(
        "m1", "order", "order-payments-dead-letters", str(order.order_id), "succeeded", START, "", ""
    )
    story = story_of(
        order,
        payments=[PaymentRecord(unaccepted, None, None, False), PaymentRecord(due, START, None, True)],
        letters=[letter],
    )
    told = story.open_ends(START + at(600))
    wanted = (
        "waits for an operator",
        "pi_2 nobody was told",
        "pi_2 was taken",
        "pi_3 is to be given back",
        "order-payments-dead-letters",
        "no invoice",
        "no mail",
    )
    assert len(told) == len(wanted)
    for words in wanted:
        assert any(words in sentence for sentence in told), (words, told)


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (OrderStatus.RESERVING, None, "undo_placing"),
        (OrderStatus.AWAITING_PAYMENT, None, "until 12:30:00"),
        (OrderStatus.CANCELED, CancelReason.CUSTOMER_REQUEST, "return_stock"),
    ],
)
def test_who_goes_on_is_named(
    ids: FakeIds, status: OrderStatus, reason: CancelReason | None, words: str
) -> None:
    """By the state of an order."""
    [told] = story_of(evolve(new_order(ids), status=status, reason=reason)).open_ends(START)
    assert words in told


def test_a_letter_that_nobody_can_read_is_a_letter() -> None:
    """Whatever its body is."""
    for body in ("", "[]", "{}", '{"data": 7}'):
        message = {"MessageId": "1", "Body": body, "ReceiptHandle": "r", "Attributes": {"SentTimestamp": "0"}}
        assert read_letter("order", message).status == "unreadable"


def test_a_log_line_of_another_form_is_told_as_it_is() -> None:
    """Lambda writes lines of its own, such as of a time that ran out."""
    for message in ("Task timed out after 3 s", "[1, 2]", '"text"'):
        assert read_line("order", "on_payment", 0, f"{message}\n").text == message


def test_a_log_line_tells_what_state_was_come_to() -> None:
    """Beside its words, where it has one; and how long it took."""
    line = {"message": "An order came to a new state", "status": "delivering", "cause": "it was paid"}
    told = read_line("order", "on_payment", 0, json.dumps(line | {"milliseconds": 2}))
    assert told.text == "An order came to a new state: delivering, it was paid in 2 ms"


def test_an_id_of_an_order_has_its_time(ids: FakeIds) -> None:
    """Read from it, and a span of ids begins with one; what is no id is refused with a sentence."""
    known = ids.new(START)
    assert made_at(known) == START
    assert first_of(START) <= known < after(known) < first_of(START + at(1))
    assert order_id(str(known)) == known
    with pytest.raises(OperationError, match="is no order's id"):
        order_id("12")
    assert after(UUID(int=1)) == UUID(int=2)


def test_numbers_are_written_for_people() -> None:
    """Amounts in the larger unit of their currency, spans in their two largest units."""
    assert [price(Money(123456, code)) for code in ("USD", "JPY", "KWD")] == [
        "1,234.56 USD",
        "123,456 JPY",
        "123.456 KWD",
    ]
    assert [span(seconds) for seconds in (0.25, 42, 61, 3700, 90000)] == [
        "0.2 s",
        "42 s",
        "1 min 1 s",
        "1 h 1 min",
        "1 d 1 h",
    ]


def test_the_one_payment_that_can_go_back_is_chosen(ids: FakeIds) -> None:
    """What failed, or went back before, is none; of several one must be named."""
    order = new_order(ids)
    taken, other = payment_of(order), payment_of(order, payment_id="pi_2")
    failed = payment_of(order, PaymentStatus.FAILED, payment_id="pi_3")
    assert choose([failed, taken], None) == taken
    assert choose([taken, other, failed], "pi_2") == other
    for payments, wanted, words in (
        ([], None, "no such payment"),
        ([failed], None, "pi_3 is failed"),
        ([taken], "pi_9", "no such payment"),
        ([taken, other], None, "--payment"),
    ):
        with pytest.raises(OperationError, match=words):
            choose(payments, wanted)
