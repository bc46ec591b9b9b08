"""Where orders are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from common.domain.order import CancelReason, Order, OrderStatus
from common.domain.payment import Payment
from common.kinds import value
from common.ports.archive import OrderCopy
from common.ports.audit import OrderRange


@value
class Request:
    """A customer's request for an order, as it is told from another.

    `key` is the customer's Idempotency-Key, `fingerprint` stands for what was asked with it.
    """

    key: str
    fingerprint: str


@value
class Step:
    """A change of state: from one, to another, when and by what cause, and why if it is a cancellation."""

    leaves: OrderStatus
    enters: OrderStatus
    at: datetime
    cause: str
    reason: CancelReason | None = None
    payment: Payment | None = None


@value
class Delivered:
    """A delivered order as it was read; `version` is another one after each change of it."""

    copy: OrderCopy
    version: str


@value
class OrderRecord:
    """A live order, and when the stock of a canceled one was given back."""

    order: Order
    stock_returned_at: datetime | None


@value
class StuckOrder:
    """An order that a schedule should have finished, and since when."""

    order_id: UUID
    status: OrderStatus
    since: datetime
    schedule: str
    """The function that does it, such as `expire_unpaid`."""


class Orders(Protocol):
    """Orders, one at a time: what placing, paying and delivering them needs."""

    def add(self, order: Order, request: Request) -> bool:
        """Stores a new order. False, and nothing stored, if its customer has used the key before."""
        ...

    def find(self, customer_id: str, key: str) -> tuple[Order, Request] | None:
        """The order that the customer asked for with this key, and the request for it."""
        ...

    def get(self, order_id: UUID) -> Order | None:
        """The order with its story."""
        ...

    def take(self, order_id: UUID, step: Step) -> Order | None:
        """Takes the step if the order is in the state that it leaves, and returns the order after it.

        None, and nothing changed, if the order is in another state or does not exist.
        """
        ...


class OrderRepository(Orders, Protocol):
    """The orders that are live: all but those that were archived, which are here no more."""

    def asked(self, customer_id: str, key: str) -> tuple[UUID, Request] | None:
        """The id of the order that the customer asked for with this key, also if it is no longer here."""
        ...

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        """The customer's newest `limit` orders, older than the order `before` only; without stories."""
        ...

    def overdue(self, status: OrderStatus, before: datetime, limit: int) -> Sequence[UUID]:
        """Orders in `status` to be finished: unpaid ones that expired, reserving ones placed, before then."""
        ...

    def owing_stock(self, limit: int) -> Sequence[UUID]:
        """Canceled orders whose stock is not known to have been given back."""
        ...

    def stock_returned(self, order_id: UUID, at: datetime) -> None:
        """Notes that the stock of a canceled order was given back."""
        ...

    def audit(self, wanted: OrderRange) -> Sequence[OrderRecord]:
        """The first live orders of the range, with their stories, in the order of their ids."""
        ...

    def delivered(self, before: datetime, after: UUID | None, limit: int) -> Sequence[Delivered]:
        """Orders that were delivered until then, in the order of their ids, those after `after` only."""
        ...

    def remove(self, orders: Collection[Delivered]) -> int:
        """Removes those that are as they were read, with their stories; returns how many.

        Their customers' keys stay used: `asked` still knows them.
        """
        ...
