"""From delivered orders to what is suggested beside a product, through the apps."""

from tests.functional.shop import Shop


def deliver(shop: Shop, key: str, **quantities: int) -> None:
    """Somebody orders so many of each product, pays, and gets them."""
    order_id = shop.place(key, **quantities).body["order_id"]
    shop.provider.pay(shop.open_checkout(order_id))
    shop.post_webhook(shop.provider.events[-1])
    shop.deliver([shop.topic.messages[-1].body])
    assert shop.http("POST", f"/orders/{order_id}/deliver", who="olga").status == 200


def suggested(shop: Shop, product_id: str) -> list[str]:
    answer = shop.http("GET", f"/products/{product_id}/suggestions")
    assert (answer.status, answer.body["incomplete"]) == (200, False)
    return [item["product_id"] for item in answer.body["items"]]


def test_what_was_delivered_together_is_suggested(shop: Shop) -> None:
    """From the schedule after the archive on, beside both products; an order of one product suggests none."""
    deliver(shop, "alone")
    assert shop.run_schedule("order", "archive_delivered") == 1
    assert shop.run_schedule("order", "rank_suggestions") == 0
    assert suggested(shop, "tea") == []
    deliver(shop, "together", tea=2, pot=1)
    assert shop.run_schedule("order", "archive_delivered") == 1
    assert shop.run_schedule("order", "rank_suggestions") == 2
    assert (suggested(shop, "tea"), suggested(shop, "pot")) == (["pot"], ["tea"])
    assert shop.run_schedule("order", "rank_suggestions") == 0
