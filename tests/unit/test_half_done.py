"""Every use case of the flow, stopped at each of its steps and asked again: it ends as if nothing had been.

A crash is put before and after each call of a port, one after the other, until the work runs through.
"""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import define
from chalicelib.invoice.invoice import Seller
from chalicelib.invoice.use_cases import WriteInvoice
from chalicelib.notification.use_cases import MailInvoice, ResendMails
from chalicelib.notification.use_cases.markers import Markers
from chalicelib.order.use_cases import (
    ApplyPayment,
    CancelOrder,
    ExpireUnpaid,
    GetOrder,
    PlaceOrder,
    ReturnStock,
    SettlePayment,
    UndoPlacing,
)
from chalicelib.order.use_cases.cancellation import Cancellation
from chalicelib.payment.use_cases import (
    OpenCheckout,
    PublishOutbox,
    ReceiveWebhook,
    RequestRefund,
    SendRefunds,
)

from common.domain.cart import Cart, CartLine
from common.domain.order import Order, OrderStatus
from common.domain.payment import Payment, PaymentStatus
from common.domain.stock import ReservationState, StockLine
from common.email.memory import MemoryMailer
from common.payments.memory import MemoryProvider, MemoryWebhooks
from common.repositories.memory.messages import MemoryTopic
from common.repositories.memory.metrics import MemoryMetrics
from common.repositories.memory.objects import MemoryObjects
from common.repositories.memory.orders import MemoryOrders
from common.repositories.memory.payments import MemoryPayments
from common.repositories.memory.products import MemoryProducts
from common.repositories.memory.stock import MemoryStock
from tests.fakes import START, FakeClock, FakeIds
from tests.samples import ADA, POT, TEA, payment_of

WANTED = Cart((CartLine("tea", 2), CartLine("pot", 1)))


class Crashed(Exception):
    """The process ended here; nothing catches it."""


@define
class Fuse:
    """Burns through at one step: steps are counted before and after each call of a port."""

    left: int

    def step(self) -> None:
        if self.left == 0:
            raise Crashed
        self.left -= 1


class Fused:
    """A port with a fuse around each of its calls."""

    def __init__(self, port: object, fuse: Fuse) -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: object, **kwargs: object) -> Any:
            self._fuse.step()
            answer = getattr(self._port, name)(*args, **kwargs)
            self._fuse.step()
            return answer

        return call


@define
class World:
    """All stores and services; what outlives a crash."""

    clock: FakeClock
    orders: MemoryOrders
    stock: MemoryStock
    products: MemoryProducts
    payments: MemoryPayments
    topic: MemoryTopic
    provider: MemoryProvider
    objects: MemoryObjects
    mailer: MemoryMailer
    ids: FakeIds
    metrics: MemoryMetrics

    @classmethod
    def new(cls) -> "World":
        clock = FakeClock()
        world = cls(
            clock,
            MemoryOrders(),
            MemoryStock(),
            MemoryProducts(),
            MemoryPayments(),
            MemoryTopic(),
            MemoryProvider(clock),
            MemoryObjects(clock),
            MemoryMailer(clock=clock),
            FakeIds(),
            MemoryMetrics(),
        )
        world.products.put([TEA, POT])
        world.stock.set([StockLine("tea", 5), StockLine("pot", 5)])
        return world

    def left(self) -> tuple[int, int]:
        found = self.stock.available(["tea", "pot"])
        return found["tea"], found["pot"]


