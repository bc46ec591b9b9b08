"""Which orders are said to be stuck."""

from datetime import timedelta

from attrs import evolve
from chalicelib.order.use_cases import FindStuck

from common.domain.order import CancelReason, OrderEvent, OrderStatus
from common.ports.orders import Request, StuckOrder
from common.repositories.memory.orders import MemoryOrders
from tests.fakes import START, FakeClock, FakeIds
from tests.samples import new_order

FIVE, PATIENCE = timedelta(minutes=5), timedelta(minutes=10)


def test_what_a_schedule_is_late_with_is_stuck(ids: FakeIds) -> None:
    """Each order that should have moved on, longest first, with the schedule that does it; no other."""
    orders, clock = MemoryOrders(), FakeClock()
    find = FindStuck(orders, clock, time_to_place=FIVE, time_to_archive=timedelta(0))
    placed = new_order(ids)
    unpaid = evolve(new_order(ids), status=OrderStatus.AWAITING_PAYMENT)
    on_its_way = evolve(new_order(ids), status=OrderStatus.DELIVERING)
    ended = START + timedelta(minutes=2)
    canceled, delivered, returned = (
        evolve(
            new_order(ids),
            status=status,
            reason=reason,
            story=(*placed.story, OrderEvent(status, ended, "it was so")),
        )
        for status, reason in (
            (OrderStatus.CANCELED, CancelReason.CUSTOMER_REQUEST),
            (OrderStatus.DELIVERED, None),
            (OrderStatus.CANCELED, CancelReason.CUSTOMER_REQUEST),
        )
    )
    for number, order in enumerate((placed, unpaid, on_its_way, canceled, delivered, returned)):
        orders.add(order, Request(f"key-{number}", "fingerprint"))
    orders.stock_returned(returned.order_id, ended)
    late = {
        "return_stock": StuckOrder(canceled.order_id, canceled.status, ended, "return_stock"),
        "archive_delivered": StuckOrder(delivered.order_id, delivered.status, ended, "archive_delivered"),
        "undo_placing": StuckOrder(placed.order_id, placed.status, START + FIVE, "undo_placing"),
        "expire_unpaid": StuckOrder(unpaid.order_id, unpaid.status, unpaid.expires_at, "expire_unpaid"),
    }
    clock.moment = ended + PATIENCE - timedelta(seconds=1)
    assert find(PATIENCE) == []
    clock.moment = ended + PATIENCE
    assert find(PATIENCE) == [late["return_stock"], late["archive_delivered"]]
    clock.moment = unpaid.expires_at + PATIENCE + timedelta(seconds=1)
    assert find(PATIENCE) == list(late.values())
