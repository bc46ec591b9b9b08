"""What the shop measures: each thing that happens is counted once, however often it is asked for."""

from datetime import timedelta

from common.ports.metrics import Metric
from tests.functional.shop import Shop


def test_a_paid_order_is_counted_once(shop: Shop) -> None:
    """Placed and paid, although the request and the messages come twice."""
    for _ in range(2):
        order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    shop.post_webhook(shop.provider.events[0])
    for _ in range(2):
        shop.deliver()
    assert shop.metrics.sums == {Metric.ORDERS_PLACED: 1, Metric.ORDERS_PAID: 1}


def test_what_there_is_too_little_of_is_counted(shop: Shop) -> None:
    """One order refused, for want of two products."""
    assert shop.place(tea=6, pot=3).status == 409
    assert shop.metrics.sums == {Metric.ORDERS_REFUSED: 1, Metric.STOCK_MISSES: 2}


def test_a_refund_is_counted_when_it_is_made(shop: Shop) -> None:
    """Not when it falls due, nor while the provider does not answer."""
    order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    assert shop.http("POST", f"/orders/{order_id}/cancel").status == 200
    shop.post_webhook(shop.provider.events[0])
    shop.deliver()
    shop.provider.unavailable = True
    shop.run_schedule("payment", "send_refunds")
    assert Metric.PAYMENTS_REFUNDED not in shop.metrics.sums
    shop.provider.unavailable = False
    for _ in range(2):
        shop.run_schedule("payment", "send_refunds")
    assert shop.metrics.sums[Metric.PAYMENTS_REFUNDED] == 1
    assert Metric.ORDERS_PAID not in shop.metrics.sums


def test_the_relay_tells_how_long_the_oldest_message_waited(shop: Shop) -> None:
    """Each time that it looks: also while the topic takes none, and nothing where nothing waits."""
    order_id = shop.place(tea=1).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    shop.topic.is_down = True
    shop.post_webhook(shop.provider.events[0])
    shop.clock.advance(timedelta(seconds=90))
    shop.run_schedule("payment", "publish_outbox")
    shop.topic.is_down = False
    shop.clock.advance(timedelta(seconds=30))
    for _ in range(2):
        shop.run_schedule("payment", "publish_outbox")
    lags = [value for metric, value in shop.metrics.noted if metric is Metric.OUTBOX_LAG]
    assert lags == [90, 120, 0]
