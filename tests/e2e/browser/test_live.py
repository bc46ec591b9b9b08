"""The live view in a browser: an order's steps are taken before the visitor's eyes."""

import pytest

from tests.e2e.browser.window import PHONE, Window
from tests.e2e.running import Person, RunningShop, eventually

pytestmark = pytest.mark.recorded_aws


def test_the_steps_move(window: Window, person: Person, shop: RunningShop) -> None:
    """The page shows the newest order by itself, and goes on with it; it also fits a phone."""
    order_id = person.ordered((shop.product(), 1))
    window.go(f"live?order={order_id}")

    def taken() -> int:
        return len(window.all("#steps .done"))

    eventually("ten steps to be shown", lambda: taken() == 10)
    person.pay(order_id)
    steps = len(window.all("#steps li"))
    eventually("all steps to be shown", lambda: taken() == steps)
    eventually("the state to be shown", lambda: window.texts("#status") == ["delivering"])
    assert window.all("#calls .bar")
    window.screenshot("live")
    window.size(PHONE)
    assert window.run("return document.documentElement.scrollWidth <= innerWidth")
    window.screenshot("live-phone")