@define
class Services:
    """The shop's use cases, all on ports with one fuse."""

    world: World
    fuse: Fuse

    def port(self, port: object) -> Any:
        return Fused(port, self.fuse)

    def get_products(self, product_ids: Any) -> Any:
        return self.world.products.get(product_ids)

    def get_order(self, order_id: Any) -> Order | None:
        return self.world.orders.get(order_id)

    def reserve_stock(self, order_id: Any, lines: Any) -> ReservationState:
        return self.world.stock.reserve(order_id, lines, START)

    def release_stock(self, order_id: Any) -> None:
        self.world.stock.release(order_id, START)

    def request_refund(self, payment_id: str) -> None:
        RequestRefund(self.world.payments, self.world.clock)(payment_id)

    def apply_payment(self, payment: Payment) -> Order | None:
        world = self.world
        return ApplyPayment(self.port(world.orders), world.clock, world.metrics)(payment)

    @property
    def others(self) -> Any:
        return self.port(self)

    @property
    def cancellation(self) -> Cancellation:
        return Cancellation(self.port(self.world.orders), self.others, self.world.clock)

    def place(self) -> Order:
        world = self.world
        use_case = PlaceOrder(
            self.port(world.orders),
            self.others,
            self.others,
            world.clock,
            world.ids,
            timedelta(minutes=30),
            world.metrics,
        )
        return use_case(ADA, "key-1", WANTED)

    def cancel(self, order: Order) -> Order:
        return CancelOrder(GetOrder(self.port(self.world.orders)), self.cancellation)(ADA, order.order_id)

    def settle(self, payment: Payment) -> None:
        SettlePayment(self.apply_payment, self.others)(payment)  # type: ignore[arg-type]

    def schedules(self) -> None:
        world, orders = self.world, self.port(self.world.orders)
        UndoPlacing(orders, world.clock, timedelta(minutes=5))()
        ExpireUnpaid(orders, world.clock)()
        ReturnStock(orders, self.cancellation)()

    @property
    def publish(self) -> PublishOutbox:
        world = self.world
        return PublishOutbox(self.port(world.payments), self.port(world.topic), world.clock, world.metrics)

    def receive(self) -> bool:
        world, webhooks = self.world, MemoryWebhooks()
        body, headers = webhooks.post(world.provider.events[0], world.clock.now())
        payments, provider = self.port(world.payments), self.port(world.provider)
        return ReceiveWebhook(webhooks, payments, self.publish, provider, world.clock, world.ids, live=False)(
            body, headers
        )

    def open_checkout(self, order: Order) -> str:
        world = self.world
        use_case = OpenCheckout(
            self.others, self.port(world.payments), self.port(world.provider), world.clock
        )
        return use_case(ADA, order.order_id).checkout_id

    def refund(self) -> int:
        world = self.world
        return SendRefunds(self.port(world.payments), self.port(world.provider), world.clock, world.metrics)()

    def write_invoice(self, payment: Payment) -> bool:
        objects = self.port(self.world.objects)
        return WriteInvoice(self.others, objects, lambda invoice: b"pdf", Seller("Shop"))(payment)

    @property
    def mail(self) -> MailInvoice:
        world = self.world
        markers = Markers(self.port(world.objects))
        return MailInvoice(
            self.port(world.objects), markers, self.others, self.port(world.mailer), world.clock
        )

    def resend(self) -> int:
        return ResendMails(self.mail, Markers(self.port(self.world.objects)))()


def crash_everywhere(
    prepare: Callable[[World], Any],
    act: Callable[[Services, Any], object],
    check: Callable[[World, Any], None],
) -> int:
    """Runs `act` with a crash at each step in a new world, then once more without; then `check`.

    Returns at how many steps it crashed.
    """
    for steps in itertools.count():
        world = World.new()
        prepared = prepare(world)
        try:
            act(Services(world, Fuse(steps)), prepared)
            return steps
        except Crashed:
            act(Services(world, Fuse(10_000)), prepared)
            check(world, prepared)
    raise AssertionError("counting does not end")


def placed(world: World) -> Order:
    return Services(world, Fuse(10_000)).place()


def paid(world: World) -> Payment:
    payment = payment_of(placed(world))
    Services(world, Fuse(10_000)).settle(payment)
    return payment


def test_placing_goes_on_at_every_step() -> None:
    """The same request again: one order, which awaits payment and holds its stock once."""

    def check(world: World, _: object) -> None:
        [order] = world.orders.page(ADA.customer_id, None, 10)
        assert order.status is OrderStatus.AWAITING_PAYMENT
        assert world.left() == (3, 4)

    assert crash_everywhere(lambda world: None, lambda shop, _: shop.place(), check) >= 8


def test_placing_that_stops_anywhere_is_undone_by_time() -> None:
    """If nobody asks again, the schedules cancel what is left, wherever it stopped, and free the stock."""
    for steps in itertools.count():
        world = World.new()
        try:
            Services(world, Fuse(steps)).place()
            break
        except Crashed:
            world.clock.advance(timedelta(hours=1))
            Services(world, Fuse(10_000)).schedules()
            for order in world.orders.page(ADA.customer_id, None, 10):
                assert order.status is OrderStatus.CANCELED
            assert world.left() == (5, 5)
    assert steps >= 8


def test_canceling_goes_on_at_every_step() -> None:
    """The request again, or the schedule: canceled, and the stock given back once."""

    def act(shop: Services, order: Order) -> None:
        shop.cancel(order)
        shop.schedules()

    def check(world: World, order: Order) -> None:
        ended = world.orders.get(order.order_id)
        assert ended is not None
        assert ended.status is OrderStatus.CANCELED
        assert world.left() == (5, 5)
        assert world.orders.owing_stock(10) == []

    assert crash_everywhere(placed, act, check) >= 8


