"""Hand-written stand-ins for what the shop does not own, or tests want to decide."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import define, field

from common.clock import uuid7
from common.domain.customer import Customer
from common.domain.stock import ReservationState, StockLine
from common.errors import Unauthenticated, Unavailable


@define
class FakeClock:
    """`Clock` that stands still until it is told to go on."""

    moment: datetime = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

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
    """`Tokens` that reads made-up tokens: "customer:NAME" and "operator:NAME" are signed in, nobody else."""

    def verify(self, token: str) -> Customer:
        role, _, name = token.partition(":")
        if role not in ("customer", "operator") or not name:
            raise Unauthenticated("Your sign-in is not valid, or no longer. Sign in again.")
        groups = frozenset({"operators"}) if role == "operator" else frozenset[str]()
        return Customer(name, f"{name}@example.com", groups)


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
class RecordingFunctions:
    """`Functions` that answers null to everything, and keeps what it was asked."""

    calls: list[tuple[str, str, Mapping[str, object]]] = field(factory=list)

    def call(self, service: str, function: str, arguments: Mapping[str, object]) -> object:
        self.calls.append((service, function, arguments))
        return None
