"""A customer orders. The story has three steps, and each may be the last one before a crash:

1. the order is written down, `reserving`, with names and prices as the catalog has them now;
2. the inventory takes the stock;
3. the order becomes `awaiting_payment`, or `canceled` where the stock did not suffice.

The same request again (the customer's Idempotency-Key) goes on where it stopped; if nobody asks again,
`UndoPlacing` cancels what is left over.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from common.codec import write
from common.domain.cart import Cart, CartLine
from common.domain.customer import Customer
from common.domain.order import CancelReason, Order, OrderEvent, OrderLine, OrderStatus, total_of
from common.domain.product import Product
from common.domain.stock import ReservationState
from common.errors import Invalid, KeyReused, OutOfStock
from common.kinds import service
from common.logging import about, correlation_id
from common.ports.clock import Clock, Ids
from common.ports.metrics import Metric, Metrics
from common.ports.orders import Orders, Request, Step
from common.ports.services.catalog import Catalog
from common.ports.services.inventory import Inventory


@service
class PlaceOrder:
    orders: Orders
    catalog: Catalog
    inventory: Inventory
    clock: Clock
    ids: Ids
    time_to_pay: timedelta
    metrics: Metrics

    def __call__(self, customer: Customer, key: str, cart: Cart) -> Order:
        """Places the order, or goes on placing it, and returns it, awaiting payment or further on.

        An order that was canceled meanwhile is returned as it is. Raises `Invalid` for products that do not
        exist or cannot be ordered together, `OutOfStock`, `KeyReused` where the key is another order's, and
        `Unavailable`: ask again with the same key.
        """
        wanted = sorted(cart.lines, key=lambda line: line.product_id)
        request = Request(key, _fingerprint(wanted))
        products = self.catalog.get_products([line.product_id for line in wanted])
        unknown = [line.product_id for line in wanted if line.product_id not in products]
        if unknown:
            order = self._asked_before(customer, request)
            if order is None:
                raise Invalid("There are no such products: " + ", ".join(unknown) + ".")
        else:
            order = self._written_down(customer, request, wanted, products)
        about(order.order_id)
        if order.status is OrderStatus.RESERVING:
            order = self._reserve(order)
        return _answered(order)

    def _written_down(
        self,
        customer: Customer,
        request: Request,
        wanted: Sequence[CartLine],
        products: dict[str, Product],
    ) -> Order:
        now = self.clock.now()
        lines = tuple(_line(products[line.product_id], line.quantity) for line in wanted)
        order = Order(
            order_id=self.ids.new(now),
            customer_id=customer.customer_id,
            customer_name=customer.name,
            email=customer.email,
            status=OrderStatus.RESERVING,
            lines=lines,
            total=total_of(lines),
            placed_at=now,
            expires_at=now + self.time_to_pay,
            story=(OrderEvent(OrderStatus.RESERVING, now, "the customer placed it"),),
            correlation_id=correlation_id(),
        )
        if self.orders.add(order, request):
            return order
        earlier = self._asked_before(customer, request)
        if earlier is None:
            raise AssertionError("an order that is there cannot be missing")
        return earlier

    def _asked_before(self, customer: Customer, request: Request) -> Order | None:
        found = self.orders.find(customer.customer_id, request.key)
        if found is None:
            return None
        order, earlier = found
        if earlier.fingerprint != request.fingerprint:
            raise KeyReused
        return order

    def _reserve(self, order: Order) -> Order:
        try:
            state = self.inventory.reserve_stock(order.order_id, [line.stock for line in order.lines])
        except OutOfStock:
            left = self._leave_reserving(
                order, OrderStatus.CANCELED, "there was too little stock", CancelReason.OUT_OF_STOCK
            )
            if left.reason is CancelReason.OUT_OF_STOCK:
                raise
            # The same request, sent twice, got the stock the other time.
            return left
        if state is ReservationState.HELD:
            return self._leave_reserving(order, OrderStatus.AWAITING_PAYMENT, "the stock was reserved")
        # Its reservation was released, which only a cancellation does: the order is canceled already.
        return self._settled(order)

    def _leave_reserving(
        self, order: Order, enters: OrderStatus, cause: str, reason: CancelReason | None = None
    ) -> Order:
        step = Step(OrderStatus.RESERVING, enters, self.clock.now(), cause, reason)
        left = self.orders.take(order.order_id, step)
        if left is None:
            # Where the step cannot be taken, somebody else settled the order: its state tells how.
            return self._settled(order)
        self.metrics.add(Metric.ORDERS_REFUSED if reason else Metric.ORDERS_PLACED)
        return left

    def _settled(self, order: Order) -> Order:
        settled = self.orders.get(order.order_id)
        if settled is None:
            raise AssertionError("an order that was written down is never removed before it is delivered")
        return settled


def _line(product: Product, quantity: int) -> OrderLine:
    return OrderLine(product.product_id, product.name, quantity, product.price)


def _fingerprint(wanted: Sequence[CartLine]) -> str:
    return hashlib.sha256(write(list(wanted)).encode()).hexdigest()


def _answered(order: Order) -> Order:
    if order.reason is CancelReason.OUT_OF_STOCK:
        raise OutOfStock(tuple(line.product_id for line in order.lines))
    return order
