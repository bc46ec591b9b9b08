"""Values that tests begin with."""

from datetime import datetime, timedelta

from attrs import evolve

from common.domain.customer import Customer
from common.domain.money import Money
from common.domain.order import Order, OrderEvent, OrderLine, OrderStatus, total_of
from common.domain.payment import Payment, PaymentStatus
from common.domain.product import Product
from common.ports.clock import Ids
from tests.fakes import START, FakeTokens, token_of

ADA = FakeTokens().verify(token_of("ada"))
BOB = FakeTokens().verify(token_of("bob"))

TEA = Product("tea", "Green tea", "tea", "Sencha, 100 g", Money(1250, "USD"), {"grams": 100})
POT = Product("pot", "Tea pot", "pots", "For four cups", Money(4900, "USD"), {"colors": ["red", "blue"]})

LINES = (OrderLine("pot", "Tea pot", 1, POT.price), OrderLine("tea", "Green tea", 2, TEA.price))


def new_order(
    ids: Ids,
    customer: Customer = ADA,
    *,
    at: datetime = START,
    lines: tuple[OrderLine, ...] = LINES,
) -> Order:
    """An order of that customer, just written down, which expires half an hour later."""
    return Order(
        order_id=ids.new(at),
        customer_id=customer.customer_id,
        customer_name=customer.name,
        email=customer.email,
        status=OrderStatus.RESERVING,
        lines=lines,
        total=total_of(lines),
        placed_at=at,
        expires_at=at + timedelta(minutes=30),
        story=(OrderEvent(OrderStatus.RESERVING, at, "the customer placed it"),),
    )


def payment_of(
    order: Order,
    status: PaymentStatus = PaymentStatus.SUCCEEDED,
    *,
    payment_id: str = "pi_1",
    amount: Money | None = None,
    at: datetime = START,
) -> Payment:
    """What the provider says of the order's money: its total, unless another amount is given."""
    reason = "card_declined" if status is PaymentStatus.FAILED else ""
    return Payment(payment_id, order.order_id, status, amount or order.total, at, reason)


def delivered_order(ids: Ids, customer: Customer = ADA, *, at: datetime = START) -> Order:
    """An order of that customer which was placed at that time, paid a minute later, and delivered at once."""
    order = new_order(ids, customer, at=at)
    paid = at + timedelta(minutes=1)
    story = (
        *order.story,
        OrderEvent(OrderStatus.AWAITING_PAYMENT, at, "the stock was reserved"),
        OrderEvent(OrderStatus.DELIVERING, paid, "the payment succeeded"),
        OrderEvent(OrderStatus.DELIVERED, paid, "an operator delivered it"),
    )
    return evolve(
        order, status=OrderStatus.DELIVERED, payment_id=f"pi_{order.order_id.hex}", paid_at=paid, story=story
    )
