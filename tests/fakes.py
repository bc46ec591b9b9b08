"""Hand-written stand-ins for what the shop does not own, or tests want to decide."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field

from common.clock import uuid7
from common.domain.customer import Customer
from common.domain.order import Order
from common.domain.stock import ReservationState, StockLine
from common.errors import Unauthenticated, Unavailable
from common.ports.archive import OrderCopy
from common.repositories.memory.archive import MemoryArchive

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@define
class FakeClock:
    """`Clock` that stands still until it is told to go on."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, time: timedelta) -> None:
        self.moment += time


@define
class FakeIds:
    """`Ids` that differ by nothing but their moment and a count."""

    made: int = 0

    def new(self, at: datetime) -> UUID:
        self.made += 1
        return uuid7(at, self.made.to_bytes(10, "big"))


class FakeTokens:
    """`Tokens` that believes the tokens of `token_of`, and no other."""

    def verify(self, token: str) -> Customer:
        head, _, rest = token.partition(".")
        claims, _, signature = rest.partition(".")
        if (head, signature) != ("fake", "fake"):
            raise Unauthenticated("Your sign-in is not valid, or no longer. Sign in again.")
        name, groups = json.loads(base64.urlsafe_b64decode(claims))["person"]
        return Customer(name, f"{name}@example.com", name.capitalize(), frozenset(groups))


def token_of(name: str, *groups: str) -> str:
    """A token that `FakeTokens` believes; its form is that of a JWT, which Chalice's test client reads."""
    claims = json.dumps({"cognito:username": name, "person": [name, groups]})
    return f"fake.{base64.urlsafe_b64encode(claims.encode()).decode()}.fake"


@define
class FakeInventory:
    """`Inventory` that counts from a dict, and answers nothing while it is `down`."""

    available: dict[str, int] = field(factory=dict)
    down: bool = False

    def get_inventory(self, product_ids: Collection[str]) -> dict[str, int]:
        self._answer()
        return {product_id: self.available.get(product_id, 0) for product_id in product_ids}

    def reserve_stock(self, order_id: UUID, lines: Sequence[StockLine]) -> ReservationState:
        self._answer()
        return ReservationState.HELD

    def release_stock(self, order_id: UUID) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("The inventory service does not answer. Please try again.")


@define
class FlakyArchive:
    """`OrderArchive` in memory that answers nothing while it is `down`."""

    archive: MemoryArchive = field(factory=MemoryArchive)
    down: bool = False

    def put(self, copies: Sequence[OrderCopy]) -> None:
        self._answering().put(copies)

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        return self._answering().read_back(copies)

    def get(self, order_id: UUID) -> Order | None:
        return self._answering().get(order_id)

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        return self._answering().page(customer_id, before, limit)

    def _answering(self) -> MemoryArchive:
        if self.down:
            raise Unavailable("The archive of orders does not answer. Please try again.")
        return self.archive


@define
class RecordingFunctions:
    """`Functions` that answers null to everything, and keeps what it was asked."""

    calls: list[tuple[str, str, Mapping[str, object]]] = field(factory=list)

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> object:
        self.calls.append((service, function, arguments))
        return None


@define
class FakeSecrets:
    """`Secrets` that are what they were given as; `reads` has the `again` of each read."""

    secrets: dict[str, dict[str, Any]]
    reads: list[bool] = field(factory=list)

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        self.reads.append(again)
        return self.secrets[name]
