"""Customers: each wants one order, and something particular with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from attrs import define, field

from common.domain.customer import OPERATORS
from tests.fakes import token_of
from tests.faults.shop import Answer, Shop

PATIENCE = 4
# What never changes of an order.
LASTING = ("order_id", "lines", "total", "placed_at", "expires_at")


@define(eq=False)
class Customer:
    """Somebody who orders, and then pays, is declined, cancels, forgets, or several of these.

    `orders` are the ids that the shop named for this one wish: more than one would be a broken promise.
    `given_up` are those that the customer wanted canceled, `canceled` and `delivered` those of which the shop
    said that they are.
    """

    shop: Shop
    name: str
    lines: list[dict[str, object]]
    orders: set[UUID] = field(factory=set)
    given_up: set[UUID] = field(factory=set)
    canceled: set[UUID] = field(factory=set)
    delivered: set[UUID] = field(factory=set)
    _tries: int = 0
    _seen: dict[str, Any] = field(factory=dict)

    def arrive(self) -> None:
        """Asks for the order; asks again with the same key if there was no good answer."""
        self._tries += 1
        answer = self._order(self.lines)
        if answer is None or answer.status >= 500:
            self._again(self.arrive)
        elif answer.status == 201:
            order_id = UUID(answer.body["order_id"])
            self.orders.add(order_id)
            if answer.body["status"] == "reserving":
                self.shop.world.surprises.append(f"Order {order_id} was answered, and is half placed.")
            # Some people press the button twice.
            if self.shop.world.random.random() < 0.1:
                self.shop.world.plan(self.shop.world.soon(120), self.arrive)
            else:
                self._choose(order_id)

    def _order(self, lines: list[dict[str, object]]) -> Answer | None:
        """Every customer's key is the same: nobody else's order may be found by it, or stand in the way."""
        answer = self.shop.request("order", "POST", "/orders", self._token, body={"lines": lines}, key="wish")
        if answer is not None and lines is self.lines and "idempotency" in str(answer.body):
            self.shop.world.surprises.append(f"{self.name} may not ask for the same order again: {answer}.")
        return answer

    def _ask_again(self) -> None:
        """Much later a browser sends the request once more, wherever the order is by then."""
        answer = self._order(self.lines)
        if answer is not None and answer.status == 201:
            self.orders.add(UUID(answer.body["order_id"]))

    def _ask_for_something_else(self) -> None:
        """The same key for another order: refused, whatever state the first one is in."""
        lines = [{**line, "quantity": 3} for line in self.lines]
        answer = self._order(lines)
        if answer is not None and answer.status < 500 and answer.status != 409:
            self.shop.world.surprises.append(f"A key was taken for two orders: {answer}.")

    def _choose(self, order_id: UUID) -> None:
        """What this customer does with the order; some do several of these things at once."""
        actions: list[Callable[[], None]] = self.shop.world.random.choice(
            [
                *[[lambda: self._pay(order_id), lambda: self._receive(order_id)]] * 6,
                [lambda: self._be_declined(order_id)],
                [lambda: self._be_declined(order_id), lambda: self._pay(order_id)],
                *[[lambda: self._try_two_cards(order_id)]] * 2,
                [lambda: self._cancel(order_id)],
                [lambda: self._cancel(order_id), lambda: self._pay(order_id)],
                [lambda: self._pay(order_id), lambda: self._pay(order_id)],
                [lambda: self._pay(order_id, late=True)],
                [self._ask_for_something_else, lambda: self.shop.provider.lie(order_id)],
                [],
            ]
        )
        for act in actions:
            self.shop.world.plan(self.shop.world.soon(600), act)

    def _pay(self, order_id: UUID, late: bool = False) -> None:
        if self._checkout(order_id):
            wait = timedelta(minutes=40) if late else self.shop.world.soon(300)
            self.shop.world.plan(wait, lambda: self.shop.provider.pay(order_id))

    def _receive(self, order_id: UUID) -> None:
        """An operator sends the parcel, as soon as the order is paid; the customer looks at it meanwhile."""
        self._look(order_id)
        answer = self.shop.request(
            "order",
            "POST",
            "/orders/{order_id}/deliver",
            token_of("olga", OPERATORS),
            path=str(order_id),
        )
        if answer is None or answer.status != 200:
            self._again(lambda: self._receive(order_id))
        else:
            self.delivered.add(order_id)
            self.shop.world.plan(self.shop.world.soon(3600), self._ask_again)
            for _ in range(5):
                self.shop.world.plan(self.shop.world.soon(900), lambda: self._look(order_id))

    def _look(self, order_id: UUID) -> None:
        """Wherever the order is, its customer finds it, by its id and in the list."""
        token = self._token
        one = self.shop.request("order", "GET", "/orders/{order_id}", token, path=str(order_id))
        if one is not None and one.status < 500 and one.body.get("order_id") != str(order_id):
            self.shop.world.surprises.append(f"Order {order_id} could not be found: {one.body}.")
        if one is not None and one.status == 200:
            self._compare(one.body)
        all_of_them = self.shop.request("order", "GET", "/orders", token)
        if all_of_them is not None and all_of_them.status == 200 and not all_of_them.body["incomplete"]:
            listed = [order["order_id"] for order in all_of_them.body["items"]]
            if listed.count(str(order_id)) != 1:
                self.shop.world.surprises.append(f"Order {order_id} is not once in its customer's list.")

    def _compare(self, body: dict[str, Any]) -> None:
        """What was once shown of the order is shown ever after, live or archived."""
        seen, self._seen = self._seen or body, body
        stories = zip(body["story"], seen["story"], strict=False)
        if any(body[name] != seen[name] for name in LASTING) or any(one != other for one, other in stories):
            self.shop.world.surprises.append(f"An order was {seen}, and is {body}.")

    def _be_declined(self, order_id: UUID) -> None:
        if self._checkout(order_id):
            self.shop.world.plan(self.shop.world.soon(300), lambda: self.shop.provider.decline(order_id))

    def _try_two_cards(self, order_id: UUID) -> None:
        """The first is declined, the second is taken, perhaps before the shop hears of the first."""
        if self._checkout(order_id):
            self.shop.provider.decline(order_id)
            self.shop.world.plan(self.shop.world.soon(5), lambda: self.shop.provider.pay(order_id))

    def _checkout(self, order_id: UUID) -> bool:
        for _ in range(PATIENCE):
            answer = self.shop.request(
                "payment", "POST", "/payments/checkout", self._token, body={"order_id": str(order_id)}
            )
            if _is_final(answer):
                return answer is not None and answer.status == 201
        return False

    def _cancel(self, order_id: UUID) -> None:
        self.given_up.add(order_id)
        answer = self.shop.request(
            "order", "POST", "/orders/{order_id}/cancel", self._token, path=str(order_id)
        )
        if not _is_final(answer):
            self._again(lambda: self._cancel(order_id))
        elif answer is not None and answer.status == 200:
            self.canceled.add(order_id)

    def _again(self, act: Callable[[], None]) -> None:
        """Most people try again, a few times."""
        if self._tries < 2 * PATIENCE and self.shop.world.random.random() < 0.8:
            self._tries += 1
            self.shop.world.plan(self.shop.world.soon(300), act)

    @property
    def _token(self) -> str:
        return token_of(self.name)


def _is_final(answer: Answer | None) -> bool:
    return answer is not None and answer.status < 500