@pytest.mark.parametrize("status", [PaymentStatus.SUCCEEDED, PaymentStatus.FAILED, PaymentStatus.EXPIRED])
def test_a_payment_is_settled_at_every_step(status: PaymentStatus) -> None:
    """The message again: the same end, and stock only with an order that was paid."""

    def act(shop: Services, order: Order) -> None:
        shop.settle(payment_of(order, status))
        shop.schedules()

    def check(world: World, order: Order) -> None:
        ended = world.orders.get(order.order_id)
        assert ended is not None
        is_paid = status is PaymentStatus.SUCCEEDED
        assert ended.status is (OrderStatus.DELIVERING if is_paid else OrderStatus.CANCELED)
        assert world.left() == ((3, 4) if is_paid else (5, 5))
        assert world.payments.refunds_due(10) == []

    assert crash_everywhere(placed, act, check) >= 4


def test_a_webhook_is_taken_in_at_every_step() -> None:
    """The provider sends it again, and the schedule publishes: one payment, its message at least once."""

    def prepare(world: World) -> Order:
        order = placed(world)
        world.provider.pay(Services(world, Fuse(10_000)).open_checkout(order))
        return order

    def act(shop: Services, order: Order) -> None:
        shop.receive()
        shop.publish()

    def check(world: World, order: Order) -> None:
        assert len(world.payments.of_order(order.order_id)) == 1
        assert 1 <= len(world.topic.messages) <= 2
        assert len({message.message_id for message in world.topic.messages}) == 1

    assert crash_everywhere(prepare, act, check) >= 6


def test_a_checkout_is_opened_once_at_every_step() -> None:
    """Asked again, the customer is led to the same page."""

    def check(world: World, order: Order) -> None:
        kept = world.payments.checkout(order.order_id)
        assert kept is not None
        world.provider.pay(kept.checkout_id)
        assert len(world.provider.events) == 1

    assert crash_everywhere(placed, lambda shop, order: shop.open_checkout(order), check) >= 6


def test_a_refund_is_sent_once_at_every_step() -> None:
    """The next run of the schedule: given back once, and due no more."""

    def prepare(world: World) -> Order:
        order = placed(world)
        services = Services(world, Fuse(10_000))
        world.provider.pay(services.open_checkout(order))
        services.receive()
        world.payments.refund_due(world.provider.events[0].payment.payment_id, START)
        return order

    def check(world: World, order: Order) -> None:
        assert list(world.provider.refunds.values()) == [order.total]
        [payment] = world.payments.of_order(order.order_id)
        assert payment.status is PaymentStatus.REFUNDED

    assert crash_everywhere(prepare, lambda shop, _: shop.refund(), check) >= 6


def test_an_invoice_is_written_once_at_every_step() -> None:
    """The message again: one invoice, whose mail is due."""

    def check(world: World, payment: Payment) -> None:
        assert list(world.objects.keys("invoices/")) == [f"invoices/{payment.order_id}.pdf"]
        assert list(world.objects.keys("mails/due/")) == [f"mails/due/{payment.order_id}"]

    assert crash_everywhere(paid, lambda shop, payment: shop.write_invoice(payment), check) >= 6


def test_a_mail_goes_out_at_every_step() -> None:
    """S3's event again, and the schedule when the claim is old: mailed, and twice only where the process
    died between the mail service's yes and the note of it.
    """
    sent: list[int] = []

    def prepare(world: World) -> Payment:
        payment = paid(world)
        Services(world, Fuse(10_000)).write_invoice(payment)
        return payment

    def act(shop: Services, payment: Payment) -> None:
        shop.mail(payment.order_id)
        shop.world.clock.advance(timedelta(minutes=3))
        shop.resend()

    def check(world: World, payment: Payment) -> None:
        sent.append(len(world.mailer.mails))
        assert list(world.objects.keys("mails/")) == [f"mails/sent/{payment.order_id}"]

    for steps in itertools.count():
        world = World.new()
        payment = prepare(world)
        try:
            Services(world, Fuse(steps)).mail(payment.order_id)
            break
        except Crashed:
            act(Services(world, Fuse(10_000)), payment)
            check(world, payment)
    assert steps >= 10
    assert set(sent) == {1, 2}
    assert sent.count(2) <= 2
