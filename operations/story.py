"""The whole story of one order, told by all services: what happened, in the order in which it did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from common.domain.invoice import invoice_key, invoice_number
from common.domain.order import Order, OrderStatus
from common.domain.payment import PaymentStatus
from common.domain.stock import StockLine
from common.ports.payments import PaymentRecord
from common.ports.stock import ReservationRecord
from operations.dead_letters import Letter
from operations.logs import Line
from operations.say import moment, price


class Mark(StrEnum):
    """How a moment is drawn: as it should be, or somebody should look."""

    WELL = "well"
    BAD = "bad"


@frozen
class Moment:
    """One thing that a service did or was told."""

    at: datetime
    service: str
    what: str
    mark: Mark = Mark.WELL


@frozen
class Story:
    """What the services know of an order. `files` says, by its key, when each of its files was written."""

    order: Order
    stock_returned_at: datetime | None
    reservation: ReservationRecord | None
    payments: Sequence[PaymentRecord]
    files: Mapping[str, datetime]
    lines: Sequence[Line]
    letters: Sequence[Letter]

    def moments(self) -> list[Moment]:
        """All that happened, oldest first."""
        told = (self._order(), self._stock(), self._money(), self._messages(), self._papers())
        return sorted((one for some in told for one in some), key=lambda one: one.at)

    def _order(self) -> Iterator[Moment]:
        for event in self.order.story:
            yield Moment(event.at, "order", f"{event.status}: {event.cause}")
        if self.stock_returned_at:
            yield Moment(self.stock_returned_at, "order", "knows that the stock is back")

    def _stock(self) -> Iterator[Moment]:
        held = self.reservation
        if held and held.reserved_at:
            yield Moment(held.reserved_at, "inventory", f"holds {pieces(held.lines)}")
        if held and held.released_at:
            what = "gives the pieces back" if held.lines else "is told that it will hold nothing"
            yield Moment(held.released_at, "inventory", what)

    def _money(self) -> Iterator[Moment]:
        for record in self.payments:
            payment = record.payment
            taken = payment.status not in (PaymentStatus.FAILED, PaymentStatus.EXPIRED)
            became = (
                "took"
                if taken
                else f"{payment.status} ({payment.reason})"
                if payment.reason
                else payment.status
            )
            told = (
                f"the provider {became} {price(payment.amount)}"
                if taken
                else f"{became}: {price(payment.amount)}"
            )
            yield Moment(payment.occurred_at, "payment", f"{told}, {payment.payment_id}")
            if record.refund_due_at:
                yield Moment(record.refund_due_at, "payment", f"{payment.payment_id} is to be given back")
            if record.refunded_at:
                yield Moment(record.refunded_at, "payment", f"{payment.payment_id} was given back")

    def _messages(self) -> Iterator[Moment]:
        for line in self.lines:
            if line.level in ("ERROR", "CRITICAL"):
                yield Moment(line.at, line.service, f"{line.function}: {line.text}", Mark.BAD)
            elif line.function == "on_payment" and line.fields.get("message") == "Handled":
                yield Moment(line.at, line.service, f"{line.function} handled the payment's message")

    def _papers(self) -> Iterator[Moment]:
        for key, at in self.files.items():
            if key == invoice_key(self.order.order_id):
                yield Moment(at, "invoice", f"wrote {invoice_number(self.order)}")
                continue
            what = key.split("/")[1]
            mark = Mark.BAD if what in ("refused", "bounced") else Mark.WELL
            yield Moment(at, "notification", f"the mail is {what}", mark)

    def open_ends(self, now: datetime) -> list[str]:
        """What is still to happen, or did not happen as it should; a sentence each."""
        return [*self._next_step(now), *self._troubles(now)]

    def _next_step(self, now: datetime) -> Iterator[str]:
        order = self.order
        match order.status:
            case OrderStatus.RESERVING:
                yield "It is being placed; undo_placing cancels it if nobody goes on."
            case OrderStatus.AWAITING_PAYMENT if order.expires_at > now:
                yield f"It waits for its payment until {order.expires_at:%H:%M:%S}, and is canceled then."
            case OrderStatus.AWAITING_PAYMENT:
                yield f"Its time to pay ended at {moment(order.expires_at)}: expire_unpaid cancels it."
            case OrderStatus.DELIVERING:
                yield f"It waits for an operator: POST /orders/{order.order_id}/deliver when it is delivered."
            case OrderStatus.CANCELED if not self.stock_returned_at:
                yield "Its stock is not known to be back: return_stock asks the inventory again."

    def _troubles(self, now: datetime) -> Iterator[str]:
        order = self.order
        for record in self.payments:
            payment = record.payment
            if not record.is_published:
                yield f"Of payment {payment.payment_id} nobody was told yet: publish_outbox does it."
            if payment.status is PaymentStatus.REFUND_DUE:
                yield f"Payment {payment.payment_id} is to be given back: send_refunds does it."
            if payment.status is PaymentStatus.SUCCEEDED and order.payment_id != payment.payment_id:
                yield f"Payment {payment.payment_id} was taken, and the order did not accept it (yet)."
        for letter in self.letters:
            yield f"A message waits in {letter.queue}: shop dlq show tells why."
        late = order.paid_at is not None and order.paid_at < now - timedelta(minutes=1)
        if late and invoice_key(order.order_id) not in self.files:
            yield "It is paid, and has no invoice."
        if late and not any(key.startswith("mails/") for key in self.files):
            yield "It is paid, and no mail is known of."


def pieces(lines: Iterable[StockLine]) -> str:
    return ", ".join(f"{line.quantity} × {line.product_id}" for line in lines) or "nothing"


def order_keys(order_id: UUID) -> list[str]:
    """Where the files of an order are, if they were written."""
    mails = [f"mails/{state}/{order_id}" for state in ("due", "sent", "refused", "bounced")]
    return [invoice_key(order_id), *mails]
